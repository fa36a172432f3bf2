#include "cli/sim.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

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

// What a single seed is played with. Returns --seed.
CLI::Option* AddOptions(CLI::App& app, sim::RangeOptions& options) {
  app.add_option("--devices", options.devices, "Devices; each seed chooses when not given")
      ->check(CLI::Range(1, kDevicesMax));
  app.add_option("--steps", options.steps, "What all people together do in one seed")->check(CLI::Range(1, 1'000'000));
  app.add_option("--without", options.without, "A fault that never strikes; may be given again")
      ->check(CLI::IsMember(sim::FaultNames()));
  app.add_option("--with", options.with, "A fault that strikes in every seed; may be given again")
      ->check(CLI::IsMember(sim::FaultNames()));
  return app.add_option("--seed", options.first, "One seed");
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
  for (const sim::BrokenSeed& broken : report.broken) {
    say("broken: seed " + std::to_string(broken.seed) + ": " + broken.what + "\n");
  }
  return report.broken.empty() ? 0 : 1;
}

// The seeds that once failed, each with the options it failed under: a line is what follows `outpost sim`.
int RunList(const std::string& path, const sim::RangeOptions& common) {
  std::ifstream in(path);
  if (!in) {
    std::fprintf(stderr, "cannot read %s\n", path.c_str());
    return 2;
  }
  int played = 0;
  int broken = 0;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line.front() == '#') continue;
    sim::RangeOptions options = common;
    CLI::App app;
    AddOptions(app, options);
    app.parse(line, false);
    options.last = options.first;
    options.at_once = 1;
    options.shrink = false;
    const auto report = sim::RunRange(options, [](const std::string& text) { std::fputs(text.c_str(), stdout); });
    ++played;
    broken += report.broken.empty() ? 0 : 1;
  }
  std::printf("%d seeds that once failed, %d fail\n", played, broken);
  return broken == 0 && played > 0 ? 0 : 1;
}

}  // namespace

void RegisterSim(CLI::App& app, std::function<int()>& run) {
  auto options = std::make_shared<sim::RangeOptions>();
  auto range = std::make_shared<std::string>();
  auto list = std::make_shared<std::string>();
  CLI::App* sim = app.add_subcommand("sim", "Run simulated fleets: lossy network, crashing disks, every law checked");
  CLI::Option* seed = AddOptions(*sim, *options);
  CLI::Option* seeds =
      sim->add_option("--seeds", *range, "A range of seeds, A..B")
          ->excludes(seed)
          ->check([options](const std::string& text) {
            sim::RangeOptions parsed = *options;
            return ParseRange(text, parsed) ? std::string() : "a range looks like 1..1000, not " + text;
          });
  CLI::Option* listed =
      sim->add_option("--list", *list, "A file with one seed and its options a line")->excludes(seed)->excludes(seeds);
  sim->add_option("--trace-lines", options->trace_lines, "How much of a failing seed's trace is shown");
  sim->add_option("--seconds", options->seconds_max, "Begin no seed after that long");
  sim->add_option("--at-once", options->at_once, "Seeds played side by side; one per processor when not given");
  sim->add_flag("--keep-going", options->keep_going, "Go on past seeds that broke a law");
  sim->add_flag("!--no-shrink", options->shrink, "Do not look for a smaller run that breaks the law too");
  sim->callback([options, range, list, seeds, listed, &run] {
    if (seeds->count() > 0) {
      ParseRange(*range, *options);
    } else {
      options->last = options->first;
    }
    run = [options, list, from_list = listed->count() > 0] {
      return from_list ? RunList(*list, *options) : Run(*options);
    };
  });
}

}  // namespace outpost::cli
