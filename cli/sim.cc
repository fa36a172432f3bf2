#include "cli/sim.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "sim/range.h"

namespace outpost::cli {
namespace {

constexpr int kDevicesMax = 32;

std::optional<std::uint64_t> ParseSeed(std::string_view text) {
  std::uint64_t seed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return seed;
}

// "A..B"; false: it is no range.
bool ParseRange(std::string_view text, sim::RangeOptions& options) {
  const auto dots = text.find("..");
  if (dots == std::string_view::npos) return false;
  const auto first = ParseSeed(text.substr(0, dots));
  const auto last = ParseSeed(text.substr(dots + 2));
  if (!first.has_value() || !last.has_value() || *last < *first) return false;
  options.first = *first;
  options.last = *last;
  return true;
}

int Run(const sim::RangeOptions& options) {
  const auto begin = std::chrono::steady_clock::now();
  const auto say = [](const std::string& text) {
    std::fputs(text.c_str(), stdout);
    std::fflush(stdout);
  };
  const sim::RangeReport report = sim::RunRange(options, say);
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
  say(sim::DescribeRange(report, wall.count()));
  if (report.broken.empty()) return 0;
  std::string seeds;
  for (const std::uint64_t seed : report.broken) seeds += " " + std::to_string(seed);
  say("broken:" + seeds + "\n");
  return 1;
}

}  // namespace

void RegisterSim(CLI::App& app, std::function<int()>& run) {
  auto options = std::make_shared<sim::RangeOptions>();
  auto range = std::make_shared<std::string>();
  CLI::App* sim = app.add_subcommand("sim", "Run simulated fleets: lossy network, crashing disks, every law checked");
  CLI::Option* seed = sim->add_option("--seed", options->first, "One seed");
  CLI::Option* seeds = sim->add_option("--seeds", *range, "A range of seeds, A..B")
                           ->excludes(seed)
                           ->check([options](const std::string& text) {
                             sim::RangeOptions parsed = *options;
                             return ParseRange(text, parsed) ? std::string() : "a range looks like 1..1000, not " + text;
                           });
  sim->add_option("--devices", options->devices, "Devices; each seed chooses when not given")->check(CLI::Range(1, kDevicesMax));
  sim->add_option("--steps", options->steps, "What all people together do in one seed")->check(CLI::Range(1, 1'000'000));
  sim->add_option("--trace-lines", options->trace_lines, "How much of a failing seed's trace is shown");
  sim->add_flag("--keep-going", options->keep_going, "Go on past seeds that broke a law");
  sim->callback([options, range, seeds, &run] {
    if (seeds->count() > 0) {
      ParseRange(*range, *options);
    } else {
      options->last = options->first;
    }
    run = [options] { return Run(*options); };
  });
}

}  // namespace outpost::cli
