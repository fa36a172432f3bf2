#include "cli/replay_progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace outpost::cli {
namespace {

constexpr std::chrono::milliseconds kTerminalEvery{100};
constexpr std::chrono::milliseconds kPlainEvery{5000};
constexpr int kBarWidth = 16;

std::string Numbers(const FleetProgress& progress, std::int64_t orders_to_play) {
  std::string line = std::to_string(progress.orders) + "/" + std::to_string(orders_to_play) + " orders, " +
                     std::to_string(progress.acknowledged()) + " commands acknowledged, " +
                     std::to_string(progress.waiting) + " waiting, " + std::to_string(progress.devices_cut) + "/" +
                     std::to_string(progress.devices) + " devices offline";
  if (progress.refused > 0) line += ", " + std::to_string(progress.refused) + " refused";
  return line;
}

// A line that wraps could not be rewritten.
std::string FitTerminal(std::string line) {
  winsize size{};
  constexpr std::size_t kColumnsUsual = 80;
  const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  line.resize(std::min(line.size(), (known ? std::size_t{size.ws_col} : kColumnsUsual) - 1));
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
  const std::string line = Bar(progress) + " " + Numbers(progress, orders_to_play_);
  std::fprintf(stderr, "\r\x1b[K%s", FitTerminal(line).c_str());
  std::fflush(stderr);
  line_open_ = true;
}

// '#' acknowledged, '+' executed and waiting.
std::string ReplayProgress::Bar(const FleetProgress& progress) const {
  const auto width = [](double part) { return static_cast<std::size_t>(std::clamp(part, 0.0, 1.0) * kBarWidth); };
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
