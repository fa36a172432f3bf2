#include "cli/replay_progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace outpost::cli {
namespace {

constexpr std::chrono::milliseconds kTerminalEvery{100};
constexpr std::chrono::milliseconds kPlainEvery{5000};
constexpr int kBarWidth = 24;

std::string Numbers(const FleetProgress& progress, std::int64_t orders_to_play) {
  char line[240];
  std::snprintf(line, sizeof line,
                "orders %lld/%lld, commands acknowledged %lld, waiting %lld, refused %lld, devices offline %d/%d",
                static_cast<long long>(progress.orders), static_cast<long long>(orders_to_play),
                static_cast<long long>(progress.acknowledged()), static_cast<long long>(progress.waiting),
                static_cast<long long>(progress.refused), progress.devices_cut, progress.devices);
  return line;
}

}  // namespace

FleetProgress Sum(std::span<const DeviceProgress> devices) {
  FleetProgress sum;
  for (const DeviceProgress& device : devices) {
    sum.orders += device.orders;
    sum.commands += device.commands;
    sum.settled_before += device.settled_before;
    sum.waiting += device.waiting;
    sum.refused += device.refused;
    ++sum.devices;
    if (device.line_cut) ++sum.devices_cut;
  }
  return sum;
}

ReplayProgress::ReplayProgress(std::int64_t orders_to_play)
    : orders_to_play_(orders_to_play), terminal_(isatty(STDERR_FILENO) == 1), shown_(Clock::now()) {}

ReplayProgress::~ReplayProgress() {
  if (line_open_) std::fputc('\n', stderr);
}

void ReplayProgress::Show(const FleetProgress& progress) {
  const Clock::time_point now = Clock::now();
  if (now - shown_ < (terminal_ ? kTerminalEvery : kPlainEvery)) return;
  shown_ = now;
  if (!terminal_) {
    std::fprintf(stderr, "%s\n", Numbers(progress, orders_to_play_).c_str());
    return;
  }
  std::fprintf(stderr, "\r\x1b[K%s %s", Bar(progress).c_str(), Numbers(progress, orders_to_play_).c_str());
  std::fflush(stderr);
  line_open_ = true;
}

// '#' acknowledged, '+' executed and waiting.
std::string ReplayProgress::Bar(const FleetProgress& progress) const {
  const auto width = [this](double part) { return static_cast<std::size_t>(std::clamp(part, 0.0, 1.0) * kBarWidth); };
  const double executed =
      orders_to_play_ == 0 ? 1.0 : static_cast<double>(progress.orders) / static_cast<double>(orders_to_play_);
  const double acknowledged = progress.commands == 0 ? 0.0
                                                     : executed * static_cast<double>(progress.acknowledged()) /
                                                           static_cast<double>(progress.commands);
  std::string bar(static_cast<std::size_t>(kBarWidth), '.');
  std::fill_n(bar.begin(), width(executed), '+');
  std::fill_n(bar.begin(), width(acknowledged), '#');
  return "[" + bar + "]";
}

}  // namespace outpost::cli
