#include "engine/sync/sync_machine.h"

#include <gtest/gtest.h>

namespace outpost::engine {
namespace {

class SyncMachineTest : public ::testing::Test {
 protected:
  SyncMachineTest() : machine_(Settings(), random_) {}

  static SyncSettings Settings() {
    SyncSettings settings;
    settings.jitter = 0;
    return settings;
  }

  std::vector<MachineAction> Step(const MachineEvent& event) { return last_ = machine_.Step(event, queue_, now_); }
  template <class Action>
  const Action* Got() const {
    for (const MachineAction& action : last_) {
      if (const auto* found = std::get_if<Action>(&action)) return found;
    }
    return nullptr;
  }
  static ExchangeVerdict Verdictly(Verdict verdict) {
    ExchangeVerdict result;
    result.verdict = verdict;
    return result;
  }
  void StartIdle() {
    Step(MachineStarted{});
    Step(PullEnded{Verdictly(Verdict::kVerified), false});
  }

  Random random_{1};
  SyncMachine machine_;
  QueueState queue_;
  Timestamp now_{1000000};
  std::vector<MachineAction> last_;
};

TEST_F(SyncMachineTest, DoesNothingBeforeItIsStarted) {
  queue_.ready = true;
  EXPECT_TRUE(Step(MachineWoken{}).empty());
}

TEST_F(SyncMachineTest, PullsAtStartThenEveryInterval) {
  Step(MachineStarted{});
  EXPECT_NE(Got<StartPull>(), nullptr);
  Step(PullEnded{Verdictly(Verdict::kVerified), false});
  EXPECT_EQ(Got<StartPull>(), nullptr);
  ASSERT_NE(Got<WakeMachineAt>(), nullptr);
  EXPECT_EQ(Got<WakeMachineAt>()->at, now_ + Milliseconds(5000));
  now_ = now_ + Milliseconds(5000);
  Step(MachineWoken{});
  EXPECT_NE(Got<StartPull>(), nullptr);
}

TEST_F(SyncMachineTest, PullsOnWhileThereIsMore) {
  Step(MachineStarted{});
  Step(PullEnded{Verdictly(Verdict::kVerified), true});
  EXPECT_NE(Got<StartPull>(), nullptr);
}

TEST_F(SyncMachineTest, BacksOffByTheLadderWhileUnreachable) {
  StartIdle();
  queue_.ready = true;
  Step(MachineWoken{});
  const std::vector<std::int64_t> ladder = {0, 5000, 15000, 45000, 120000, 120000};
  for (const std::int64_t delay : ladder) {
    Step(PushEnded{Verdictly(Verdict::kUnreachable)});
    if (delay > 0) {
      EXPECT_EQ(Got<StartPush>(), nullptr);
      ASSERT_NE(Got<WakeMachineAt>(), nullptr);
      EXPECT_EQ(Got<WakeMachineAt>()->at, now_ + Milliseconds(delay));
      now_ = now_ + Milliseconds(delay);
      Step(MachineWoken{});
    }
    ASSERT_NE(Got<StartPush>(), nullptr) << delay;
  }
  EXPECT_FALSE(machine_.online());
}

TEST_F(SyncMachineTest, ReturnOfTheLineLiftsTheWait) {
  StartIdle();
  queue_.ready = true;
  Step(MachineWoken{});
  Step(PushEnded{Verdictly(Verdict::kUnreachable)});
  Step(PushEnded{Verdictly(Verdict::kUnreachable)});
  EXPECT_EQ(Got<StartPush>(), nullptr);
  Step(LineChanged{true});
  EXPECT_NE(Got<StartPush>(), nullptr);
}

TEST_F(SyncMachineTest, SignInNeededPausesUntilATokenComes) {
  StartIdle();
  queue_.ready = true;
  Step(MachineWoken{});
  Step(PushEnded{Verdictly(Verdict::kSignInNeeded)});
  EXPECT_NE(Got<AskSignIn>(), nullptr);
  now_ = now_ + Milliseconds(3600000);
  EXPECT_TRUE(Step(MachineWoken{}).empty());
  Step(TokenRenewed{});
  EXPECT_NE(Got<StartPush>(), nullptr);
}

TEST_F(SyncMachineTest, RefusedBatchesAreHalvedDownToOneAndGrowAgain) {
  StartIdle();
  queue_.ready = true;
  Step(MachineWoken{});
  EXPECT_EQ(Got<StartPush>()->commands_max, 500);
  Step(PushEnded{Verdictly(Verdict::kBatchRefused), 3});
  EXPECT_EQ(Got<StartPush>()->commands_max, 1);
  Step(PushEnded{Verdictly(Verdict::kVerified), 1});
  EXPECT_EQ(Got<StartPush>()->commands_max, 2);
}

TEST_F(SyncMachineTest, AFewPushesAtMostAreUnderWayAndOneWhileTheLineIsInDoubt) {
  const int pushes_max = SyncSettings{}.pushes_in_flight_max;
  StartIdle();
  queue_.ready = true;
  for (int i = 0; i < pushes_max; ++i) Step(MachineWoken{});
  EXPECT_EQ(machine_.pushes_in_flight(), pushes_max);
  Step(MachineWoken{});
  EXPECT_EQ(machine_.pushes_in_flight(), pushes_max);
  for (int i = 0; i < pushes_max; ++i) Step(PushEnded{Verdictly(Verdict::kUnreachable)});
  now_ = now_ + Milliseconds(5000);
  Step(MachineWoken{});
  Step(MachineWoken{});
  EXPECT_EQ(machine_.pushes_in_flight(), 1);
}

TEST_F(SyncMachineTest, ExchangesThatFailTogetherAreOneStepOfTheLadder) {
  StartIdle();
  queue_.ready = true;
  for (int i = 0; i < 3; ++i) Step(MachineWoken{});
  ASSERT_EQ(machine_.pushes_in_flight(), 3);
  for (int i = 0; i < 3; ++i) Step(PushEnded{Verdictly(Verdict::kUnreachable)});
  ASSERT_EQ(machine_.pushes_in_flight(), 1) << "the first step is: at once";
  Step(PushEnded{Verdictly(Verdict::kUnreachable)});
  ASSERT_NE(Got<WakeMachineAt>(), nullptr);
  EXPECT_LE(Got<WakeMachineAt>()->at, now_ + Milliseconds(6000)) << "the second step: five seconds and a fifth";
}

TEST_F(SyncMachineTest, APullThatWaitsForAProbingPushAsksForNoWakeUp) {
  Step(MachineStarted{});
  queue_.ready = true;
  queue_.uncovered = true;
  Step(PullEnded{Verdictly(Verdict::kUnreachable), false});
  now_ = now_ + Milliseconds(60000);
  Step(MachineWoken{});
  ASSERT_EQ(machine_.pushes_in_flight(), 1);
  EXPECT_EQ(Got<StartPull>(), nullptr);
  EXPECT_EQ(Got<WakeMachineAt>(), nullptr);
  Step(MachineWoken{});
  EXPECT_EQ(Got<WakeMachineAt>(), nullptr);
  Step(PushEnded{Verdictly(Verdict::kVerified)});
  EXPECT_NE(Got<StartPull>(), nullptr);
}

TEST_F(SyncMachineTest, ServersRetryAfterIsKept) {
  StartIdle();
  queue_.ready = true;
  Step(MachineWoken{});
  ExchangeVerdict verdict = Verdictly(Verdict::kServerTrouble);
  verdict.retry_after_ms = 30000;
  Step(PushEnded{verdict});
  ASSERT_NE(Got<WakeMachineAt>(), nullptr);
  EXPECT_EQ(Got<WakeMachineAt>()->at, now_ + Milliseconds(30000));
}

TEST_F(SyncMachineTest, ExpiredCursorAsksForAResync) {
  Step(MachineStarted{});
  Step(PullEnded{Verdictly(Verdict::kCursorExpired), false});
  EXPECT_NE(Got<BeginResync>(), nullptr);
  EXPECT_EQ(Got<StartPull>(), nullptr);
  Step(MachineWoken{});
  EXPECT_NE(Got<StartPull>(), nullptr);
}

// A resync changes what may be sent.
TEST_F(SyncMachineTest, NothingIsPlannedOnTheQueueFromBeforeAResync) {
  queue_.ready = true;
  Step(MachineStarted{});
  Step(PushEnded{Verdictly(Verdict::kEpochChanged), 1});
  EXPECT_NE(Got<BeginResync>(), nullptr);
  EXPECT_EQ(Got<StartPush>(), nullptr);
  queue_.ready = false;
  Step(MachineWoken{});
  EXPECT_EQ(Got<StartPush>(), nullptr);
}

TEST_F(SyncMachineTest, AppliedButUncoveredCommandsArePulledForSoon) {
  StartIdle();
  queue_.uncovered = true;
  Step(MachineWoken{});
  EXPECT_NE(Got<StartPull>(), nullptr);
}

}  // namespace
}  // namespace outpost::engine
