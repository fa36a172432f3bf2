#include "server/routes/group_committer.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <future>

#include "server/sqlite/sqlite_store.h"

namespace outpost::server {
namespace {

// A committer over a real store, whose thread can be held so that a test decides what forms a group.
class GroupCommitterTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "committer_" + testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directory(folder_);
    SqliteStoreOptions options;
    options.path = folder_ + "/store.db";
    store_ = SqliteStore::Open(options, random_).value();
    service_ = std::make_unique<CommandService>(*store_, ServiceSettings{});
    committer_ = std::make_unique<GroupCommitter>(
        *service_, [] { return Timestamp{1'700'000'000'000}; }, 1000,
        [this](const Touched& touched) { committed_.push_back(touched.workspace.value); });
  }
  void TearDown() override {
    committer_.reset();
    service_.reset();
    store_.reset();
    std::filesystem::remove_all(folder_);
  }

  // Keeps the thread busy until the returned promise is fulfilled.
  std::shared_ptr<std::promise<void>> Hold() {
    auto release = std::make_shared<std::promise<void>>();
    auto entered = std::make_shared<std::promise<void>>();
    committer_->RunBetweenGroups([release, entered] {
      entered->set_value();
      release->get_future().wait();
    });
    entered->get_future().wait();
    return release;
  }

  static Command Put(const std::string& id) {
    Command command;
    command.id = CommandId(id);
    command.key = IdempotencyKey(id);
    command.type = "PRODUCT_PUT_V1";
    command.payload = {{"sku", "cola"}, {"name", "Cola"}, {"price", 300}};
    return command;
  }

  std::future<SubmissionResult> Submit(const std::string& workspace, const std::string& id, std::size_t bytes = 1) {
    return SubmitAll(workspace, {id}, bytes);
  }

  std::future<SubmissionResult> SubmitAll(const std::string& workspace, const std::vector<std::string>& ids,
                                          std::size_t bytes = 1) {
    Submission submission;
    submission.caller = Caller{WorkspaceId(workspace), UserId("ann"), {"staff"}, std::nullopt, {}};
    for (const std::string& id : ids) submission.request.commands.push_back(Put(id));
    auto done = std::make_shared<std::promise<SubmissionResult>>();
    taken_ = committer_->Submit(std::move(submission), bytes,
                                [done](SubmissionResult result) { done->set_value(std::move(result)); });
    return done->get_future();
  }

  std::string folder_;
  Random random_{1};
  std::unique_ptr<SqliteStore> store_;
  std::unique_ptr<CommandService> service_;
  std::vector<std::string> committed_;  // on the committer's thread, read after Stop
  std::unique_ptr<GroupCommitter> committer_;
  bool taken_ = false;
};

bool Succeeded(std::future<SubmissionResult>& answer) {
  const SubmissionResult result = answer.get();
  const auto* response = std::get_if<PushResponse>(&result);
  return response != nullptr && response->results.at(0).status == WireStatus::kSucceeded;
}

TEST_F(GroupCommitterTest, WhatWaitsTogetherSharesOneTransaction) {
  const auto release = Hold();
  std::vector<std::future<SubmissionResult>> answers;
  for (int i = 0; i < 10; ++i) answers.push_back(Submit(i % 2 == 0 ? "a" : "b", "c" + std::to_string(i)));
  EXPECT_EQ(committer_->depth(), 10u);
  release->set_value();
  for (auto& answer : answers) EXPECT_TRUE(Succeeded(answer));
  committer_->Stop();
  EXPECT_EQ(committer_->counters().groups, 1u);
  EXPECT_EQ(committer_->counters().succeeded, 10u);
  EXPECT_EQ(committer_->depth(), 0u);
  EXPECT_EQ(committed_, (std::vector<std::string>{"a", "b"}));
}

TEST_F(GroupCommitterTest, LargePushesAreNotJoinedSoThatTheFirstIsAnsweredWhileTheSecondRuns) {
  const auto release = Hold();
  std::vector<std::string> many;
  for (std::size_t i = 0; i < kGroupCommandsMax - 1; ++i) many.push_back("m" + std::to_string(i));
  auto large = SubmitAll("a", many);
  auto fits = Submit("a", "c1");
  auto next = Submit("a", "c2");
  release->set_value();
  for (auto* answer : {&large, &fits, &next}) EXPECT_TRUE(Succeeded(*answer));
  committer_->Stop();
  EXPECT_EQ(committer_->counters().groups, 2u);
}

TEST_F(GroupCommitterTest, AFullQueueRefusesAndTakesAgainWhenItIsWorkedOff) {
  const auto release = Hold();
  auto first = Submit("a", "c1", 1000);
  EXPECT_TRUE(taken_);
  EXPECT_FALSE(committer_->HasRoom());
  Submit("a", "c2");
  EXPECT_FALSE(taken_);
  release->set_value();
  EXPECT_TRUE(Succeeded(first));
  EXPECT_TRUE(committer_->HasRoom());
  auto third = Submit("a", "c3");
  EXPECT_TRUE(Succeeded(third));
}

TEST_F(GroupCommitterTest, StopExecutesWhatIsQueuedAndTakesNothingMore) {
  const auto release = Hold();
  auto queued = Submit("a", "c1");
  std::thread stopper([&] { committer_->Stop(); });
  release->set_value();
  stopper.join();
  EXPECT_TRUE(Succeeded(queued));
  Submit("a", "c2");
  EXPECT_FALSE(taken_);
}

TEST_F(GroupCommitterTest, ABusyWorkspaceDoesNotCrowdOutAnother) {
  const auto release = Hold();
  std::vector<std::future<SubmissionResult>> busy;
  for (std::size_t i = 0; i < kGroupSubmissionsMax + 50; ++i) busy.push_back(Submit("busy", "b" + std::to_string(i)));
  auto late = Submit("quiet", "q1");
  release->set_value();
  EXPECT_TRUE(Succeeded(late));
  committer_->Stop();
  ASSERT_EQ(committer_->counters().groups, 2u);
  EXPECT_EQ(committed_, (std::vector<std::string>{"busy", "quiet", "busy"}));
}

}  // namespace
}  // namespace outpost::server
