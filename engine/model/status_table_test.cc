#include "engine/model/status_table.h"

#include <gtest/gtest.h>

#include <set>

namespace outpost::engine {
namespace {

std::vector<CommandStatus> AllStatuses() {
  std::vector<CommandStatus> all;
  for (int i = 0; i < kCommandStatusCount; ++i) all.push_back(static_cast<CommandStatus>(i));
  return all;
}

std::vector<StatusChange> AllChanges() {
  std::vector<StatusChange> all;
  for (int i = 0; i < kStatusChangeCount; ++i) all.push_back(static_cast<StatusChange>(i));
  return all;
}

TEST(StatusTable, EveryStatusAndChangeHasItsName) {
  std::set<std::string_view> names;
  for (const CommandStatus status : AllStatuses()) EXPECT_TRUE(names.insert(Name(status)).second);
  for (const StatusChange change : AllChanges()) EXPECT_TRUE(names.insert(Name(change)).second);
  EXPECT_EQ(names.count(""), 0u);
  EXPECT_EQ(Name(CommandStatus::kDiscarding), "DISCARDING");
  EXPECT_EQ(Name(StatusChange::kOfferedAgain), "offered again");
}

TEST(StatusTable, WhatTheServerAppliedIsAppliedWhateverWasThoughtOfIt) {
  for (const CommandStatus status : AllStatuses()) {
    if (status == CommandStatus::kSucceeded) continue;  // once
    EXPECT_EQ(TryAdvance(status, StatusChange::kApplied), CommandStatus::kSucceeded) << Name(status);
  }
}

TEST(StatusTable, OnlyAWaitingCommandIsRefused) {
  for (const CommandStatus status : AllStatuses()) {
    const bool waiting = status == CommandStatus::kPending;
    for (const StatusChange refusal : {StatusChange::kConflict, StatusChange::kFailed, StatusChange::kPutOff}) {
      EXPECT_EQ(TryAdvance(status, refusal).has_value(), waiting) << Name(status) << " " << Name(refusal);
    }
  }
}

TEST(StatusTable, WhatIsAppliedLeavesOnlyWhenTheServerLostIt) {
  for (const StatusChange change : AllChanges()) {
    const auto next = TryAdvance(CommandStatus::kSucceeded, change);
    const bool stays = change == StatusChange::kOfferedAgain;
    EXPECT_EQ(next.has_value(), stays) << Name(change);
  }
}

TEST(StatusTable, APersonCanEndWhateverWaitsForOne) {
  for (const CommandStatus status : AllStatuses()) {
    if (!IsQuarantined(status)) continue;
    EXPECT_EQ(TryAdvance(status, StatusChange::kDiscardAsked), CommandStatus::kDiscarding) << Name(status);
  }
  EXPECT_EQ(TryAdvance(CommandStatus::kFailed, StatusChange::kRetried), CommandStatus::kPending);
  EXPECT_EQ(TryAdvance(CommandStatus::kConflict, StatusChange::kRetried), CommandStatus::kPending);
  EXPECT_EQ(TryAdvance(CommandStatus::kBlocked, StatusChange::kPredecessorRetried), CommandStatus::kPending);
}

TEST(StatusTable, WhatMayBeOnItsWayIsDiscardedOnlyByTheServersAnswer) {
  for (const StatusChange change : AllChanges()) {
    const auto next = TryAdvance(CommandStatus::kDiscarding, change);
    EXPECT_EQ(next == CommandStatus::kDiscarded, change == StatusChange::kBurnt) << Name(change);
  }
  EXPECT_EQ(TryAdvance(CommandStatus::kFailed, StatusChange::kDroppedUnsent), std::nullopt);
}

// Law 5: from everywhere some chain of changes leads to an end.
TEST(StatusTable, NoStatusIsADeadEnd) {
  for (const CommandStatus from : AllStatuses()) {
    std::set<CommandStatus> reached = {from};
    for (std::size_t before = 0; before != reached.size();) {
      before = reached.size();
      for (const CommandStatus status : std::set<CommandStatus>(reached)) {
        for (const StatusChange change : AllChanges()) {
          if (const auto next = TryAdvance(status, change)) reached.insert(*next);
        }
      }
    }
    EXPECT_EQ(reached.count(CommandStatus::kSucceeded), 1u) << Name(from);
    EXPECT_EQ(reached.count(CommandStatus::kDiscarded), 1u) << Name(from);
  }
}

TEST(StatusTableDeathTest, AChangeThatIsNotInTheTableIsABug) {
  EXPECT_DEATH(static_cast<void>(Advance(CommandStatus::kDiscarded, StatusChange::kRetried)), "next.has_value");
  EXPECT_EQ(Advance(CommandStatus::kPending, StatusChange::kFailed), CommandStatus::kFailed);
}

}  // namespace
}  // namespace outpost::engine
