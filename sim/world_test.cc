#include "sim/world.h"

#include <gtest/gtest.h>

#include "sim/range.h"

namespace outpost::sim {
namespace {

// Blocks of seeds, so that they can run side by side.
class Seeds : public testing::TestWithParam<std::uint64_t> {};

TEST_P(Seeds, KeepEveryLaw) {
  RangeOptions options;
  options.first = GetParam();
  options.last = GetParam() + 9;
  options.at_once = 1;
  std::string said;
  const RangeReport report = RunRange(options, [&](const std::string& text) { said += text; });
  EXPECT_TRUE(report.broken.empty()) << said;
  EXPECT_GT(report.counters.of("execute: accepted"), 0u);
  EXPECT_GT(report.counters.of("answer: SUCCEEDED"), 0u);
}

INSTANTIATE_TEST_SUITE_P(OfTen, Seeds, testing::Values(1, 11, 21, 31, 41));

TEST(World, TheSameSeedGivesTheSameTrace) {
  for (const std::uint64_t seed : {3ull, 7ull, 12ull}) {
    const WorldReport first = World({.seed = seed}).Run();
    const WorldReport second = World({.seed = seed}).Run();
    EXPECT_EQ(first.trace_hash, second.trace_hash) << "seed " << seed;
    EXPECT_EQ(first.trace, second.trace) << "seed " << seed;
    EXPECT_EQ(first.counters.all(), second.counters.all()) << "seed " << seed;
  }
}

TEST(World, AnotherSeedGivesAnotherTrace) {
  EXPECT_NE(World({.seed = 1, .steps = 30}).Run().trace_hash, World({.seed = 2, .steps = 30}).Run().trace_hash);
}

// A fault that no seed ever meets proves nothing.
TEST(World, FiftySeedsMeetEveryFaultAndEveryVerdict) {
  RangeOptions options;
  options.last = 50;
  options.steps = 150;
  const RangeReport report = RunRange(options, [](const std::string&) {});
  for (const char* name : {"network: lost request",
                           "network: lost answer",
                           "network: duplicate request",
                           "network: slow",
                           "network: late request",
                           "network: truncated answer",
                           "network: foreign answer",
                           "network: captive portal",
                           "network: proxy error",
                           "network: line cut",
                           "network: line cut, and nobody told",
                           "network: line flaps",
                           "network: cut on the way",
                           "network: deaf line",
                           "network: forged answer",
                           "network: timed out",
                           "server: power cut",
                           "server: power cut inside a group",
                           "server: power cut before the answers",
                           "server: unavailable",
                           "server: cursor expired",
                           "server: batch too large",
                           "server: groups of several",
                           "server: page of several",
                           "server: token expired",
                           "server: disk full",
                           "server: outcomes purged",
                           "server: I/O error planned",
                           "device: power cut",
                           "device: power cut inside an operation",
                           "device: forgot an answer in a crash",
                           "device: restored from a backup",
                           "device: cloned",
                           "device: lost its store",
                           "server: rights taken",
                           "device: disk full",
                           "device: clock set",
                           "device: I/O error planned",
                           "execute: accepted",
                           "execute: refused by rule",
                           "execute: malformed",
                           "execute: key in use",
                           "execute: disk error",
                           "answer: SUCCEEDED",
                           "answer: SUCCEEDED (replayed)",
                           "answer: CONFLICT",
                           "answer: FAILED",
                           "answer: BLOCKED",
                           "answer: RETRY",
                           "device: BLOCKED",
                           "workload: signed in again",
                           "device: stopped",
                           "fleet: two processes on one store",
                           "server: one of several processes killed",
                           "server: restored from a backup",
                           "notice: offered again",
                           "decided: retry",
                           "decided: retry all",
                           "decided: latest",
                           "decided: force",
                           "decided: edit",
                           "decided: discard",
                           "workload: declared collections",
                           "workload: older version of a command"}) {
    EXPECT_GT(report.counters.of(name), 0u) << name << " never happened";
  }
}

}  // namespace
}  // namespace outpost::sim
