// A process that shares a device's store with others: it executes sales and flushes when it has the lease. Its network
// is a socket to its parent, which plays the server; frames are a length and JSON. Real time, real files, real signals.
#pragma once

#include <sys/types.h>

#include <deque>
#include <string>

#include "engine/device/device.h"

namespace outpost::lease {

struct Frame {
  std::int64_t exchange = 0;  // 0: a word about the process itself
  std::string kind;           // "request", "response", "executed", "lease"
  std::string method, target, body, content_type;
  std::int64_t status = 0;
};

// One end of a socket; never blocks.
class Channel {
 public:
  explicit Channel(int fd);
  void Send(const Frame& frame);
  // Moves bytes both ways, waiting at most so long for the other side; false: the other side is gone.
  bool Pump(int wait_ms);
  std::deque<Frame> received;

 private:
  int fd_;
  std::string in_, out_;
};

struct SharingPlan {
  engine::DeviceOptions options;
  int commands = 0;
  std::uint64_t seed = 0;
};

// Forks; the child works the plan through and ends when its channel closes. Returns the parent's end.
struct SharingProcess {
  pid_t pid = 0;
  Channel channel;
};
SharingProcess Fork(const SharingPlan& plan);

}  // namespace outpost::lease
