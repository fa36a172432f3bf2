#include "sim/range.h"

#include <cstdio>

namespace outpost::sim {
namespace {

// printf-style for one number: C++20's format is not in every library we build with.
template <class Number>
std::string Formatted(const char* format, Number number) {
  char text[64];
  std::snprintf(text, sizeof text, format, number);
  return text;
}

}  // namespace

RangeReport RunRange(const RangeOptions& options, const std::function<void(const std::string&)>& say) {
  RangeReport sum;
  for (std::uint64_t seed = options.first; seed <= options.last; ++seed) {
    if (options.started) options.started(seed);
    WorldOptions world;
    world.seed = seed;
    world.devices = options.devices;
    world.steps = options.steps;
    world.trace_lines = options.trace_lines;
    world.echo = options.echo;
    const WorldReport report = World(world).Run();
    ++sum.seeds;
    sum.virtual_time += report.virtual_time;
    sum.trace_hash = sum.trace_hash * 31 + report.trace_hash;
    sum.counters.Merge(report.counters);
    if (report.broken.empty()) continue;
    sum.broken.push_back(seed);
    say(DescribeFailure(options, seed, report));
    if (!options.keep_going) break;
  }
  return sum;
}

std::string DescribeFailure(const RangeOptions& options, std::uint64_t seed, const WorldReport& report) {
  std::string text = "seed " + std::to_string(seed) + " breaks a law:\n";
  for (const std::string& what : report.broken) text += "  " + what + "\n";
  text += "the last of its trace:\n";
  for (const std::string& line : report.trace) text += line + "\n";
  text += "again: outpost sim --seed " + std::to_string(seed);
  if (options.devices != 0) text += " --devices " + std::to_string(options.devices);
  if (options.steps != kStepsDefault) text += " --steps " + std::to_string(options.steps);
  return text + "\n";
}

std::string DescribeRange(const RangeReport& report, double wall_seconds) {
  std::string text = "what happened, times\n";
  for (const auto& [name, count] : report.counters.all()) {
    text += Formatted("%10llu  ", static_cast<unsigned long long>(count)) + name + "\n";
  }
  const double hours = static_cast<double>(report.virtual_time.count()) / 3'600'000.0;
  text += std::to_string(report.seeds) + (report.seeds == 1 ? " seed, " : " seeds, ") +
          Formatted("%.1f virtual hours, ", hours) + Formatted("%.2f s, ", wall_seconds);
  if (wall_seconds > 0) {
    text += Formatted("%.1f virtual hours a second, ", hours / wall_seconds) +
            Formatted("%.0f seeds a minute, ", static_cast<double>(report.seeds) * 60.0 / wall_seconds);
  }
  text += "trace " + Formatted("%016llx", static_cast<unsigned long long>(report.trace_hash)) + "\n";
  return text;
}

}  // namespace outpost::sim
