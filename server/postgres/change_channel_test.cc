// News between servers: by announcement, and where an announcement was lost by looking. Real connections, so each wait
// has an end that no machine is too slow for.
#include "server/postgres/change_channel.h"

#include <condition_variable>

#include "server/postgres/postgres_fixture.h"

namespace outpost::server {
namespace {

constexpr std::chrono::seconds kPatience{20};

// What a server's channel told it.
class Ears {
 public:
  void Heard(const WorkspaceId& workspace) {
    const std::lock_guard lock(mutex_);
    ++times_[workspace];
    changed_.notify_all();
  }
  int times(const WorkspaceId& workspace) {
    const std::lock_guard lock(mutex_);
    return times_[workspace];
  }
  bool Hear(const WorkspaceId& workspace, int times, std::chrono::milliseconds patience = kPatience) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [&] { return times_[workspace] >= times; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<WorkspaceId, int> times_;
};

class ChangeChannelTest : public PostgresFixture {
 protected:
  ChangeChannelTest() : store_(Open()) {
    EXPECT_TRUE(Script("INSERT INTO workspace(name) VALUES ('shop'), ('other')").ok());
  }
  // A server on whose streams somebody follows `watched`.
  std::unique_ptr<ChangeChannel> Join(Ears& ears, std::vector<WorkspaceId> watched) {
    return std::make_unique<ChangeChannel>(
        OptionsForTest(schema_).connection, [&ears](const WorkspaceId& workspace) { ears.Heard(workspace); },
        [watched = std::move(watched)] { return watched; });
  }

  const std::unique_ptr<PostgresStore> store_;
  const WorkspaceId other_{"other"};
};

TEST_F(ChangeChannelTest, ACommitIsToldToTheOthersAndNotToOneself) {
  Ears here;
  Ears there;
  const auto one = Join(here, {});
  const auto two = Join(there, {shop_});
  ASSERT_TRUE(there.Hear(shop_, 1)) << "a server that joins does not know what it has missed";
  one->Announce(other_);
  EXPECT_TRUE(there.Hear(other_, 1));
  one->Announce(shop_);
  EXPECT_TRUE(there.Hear(shop_, 2));
  EXPECT_EQ(here.times(shop_) + here.times(other_), 0);
}

// The server that committed died before it could say so.
TEST_F(ChangeChannelTest, WhatNobodyAnnouncedIsFoundByLooking) {
  Ears ears;
  const auto channel = Join(ears, {shop_});
  ASSERT_TRUE(ears.Hear(shop_, 1));
  ASSERT_TRUE(Script("UPDATE workspace SET head = head + 1").ok());
  EXPECT_TRUE(ears.Hear(shop_, 2));
  EXPECT_EQ(ears.times(other_), 0) << "nobody waits there";
}

TEST_F(ChangeChannelTest, AfterItsConnectionBrokeEverythingWatchedMayHaveChanged) {
  Ears here;
  Ears there;
  const auto speaker = Join(here, {});
  const auto channel = Join(there, {shop_});
  ASSERT_TRUE(there.Hear(shop_, 1));
  ASSERT_TRUE(Script("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
                     "AND usename = current_user")
                  .ok());
  EXPECT_TRUE(there.Hear(shop_, 2));
  // Both speak and listen again; what was on its way when the connection broke may be lost.
  const auto until = std::chrono::steady_clock::now() + kPatience;
  do {
    speaker->Announce(other_);
  } while (!there.Hear(other_, 1, std::chrono::milliseconds(100)) && std::chrono::steady_clock::now() < until);
  EXPECT_GE(there.times(other_), 1);
}

}  // namespace
}  // namespace outpost::server
