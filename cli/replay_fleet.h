// The device processes of a replay: starts them, hears them, starts one again that a signal killed, stops them all.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "cli/replay_options.h"
#include "cli/replay_report.h"

namespace outpost::cli {

// Of one device. A store that kills its process every time must not be tried for ever.
inline constexpr int kDeviceRestartsMax = 20;

class ReplayFleet {
 public:
  explicit ReplayFleet(const ReplayOptions& options);
  ReplayFleet(const ReplayFleet&) = delete;
  ReplayFleet& operator=(const ReplayFleet&) = delete;
  // Stops what still runs.
  ~ReplayFleet();

  Status Start();

  // Hears what there is to hear, waiting up to `wait_max` or until `wake_fd` can be read; restarts the killed.
  Status RunOnce(Milliseconds wait_max, int wake_fd);

  // SIGTERM to all, SIGKILL to those that do not end in time.
  void Stop();

  bool running() const;
  // A device ended before it was done, or was given up.
  bool failed() const;
  int restarts() const;
  // By device; `settled_before` is that of its first life in this replay.
  std::vector<DeviceProgress> progress() const;

 private:
  struct Member {
    pid_t pid = -1;
    int pipe = -1;
    int lives = 0;
    bool failed = false;
    std::string heard;  // an incomplete line
    DeviceProgress progress;
    std::int64_t settled_before = 0;
  };

  Status StartMember(int index);
  void Hear(Member& member);
  void TakeLine(Member& member, std::string_view line);
  // Its process has ended.
  Status Bury(int index, int wait_status);
  Status Reap();

  const ReplayOptions& options_;
  std::vector<Member> members_;
};

}  // namespace outpost::cli
