#include "cli/sim.h"

#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
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

// What a child process wrote into its pipe, line by line, and how it ended.
struct Child {
  int status = 0;
  std::deque<std::string> lines;
};

// Runs `options` in a child that reports `tell` lines through a pipe; the last `keep` of them are kept. An assertion
// ends the child, not the story: seeds repeat themselves, so what died can be run again and watched.
Child RunInChild(const sim::RangeOptions& options, std::size_t keep,
                 const std::function<void(sim::RangeOptions&, std::FILE*)>& tell, bool quiet) {
  int ends[2];
  if (pipe(ends) != 0) return {-1, {}};
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    std::FILE* out = fdopen(ends[1], "w");
    std::setvbuf(out, nullptr, _IOLBF, 0);
    if (quiet && std::freopen("/dev/null", "w", stdout) == nullptr) _exit(1);
    sim::RangeOptions mine = options;
    tell(mine, out);
    const int code = Run(mine);
    std::fflush(nullptr);
    _exit(code);
  }
  close(ends[1]);
  Child result;
  std::FILE* in = fdopen(ends[0], "r");
  char* line = nullptr;
  std::size_t capacity = 0;
  while (getline(&line, &capacity, in) > 0) {
    result.lines.emplace_back(line);
    if (result.lines.size() > keep) result.lines.pop_front();
  }
  std::free(line);
  std::fclose(in);
  waitpid(child, &result.status, 0);
  return result;
}

int RunWatched(const sim::RangeOptions& options) {
  const auto tell_seed = [](sim::RangeOptions& mine, std::FILE* out) {
    mine.started = [out](std::uint64_t seed) { std::fprintf(out, "%llu\n", static_cast<unsigned long long>(seed)); };
  };
  const Child all = RunInChild(options, 1, tell_seed, false);
  const bool ended = WIFEXITED(all.status) && (WEXITSTATUS(all.status) == 0 || WEXITSTATUS(all.status) == 1);
  if (ended || all.lines.empty()) return ended ? WEXITSTATUS(all.status) : 1;

  sim::RangeOptions one = options;
  one.first = one.last =
      ParseSeed(std::string_view(all.lines.front()).substr(0, all.lines.front().size() - 1)).value_or(0);
  const auto tell_trace = [](sim::RangeOptions& mine, std::FILE* out) {
    mine.echo = [out](const std::string& line) { std::fprintf(out, "%s\n", line.c_str()); };
  };
  sim::WorldReport report;
  report.broken = {"the program ended itself: an assertion failed, or memory was misused"};
  for (std::string& line : RunInChild(one, options.trace_lines, tell_trace, true).lines) {
    line.pop_back();
    report.trace.push_back(std::move(line));
  }
  std::fputs(sim::DescribeFailure(options, one.first, report).c_str(), stdout);
  return 1;
}

}  // namespace

void RegisterSim(CLI::App& app, std::function<int()>& run) {
  auto options = std::make_shared<sim::RangeOptions>();
  auto range = std::make_shared<std::string>();
  CLI::App* sim = app.add_subcommand("sim", "Run simulated fleets: lossy network, crashing disks, every law checked");
  CLI::Option* seed = sim->add_option("--seed", options->first, "One seed");
  CLI::Option* seeds =
      sim->add_option("--seeds", *range, "A range of seeds, A..B")
          ->excludes(seed)
          ->check([options](const std::string& text) {
            sim::RangeOptions parsed = *options;
            return ParseRange(text, parsed) ? std::string() : "a range looks like 1..1000, not " + text;
          });
  sim->add_option("--devices", options->devices, "Devices; each seed chooses when not given")
      ->check(CLI::Range(1, kDevicesMax));
  sim->add_option("--steps", options->steps, "What all people together do in one seed")
      ->check(CLI::Range(1, 1'000'000));
  sim->add_option("--trace-lines", options->trace_lines, "How much of a failing seed's trace is shown");
  sim->add_flag("--keep-going", options->keep_going, "Go on past seeds that broke a law");
  sim->callback([options, range, seeds, &run] {
    if (seeds->count() > 0) {
      ParseRange(*range, *options);
    } else {
      options->last = options->first;
    }
    run = [options] { return RunWatched(*options); };
  });
}

}  // namespace outpost::cli
