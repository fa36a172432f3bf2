// Many seeds, in child processes side by side: stops at the first that breaks a law, makes that one smaller, sums what
// really happened, and says it in words.
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
  std::vector<std::string> without;  // faults that never strike
  std::vector<std::string> with;     // faults that strike in every seed
  std::size_t trace_lines = kTraceLinesDefault;
  bool keep_going = false;  // past seeds that broke a law
  bool shrink = true;       // look for fewer steps, devices and faults that break the law too
  unsigned at_once = 0;     // child processes; 0: one per processor
  double seconds_max = 0;   // begin no seed after that long; 0: no limit
};

struct BrokenSeed {
  std::uint64_t seed = 0;
  std::string what;
};

struct RangeReport {
  std::uint64_t seeds = 0;
  std::vector<BrokenSeed> broken;
  Milliseconds virtual_time{0};
  std::uint64_t trace_hash = 0;  // over all seeds, in their order
  Counters counters;
};

WorldOptions WorldOf(const RangeOptions& options, std::uint64_t seed);

// `say` gets what a person should read at once: each failure, as it happens.
RangeReport RunRange(const RangeOptions& options, const std::function<void(const std::string&)>& say);

// One seed in a child process: an assertion in it is a broken law like any other.
WorldReport RunApart(const WorldOptions& options);

// The command that runs it again.
std::string CommandFor(const WorldOptions& options);
// What broke, the last lines of the trace, and that command.
std::string DescribeFailure(const WorldOptions& options, const WorldReport& report);
// The table of what happened, and how fast.
std::string DescribeRange(const RangeReport& report, double wall_seconds);

}  // namespace outpost::sim
