// Each fault is a piece of its own: it strikes where nothing else does, and every law holds. Together they reach every
// branch of the error policy.
#include "sim/faults.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/model/status_table.h"
#include "sim/range.h"

namespace outpost::sim {
namespace {

constexpr std::uint64_t kSeedsMax = 12;

// What counts its strikes, and what must be there for it to strike at all.
struct Struck {
  const char* fault;
  const char* counter;
  std::vector<std::string> beside = {};
};

const std::vector<Struck>& Pieces() {
  static const std::vector<Struck> pieces = {
      {"lose request", "network: lost request"},
      {"lose answer", "network: lost answer"},
      {"duplicate request", "network: duplicate request"},
      {"slow", "network: slow"},
      {"late", "network: late request"},
      {"truncate answer", "network: truncated answer"},
      {"foreign answer", "network: foreign answer"},
      {"forged answer", "network: forged answer"},
      {"proxy error", "network: proxy error"},
      {"server problem", "server: unavailable"},
      {"expire cursor", "server: cursor expired"},
      {"deaf line", "network: deaf line"},
      {"batch limit", "server: batch too large", {"cut line"}},
      {"crash before answer", "server: power cut before the answers"},
      {"cut line", "network: line cut"},
      {"flap line", "network: line flaps"},
      {"portal", "network: captive portal"},
      {"device crash", "device: power cut"},
      {"device full", "execute: disk error"},
      {"device io error", "execute: disk error"},
      {"device restore", "device: restored from a backup"},
      {"device clone", "device: cloned"},
      {"device loss", "device: lost its store"},
      {"clock jump", "device: clock set"},
      {"server crash", "server: power cut"},
      {"server full", "answer: RETRY"},
      {"server io error", "answer: RETRY"},
      {"server purge", "server: outcomes purged"},
      {"token expiry", "workload: signed in again"},
      {"rights", "problem: FORBIDDEN"},
      {"foreign token", "push refused whole: FORBIDDEN"},
      {"hide line changes", "network: line cut, and nobody told", {"cut line"}},
      {"pause", "device: lease holder stopped", {"second process"}},
      {"server restore", "notice: offered again"},
      {"kill server process", "server: one of several processes killed", {"more servers"}},
      {"people decide", "decided: discard"},
      {"declared collections", "workload: declared collections"},
      {"old releases", "workload: older version of a command"},
      {"second process", "fleet: two processes on one store"},
      {"more servers", "server: one of several processes killed", {"kill server process"}},
  };
  return pieces;
}

// Seeds first..last with these faults and no others.
RangeReport Play(const std::vector<std::string>& faults, std::uint64_t first, std::uint64_t last) {
  RangeOptions options;
  options.first = first;
  options.last = last;
  options.steps = 120;
  options.at_once = 1;
  options.with = faults;
  for (const std::string& name : FaultNames()) {
    if (std::find(faults.begin(), faults.end(), name) == faults.end()) options.without.push_back(name);
  }
  std::string said;
  RangeReport report = RunRange(options, [&](const std::string& text) { said += text; });
  EXPECT_TRUE(report.broken.empty()) << said;
  return report;
}

// Whether it strikes in one of the first seeds: which, chance decides.
bool Strikes(const Struck& piece) {
  std::vector<std::string> faults = piece.beside;
  faults.emplace_back(piece.fault);
  for (std::uint64_t seed = 1; seed <= kSeedsMax; ++seed) {
    if (Play(faults, seed, seed).counters.of(piece.counter) > 0) return true;
  }
  return false;
}

class Faults : public testing::TestWithParam<std::size_t> {};

TEST_P(Faults, StrikeByThemselves) {
  for (std::size_t i = GetParam(); i < Pieces().size(); i += 4) {
    EXPECT_TRUE(Strikes(Pieces()[i])) << Pieces()[i].fault << ": " << Pieces()[i].counter;
  }
}

INSTANTIATE_TEST_SUITE_P(OfFour, Faults, testing::Values(0, 1, 2, 3));

TEST(FaultNames, EachIsTriedByItself) {
  for (const std::string& name : FaultNames()) {
    const auto named = [&](const Struck& piece) { return name == piece.fault; };
    EXPECT_TRUE(std::any_of(Pieces().begin(), Pieces().end(), named)) << name;
  }
}

TEST(DrawFaults, WhatIsAskedForStrikesAndChangesNothingElse) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const FaultPlan drawn = DrawFaults(seed);
    FaultPlan with = DrawFaults(seed, {}, {"pause"});
    EXPECT_GT(with.pause_every, 0) << seed;
    EXPECT_EQ(DrawFaults(seed, {"pause"}, {"pause"}).pause_every, 0) << seed;
    with.pause_every = drawn.pause_every;
    EXPECT_EQ(with.lose_answer, drawn.lose_answer) << seed;
    EXPECT_EQ(with.server_crash_every, drawn.server_crash_every) << seed;
    EXPECT_EQ(with.group_delay_ms_max, drawn.group_delay_ms_max) << seed;
  }
}

// As the device judged what came back, and what became of its commands.
TEST(ErrorPolicy, EveryBranchIsReached) {
  RangeOptions options;
  options.last = 16;
  options.steps = 150;
  options.with = {"foreign token", "server full",    "token expiry", "device restore",
                  "device clone",  "server restore", "batch limit"};
  std::string said;
  const RangeReport report = RunRange(options, [&](const std::string& text) { said += text; });
  EXPECT_TRUE(report.broken.empty()) << said;
  for (int verdict = 0; verdict <= static_cast<int>(engine::Verdict::kForbidden); ++verdict) {
    const std::string name(engine::Name(static_cast<engine::Verdict>(verdict)));
    EXPECT_GT(report.counters.of("exchange: " + name), 0u) << name;
  }
  for (const auto change :
       {engine::StatusChange::kApplied, engine::StatusChange::kConflict, engine::StatusChange::kFailed,
        engine::StatusChange::kPutOff, engine::StatusChange::kPredecessorRefused}) {
    const std::string name(engine::Name(change));
    EXPECT_GT(report.counters.of("status: " + name + " from PENDING"), 0u) << name;
  }
}

// Two programs on one store, one of them stopped: the other takes over and the first learns of it (O11).
TEST(Lease, IsLostByAHolderWhoIsStoppedPastIt) {
  const RangeReport report = Play({"second process", "pause"}, 1, 6);
  EXPECT_GT(report.counters.of("device: lease holder stopped"), 0u);
  EXPECT_GT(report.counters.of("notice: lease taken"), 6u);
  EXPECT_GT(report.counters.of("notice: lease lost"), 0u);
}

}  // namespace
}  // namespace outpost::sim
