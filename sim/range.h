// Many seeds, one after the other: stops at the first that breaks a law, sums what really happened, and says it in
// words.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sim/world.h"

namespace outpost::sim {

struct RangeOptions {
  std::uint64_t first = 1;
  std::uint64_t last = 1;
  int devices = 0;  // 0: each seed decides
  int steps = kStepsDefault;
  std::size_t trace_lines = kTraceLinesDefault;
  bool keep_going = false;                          // past seeds that broke a law
  std::function<void(std::uint64_t seed)> started;  // hears each seed as it begins
  Trace::Echo echo;
};

struct RangeReport {
  std::uint64_t seeds = 0;
  std::vector<std::uint64_t> broken;
  Milliseconds virtual_time{0};
  std::uint64_t trace_hash = 0;  // over all seeds
  Counters counters;
};

// `say` gets what a person should read at once: each failure, as it happens.
RangeReport RunRange(const RangeOptions& options, const std::function<void(const std::string&)>& say);

// What broke, the last lines of the trace, and the command that runs it again.
std::string DescribeFailure(const RangeOptions& options, std::uint64_t seed, const WorldReport& report);
// The table of what happened, and how fast.
std::string DescribeRange(const RangeReport& report, double wall_seconds);

}  // namespace outpost::sim
