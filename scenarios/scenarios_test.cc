// Every story of the folder is a test of its own.
#include <gtest/gtest.h>

#include "engine/model/status_table.h"
#include "protocol/problem.h"
#include "scenarios/player.h"

namespace outpost::scenarios {
namespace {

std::vector<std::string> Files() {
  auto files = StoryFiles(OUTPOST_STORIES);
  return files.ok() ? std::move(files).value() : std::vector<std::string>();
}

std::string NameOf(const testing::TestParamInfo<std::string>& about) {
  const std::string& file = about.param;
  std::string name = file.substr(file.rfind('/') + 1);
  name.resize(name.rfind('.'));
  for (char& c : name) {
    if (c == '-') c = '_';
  }
  return name;
}

class Stories : public testing::TestWithParam<std::string> {};

TEST_P(Stories, Hold) {
  const Played played = PlayFile(GetParam());
  EXPECT_EQ(played.broken, "") << played.file << ": " << played.title;
}

INSTANTIATE_TEST_SUITE_P(All, Stories, testing::ValuesIn(Files()), NameOf);

std::vector<std::string> CrashFiles() {
  auto files = StoryFiles(std::string(OUTPOST_STORIES) + "/crashes");
  return files.ok() ? std::move(files).value() : std::vector<std::string>();
}

class CrashPoints : public testing::TestWithParam<std::string> {};

TEST_P(CrashPoints, KeepTheLawsWhicheverFileOperationIsTheLast) {
  int crashes = 0;
  const Played played = PlayFileWithCrashes(GetParam(), crashes);
  EXPECT_EQ(played.broken, "") << played.file << ": " << played.title;
  EXPECT_GT(crashes, 3) << played.file;
}

INSTANTIATE_TEST_SUITE_P(All, CrashPoints, testing::ValuesIn(CrashFiles()), NameOf);

sim::Counters Everything() {
  sim::Counters sum;
  for (const std::string& file : Files()) sum.Merge(PlayFile(file).counters);
  return sum;
}

TEST(StoriesTogether, MeetEveryCodeOfTheErrorPolicyOnPushesAndPulls) {
  const sim::Counters met = Everything();
  for (int i = 0; i <= static_cast<int>(ProblemCode::kPaymentUnavailable); ++i) {
    const std::string code(Name(static_cast<ProblemCode>(i)));
    EXPECT_GT(met.of("policy: " + code + " to a push"), 0u) << code;
    EXPECT_GT(met.of("policy: " + code + " to a pull"), 0u) << code;
  }
}

TEST(StoriesTogether, TakeEveryCellOfTheStatusTable) {
  const sim::Counters met = Everything();
  for (int change = 0; change < engine::kStatusChangeCount; ++change) {
    for (int from = 0; from < engine::kCommandStatusCount; ++from) {
      const auto as = static_cast<engine::StatusChange>(change);
      const auto status = static_cast<engine::CommandStatus>(from);
      if (!engine::TryAdvance(status, as)) continue;
      const std::string cell = std::string(engine::Name(as)) + " from " + std::string(engine::Name(status));
      EXPECT_GT(met.of("status: " + cell), 0u) << cell;
    }
  }
}

TEST(StoriesTogether, MeetEveryTypeOfConflict) {
  const sim::Counters met = Everything();
  for (int i = 0; i <= static_cast<int>(ProblemCode::kPaymentUnavailable); ++i) {
    const auto code = static_cast<ProblemCode>(i);
    if (!IsConflict(code)) continue;
    EXPECT_GT(met.of("problem: " + std::string(Name(code))), 0u) << Name(code);
  }
}

constexpr const char* kHead = R"({"story":"a test of the stage","devices":{"till":{}}})";

TEST(Stage, AStoryWhoseStepIsUnknownIsWrong) {
  const Played played = PlayText("x", std::string(kHead) + "\n{\"dance\":\"till\"}\n");
  EXPECT_NE(played.broken.find("no step is called so"), std::string::npos) << played.broken;
}

TEST(Stage, WhatDoesNotHoldIsSaidWithItsLine) {
  const std::string text = std::string(kHead) +
                           "\n// a comment\n{\"settle\":\"till\"}\n"
                           R"({"execute":"INVENTORY_ADJUST_V1","on":"till","as":"a","payload":{"sku":"bun","delta":4,)"
                           R"("reason":"delivery"},"then":{"till":{"shows":{"stock/bun":{"onHand":5}}}}})"
                           "\n";
  const Played played = PlayText("x", text);
  EXPECT_EQ(played.broken, "line 4: till.shows.stock/bun.onHand must be 5, it is 4");
}

}  // namespace
}  // namespace outpost::scenarios
