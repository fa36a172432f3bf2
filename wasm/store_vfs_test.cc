#include "wasm/store_vfs.h"

#include <gtest/gtest.h>

#include "sqlite/connection.h"
#include "wasm/memory_storage.h"

namespace outpost::wasm {
namespace {

class StoreVfsTest : public ::testing::Test {
 protected:
  StoreVfsTest() { Open(); }

  void Open() {
    connection_.reset();
    vfs_.emplace(storage_, Random(1));
    sqlite::OpenOptions options;
    options.path = "store";
    options.vfs = StoreVfs::Name();
    options.exclusive_locking = true;
    options.wal_autocheckpoint_pages = 20;
    auto opened = sqlite::Connection::Open(options);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    connection_.emplace(std::move(opened).value());
    ASSERT_TRUE(connection_->Execute("CREATE TABLE IF NOT EXISTS t(x INTEGER PRIMARY KEY, y TEXT)").ok());
  }
  // The power goes: what was written and not flushed is lost.
  void LosePower() {
    const MemoryStorage::Image left = storage_.Durable();
    connection_.reset();
    storage_.Restore(left);
    Open();
  }
  Status Insert() { return connection_->Execute("INSERT INTO t(y) VALUES(hex(zeroblob(300)))"); }
  std::int64_t Rows() {
    const auto rows = connection_->QueryInteger("SELECT count(*) FROM t");
    EXPECT_TRUE(rows.ok());
    return rows.ok() ? rows.value() : -1;
  }
  void ExpectSound() {
    const auto broken =
        connection_->QueryInteger("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check<>'ok'");
    ASSERT_TRUE(broken.ok());
    EXPECT_EQ(broken.value(), 0);
  }

  MemoryStorage storage_;
  std::optional<StoreVfs> vfs_;
  std::optional<sqlite::Connection> connection_;
};

TEST_F(StoreVfsTest, EveryCommitOutsideAGroupIsFlushed) {
  ASSERT_TRUE(Insert().ok());
  ASSERT_TRUE(Insert().ok());
  LosePower();
  EXPECT_EQ(Rows(), 2);
}

TEST_F(StoreVfsTest, TheCommitsOfAGroupShareOneFlush) {
  ASSERT_TRUE(Insert().ok());
  const int before = storage_.flushes;
  vfs_->BeginGroup();
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(Insert().ok());
  ASSERT_TRUE(vfs_->EndGroup().ok());
  EXPECT_EQ(storage_.flushes, before + 1);
  LosePower();
  EXPECT_EQ(Rows(), 6);
}

TEST_F(StoreVfsTest, APowerCutWithinAGroupLosesOnlyWhatWasNotAnswered) {
  ASSERT_TRUE(Insert().ok());
  vfs_->BeginGroup();
  ASSERT_TRUE(Insert().ok());
  LosePower();
  EXPECT_EQ(Rows(), 1);
  ExpectSound();
}

// Checkpoints fall into groups too; whatever the moment of the cut, the answered are there and the file is sound.
TEST_F(StoreVfsTest, ACutAtAnyMomentLeavesASoundStore) {
  int answered = 0;
  for (int round = 0; round < 60; ++round) {
    vfs_->BeginGroup();
    for (int i = 0; i < 1 + round % 7; ++i) ASSERT_TRUE(Insert().ok());
    if (round % 3 == 2) {
      LosePower();
      ASSERT_GE(Rows(), answered);
      answered = static_cast<int>(Rows());
    } else {
      ASSERT_TRUE(vfs_->EndGroup().ok());
      answered = static_cast<int>(Rows());
    }
    ExpectSound();
  }
  EXPECT_GT(answered, 100);
}

TEST_F(StoreVfsTest, AFullDiskIsToldToTheTransactionThatMetItAndRollsBack) {
  ASSERT_TRUE(Insert().ok());
  vfs_->BeginGroup();
  ASSERT_TRUE(Insert().ok());
  storage_.full = true;
  const Status refused = Insert();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kFull);
  storage_.full = false;
  ASSERT_TRUE(Insert().ok());
  ASSERT_TRUE(vfs_->EndGroup().ok());
  LosePower();
  EXPECT_EQ(Rows(), 3);
  ExpectSound();
}

TEST_F(StoreVfsTest, AGroupThatCannotBeFlushedSaysSo) {
  vfs_->BeginGroup();
  ASSERT_TRUE(Insert().ok());
  storage_.broken = true;
  EXPECT_FALSE(vfs_->EndGroup().ok());
}

}  // namespace
}  // namespace outpost::wasm
