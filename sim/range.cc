#include "sim/range.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <utility>

#include "protocol/json.h"
#include "sim/children.h"
#include "sim/shrink.h"

namespace outpost::sim {
namespace {

using Clock = std::chrono::steady_clock;

// printf-style for one number: C++20's format is not in every library we build with.
template <class Number>
std::string Formatted(const char* format, Number number) {
  char text[64];
  std::snprintf(text, sizeof text, format, number);
  return text;
}

json::array ToArray(const std::vector<std::string>& texts) {
  json::array array;
  for (const std::string& text : texts) array.emplace_back(text);
  return array;
}

std::vector<std::string> ToTexts(const json::value* array) {
  std::vector<std::string> texts;
  if (array == nullptr || !array->is_array()) return texts;
  for (const json::value& text : array->get_array()) texts.emplace_back(text.get_string());
  return texts;
}

// What a child tells of a seed, one line.
std::string ToLine(std::uint64_t seed, const WorldReport& report) {
  json::object counters;
  for (const auto& [name, count] : report.counters.all()) counters[name] = count;
  return ToJson(json::object{{"seed", seed},
                             {"hash", Formatted("%llx", static_cast<unsigned long long>(report.trace_hash))},
                             {"virtualMs", report.virtual_time.count()},
                             {"acts", report.acts},
                             {"counters", std::move(counters)},
                             {"broken", ToArray(report.broken)},
                             {"trace", ToArray(report.trace)}});
}

WorldReport FromLine(const json::object& line) {
  WorldReport report;
  report.trace_hash = std::stoull(std::string(StringOr(line, "hash", "0")), nullptr, 16);
  report.virtual_time = Milliseconds(IntegerOr(line, "virtualMs", 0));
  report.acts = static_cast<int>(IntegerOr(line, "acts", 0));
  report.broken = ToTexts(Find(line, "broken"));
  report.trace = ToTexts(Find(line, "trace"));
  if (const json::value* counters = Find(line, "counters"); counters != nullptr && counters->is_object()) {
    for (const auto& member : counters->get_object()) {
      report.counters.Add(member.key(), static_cast<std::uint64_t>(AsInteger(member.value())));
    }
  }
  return report;
}

// A child plays seed, seed + stride, … and tells of each.
class RangeRun {
 public:
  RangeRun(const RangeOptions& options, const std::function<void(const std::string&)>& say)
      : options_(options), say_(say), began_(Clock::now()) {
    const std::uint64_t count = options.last - options.first + 1;
    stride_ = std::min<std::uint64_t>(options.at_once != 0 ? options.at_once : ProcessorCount(), count);
  }

  RangeReport Run() {
    for (std::uint64_t child = 0; child < stride_; ++child) Begin(child, options_.first + child);
    while (const auto event = children_.Next()) {
      event->line ? Hear(event->tag, *event->line) : End(event->tag, event->crashed);
    }
    for (const auto& [seed, hash] : hashes_) sum_.trace_hash = sum_.trace_hash * 31 + hash;
    return std::move(sum_);
  }

 private:
  void Begin(std::uint64_t child, std::uint64_t from) {
    if (from > options_.last) return;
    at_[child] = from;
    const bool started = children_.Start(child, [&, from](std::FILE* out) {
      for (std::uint64_t seed = from; seed <= options_.last; seed += stride_) {
        if (options_.seconds_max > 0 && Elapsed() > options_.seconds_max && seed > options_.first + stride_) return;
        std::fprintf(out, "%llu\n", static_cast<unsigned long long>(seed));
        const WorldReport report = World(WorldOf(options_, seed)).Run();
        std::fprintf(out, "%s\n", ToLine(seed, report).c_str());
        if (!report.broken.empty() && !options_.keep_going) return;
      }
    });
    OUTPOST_ASSERT(started);
  }

  double Elapsed() const { return std::chrono::duration<double>(Clock::now() - began_).count(); }

  void Hear(std::uint64_t child, const std::string& line) {
    if (line.front() != '{') {
      at_[child] = std::stoull(line);
      return;
    }
    const auto parsed = ParseJson(line);
    OUTPOST_ASSERT(parsed.ok());
    Take(at_.at(child), FromLine(parsed.value().get_object()));
  }

  void End(std::uint64_t child, bool crashed) {
    if (!crashed || stopped_) return;
    const std::uint64_t seed = at_.at(child);
    Take(seed, RunApart(WorldOf(options_, seed)));
    if (options_.keep_going) Begin(child, seed + stride_);
  }

  void Take(std::uint64_t seed, const WorldReport& report) {
    if (stopped_) return;
    ++sum_.seeds;
    sum_.virtual_time += report.virtual_time;
    sum_.counters.Merge(report.counters);
    hashes_[seed] = report.trace_hash;
    if (report.broken.empty()) return;
    sum_.broken.push_back({seed, report.broken.front()});
    WorldOptions world = WorldOf(options_, seed);
    if (!options_.keep_going) {
      stopped_ = true;
      for (std::uint64_t child = 0; child < stride_; ++child) children_.Kill(child);
    }
    say_(DescribeFailure(world, report));
    if (options_.keep_going || !options_.shrink) return;
    const WorldReport smaller = Shrink(world, report);
    if (CommandFor(world) != CommandFor(WorldOf(options_, seed))) say_("smaller:\n" + DescribeFailure(world, smaller));
  }

  const RangeOptions& options_;
  const std::function<void(const std::string&)>& say_;
  Clock::time_point began_;
  std::uint64_t stride_ = 1;
  Children children_;
  std::map<std::uint64_t, std::uint64_t> at_;  // child → seed
  std::map<std::uint64_t, std::uint64_t> hashes_;
  RangeReport sum_;
  bool stopped_ = false;
};

}  // namespace

WorldOptions WorldOf(const RangeOptions& options, std::uint64_t seed) {
  WorldOptions world;
  world.seed = seed;
  world.devices = options.devices;
  world.steps = options.steps;
  world.without = options.without;
  world.with = options.with;
  world.trace_lines = options.trace_lines;
  return world;
}

RangeReport RunRange(const RangeOptions& options, const std::function<void(const std::string&)>& say) {
  return RangeRun(options, say).Run();
}

WorldReport RunApart(const WorldOptions& options) {
  Children children;
  const bool started = children.Start(0, [&](std::FILE* out) {
    WorldOptions mine = options;
    // The trace leaves line by line: a child that ends itself tells nothing afterwards.
    mine.echo = [out](const std::string& line) { std::fprintf(out, "%s\n", line.c_str()); };
    const WorldReport report = World(mine).Run();
    std::fprintf(out, "%s\n", ToLine(mine.seed, report).c_str());
  });
  OUTPOST_ASSERT(started);
  WorldReport report;
  while (const auto event = children.Next()) {
    if (event->line && event->line->starts_with("{\"seed\"")) {
      const auto parsed = ParseJson(*event->line);
      OUTPOST_ASSERT(parsed.ok());
      return FromLine(parsed.value().get_object());
    }
    if (!event->line) break;
    report.trace.push_back(*event->line);
    if (report.trace.size() > options.trace_lines) report.trace.erase(report.trace.begin());
  }
  report.acts = options.steps;
  report.broken = {"the program ended itself: an assertion failed, or memory was misused"};
  return report;
}

std::string CommandFor(const WorldOptions& options) {
  std::string text = "outpost sim --seed " + std::to_string(options.seed);
  if (options.devices != 0) text += " --devices " + std::to_string(options.devices);
  if (options.steps != kStepsDefault) text += " --steps " + std::to_string(options.steps);
  for (const std::string& fault : options.with) text += " --with '" + fault + "'";
  for (const std::string& fault : options.without) text += " --without '" + fault + "'";
  return text;
}

std::string DescribeFailure(const WorldOptions& options, const WorldReport& report) {
  std::string text = "seed " + std::to_string(options.seed) + " breaks a law:\n";
  for (const std::string& what : report.broken) text += "  " + what + "\n";
  text += "the last of its trace:\n";
  for (const std::string& line : report.trace) text += line.substr(0, 400) + "\n";
  return text + "again: " + CommandFor(options) + "\n";
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
