// A run of the replay as its folder remembers it (run.json), so that the same command on the same folder goes on where
// it was stopped, with the same ids and keys: whatever is executed again is the same operation, not another one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "cli/order_book.h"
#include "cli/replay_options.h"
#include "engine/device/device.h"

namespace outpost::cli {

struct ReplayRun {
  std::string id;      // ULID, made with the folder
  std::string digest;  // of the order book: position + run name an order only while the book is the same
  int devices = 0;     // orders are dealt by position modulo devices
};

// Held while somebody works in a folder: the replay in the run's, each device process in its own. Ends with the
// process, however that ends.
class FolderLock {
 public:
  // Makes the folder. kBusy: still held by another process after `patience`.
  static Result<FolderLock> Take(const std::string& folder, Milliseconds patience);
  FolderLock(FolderLock&& other) noexcept;
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;
  FolderLock& operator=(FolderLock&&) = delete;
  ~FolderLock();

 private:
  explicit FolderLock(int file) : file_(file) {}
  int file_;
};

// Loads DIR/run.json, or makes it. kInvalidArgument: the folder holds a run of another book or number of devices.
Result<ReplayRun> OpenReplayRun(const ReplayOptions& options, const std::string& digest, Timestamp now);
// kNotFound when there is none: for device processes, which never make one.
Result<ReplayRun> LoadReplayRun(const std::string& data);

// From the operating system: ids must never repeat, neither across devices nor across their lives.
std::uint64_t SystemEntropy();

std::string DeviceFolder(const std::string& data, int device);

// The server's id of the order at `position` in the book.
DocumentId OrderIdOf(const ReplayRun& run, std::size_t position);

// Create, send to kitchen, close with cash; keys are the order's id and the step, so each is one operation for ever.
std::vector<engine::Intent> IntentsOf(const BookOrder& order, const DocumentId& id);

}  // namespace outpost::cli
