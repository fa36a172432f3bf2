#include "server/routes/long_polls.h"

#include <gtest/gtest.h>

#include <future>
#include <memory>

namespace outpost::server {
namespace {

using std::chrono::steady_clock;

constexpr auto kLong = std::chrono::minutes(5);

class Waiter {
 public:
  LongPolls::Resume Resume() {
    return [resumed = resumed_] { resumed->set_value(); };
  }
  bool IsResumed() { return future_.wait_for(std::chrono::seconds(10)) == std::future_status::ready; }
  bool IsWaiting() { return future_.wait_for(std::chrono::milliseconds(0)) == std::future_status::timeout; }

 private:
  std::shared_ptr<std::promise<void>> resumed_ = std::make_shared<std::promise<void>>();
  std::future<void> future_ = resumed_->get_future();
};

TEST(LongPolls, ACommitInTheWorkspaceResumesItsWaitersOnly) {
  LongPolls polls;
  Waiter mine;
  Waiter foreign;
  polls.Wait(WorkspaceId("a"), polls.generation(), steady_clock::now() + kLong, mine.Resume());
  polls.Wait(WorkspaceId("b"), polls.generation(), steady_clock::now() + kLong, foreign.Resume());
  polls.Notify(WorkspaceId("a"));
  EXPECT_TRUE(mine.IsResumed());
  EXPECT_TRUE(foreign.IsWaiting());
  polls.Stop();
}

TEST(LongPolls, ACommitBetweenReadingAndWaitingIsNotMissed) {
  LongPolls polls;
  Waiter waiter;
  const std::uint64_t generation = polls.generation();
  polls.Notify(WorkspaceId("a"));
  polls.Wait(WorkspaceId("a"), generation, steady_clock::now() + kLong, waiter.Resume());
  EXPECT_TRUE(waiter.IsResumed());
}

TEST(LongPolls, ADeadlineResumes) {
  LongPolls polls;
  Waiter waiter;
  polls.Wait(WorkspaceId("a"), polls.generation(), steady_clock::now() + std::chrono::milliseconds(1), waiter.Resume());
  EXPECT_TRUE(waiter.IsResumed());
}

TEST(LongPolls, StopResumesEverybodyAndLetsNobodyWait) {
  LongPolls polls;
  Waiter before;
  polls.Wait(WorkspaceId("a"), polls.generation(), steady_clock::now() + kLong, before.Resume());
  polls.Stop();
  EXPECT_TRUE(before.IsResumed());
  Waiter after;
  polls.Wait(WorkspaceId("a"), polls.generation(), steady_clock::now() + kLong, after.Resume());
  EXPECT_TRUE(after.IsResumed());
}

}  // namespace
}  // namespace outpost::server
