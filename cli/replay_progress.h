// How a replay stands, on stderr: one line that is rewritten on a terminal, a plain line now and then elsewhere.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "cli/replay_report.h"

namespace outpost::cli {

struct FleetProgress {
  std::int64_t orders = 0;
  std::int64_t commands = 0;
  std::int64_t settled_before = 0;
  std::int64_t waiting = 0;
  std::int64_t refused = 0;
  int devices = 0;
  int devices_cut = 0;

  std::int64_t acknowledged() const { return commands - waiting - refused; }
};

FleetProgress Sum(std::span<const DeviceProgress> devices);

class ReplayProgress {
 public:
  explicit ReplayProgress(std::int64_t orders_to_play);
  // Leaves the terminal on a fresh line.
  ~ReplayProgress();
  ReplayProgress(const ReplayProgress&) = delete;
  ReplayProgress& operator=(const ReplayProgress&) = delete;

  // Writes when it is time to.
  void Show(const FleetProgress& progress);

 private:
  using Clock = std::chrono::steady_clock;

  std::string Bar(const FleetProgress& progress) const;

  std::int64_t orders_to_play_;
  bool terminal_;
  bool line_open_ = false;
  Clock::time_point shown_;
};

}  // namespace outpost::cli
