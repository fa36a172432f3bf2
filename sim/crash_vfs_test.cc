#include "sim/crash_vfs.h"

#include <gtest/gtest.h>

#include <set>

#include "sim/seed.h"
#include "sqlite/connection.h"

namespace outpost::sim {
namespace {

constexpr const char* kPath = "disk.db";

class CrashVfsTest : public testing::Test {
 protected:
  static std::unique_ptr<CrashVfs> NewDisk(std::uint64_t seed) {
    return std::make_unique<CrashVfs>(
        "crash-vfs-test", [] { return Timestamp{1'000}; }, RandomFor(seed, "disk"));
  }
  static Result<sqlite::Connection> Open(CrashVfs& disk) {
    return sqlite::Connection::Open({.path = kPath, .vfs = disk.name(), .exclusive_locking = true, .cache_kib = 256});
  }
  static Status Insert(sqlite::Connection& connection, std::int64_t value) {
    OUTPOST_TRY(auto transaction, sqlite::Transaction::Begin(connection, "insert"));
    OUTPOST_TRY(auto statement, connection.Prepare("INSERT INTO t(v, pad) VALUES(?1, randomblob(300))"));
    OUTPOST_CHECK(statement.Bind(1, value).Run());
    return transaction.Commit();
  }
  static std::set<std::int64_t> Values(sqlite::Connection& connection) {
    std::set<std::int64_t> values;
    auto statement = connection.Prepare("SELECT v FROM t");
    EXPECT_TRUE(statement.ok());
    while (statement.value().Step().value()) values.insert(statement.value().Integer(0));
    return values;
  }
};

// A raw file of the VFS, below SQLite's own logic.
class RawFile {
 public:
  explicit RawFile(CrashVfs& disk) : memory_(static_cast<std::size_t>(Vfs(disk)->szOsFile)) {
    EXPECT_EQ(Vfs(disk)->xOpen(Vfs(disk), "raw", get(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_WAL,
                               nullptr),
              SQLITE_OK);
  }
  ~RawFile() { get()->pMethods->xClose(get()); }
  sqlite3_file* get() { return reinterpret_cast<sqlite3_file*>(memory_.data()); }
  int Write(const std::string& bytes, std::int64_t offset) {
    return get()->pMethods->xWrite(get(), bytes.data(), static_cast<int>(bytes.size()), offset);
  }
  int Sync() { return get()->pMethods->xSync(get(), SQLITE_SYNC_NORMAL); }

 private:
  static sqlite3_vfs* Vfs(CrashVfs& disk) { return sqlite3_vfs_find(disk.name().c_str()); }
  std::vector<std::max_align_t> memory_;
};

TEST_F(CrashVfsTest, SyncedBytesSurviveEveryCrash) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    auto disk = NewDisk(seed);
    {
      RawFile file(*disk);
      ASSERT_EQ(file.Write(std::string(2000, 'a'), 0), SQLITE_OK);
      ASSERT_EQ(file.Sync(), SQLITE_OK);
      ASSERT_EQ(file.Write(std::string(2000, 'b'), 2000), SQLITE_OK);
      disk->Crash();
    }
    ASSERT_NE(disk->Contents("raw"), nullptr);
    EXPECT_EQ(disk->Contents("raw")->substr(0, 2000), std::string(2000, 'a'));
  }
}

TEST_F(CrashVfsTest, UnsyncedWritesAreLostKeptOrTornAtSectors) {
  int lost = 0;
  int kept = 0;
  int torn = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    auto disk = NewDisk(seed);
    {
      RawFile file(*disk);
      ASSERT_EQ(file.Write(std::string(4096, 'a'), 0), SQLITE_OK);
      ASSERT_EQ(file.Sync(), SQLITE_OK);
      ASSERT_EQ(file.Write(std::string(4096, 'b'), 0), SQLITE_OK);
      disk->Crash();
    }
    const std::string& bytes = *disk->Contents("raw");
    ASSERT_EQ(bytes.size(), 4096u);
    std::size_t changed = 0;
    for (std::size_t at = 0; at < bytes.size(); at += kSectorBytes) {
      const std::string sector = bytes.substr(at, kSectorBytes);
      ASSERT_TRUE(sector == std::string(kSectorBytes, 'a') || sector == std::string(kSectorBytes, 'b'));
      changed += sector[0] == 'b' ? 1 : 0;
    }
    ++(changed == 0 ? lost : changed == bytes.size() / kSectorBytes ? kept : torn);
  }
  EXPECT_GT(lost, 0);
  EXPECT_GT(kept, 0);
  EXPECT_GT(torn, 0);
}

TEST_F(CrashVfsTest, AFileNeverSyncedMayVanish) {
  int gone = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    auto disk = NewDisk(seed);
    {
      RawFile file(*disk);
      ASSERT_EQ(file.Write("x", 0), SQLITE_OK);
      disk->Crash();
    }
    gone += disk->Contents("raw") == nullptr ? 1 : 0;
  }
  EXPECT_GT(gone, 0);
  EXPECT_LT(gone, 40);
}

TEST_F(CrashVfsTest, HandlesOpenAtTheCrashAreDead) {
  auto disk = NewDisk(1);
  RawFile file(*disk);
  ASSERT_EQ(file.Write("x", 0), SQLITE_OK);
  disk->Crash();
  EXPECT_EQ(file.Write("y", 0), SQLITE_IOERR_WRITE);
  EXPECT_EQ(file.Sync(), SQLITE_IOERR_FSYNC);
}

// The whole point: whichever operation is the last one, SQLite brings back every row whose commit was reported.
TEST_F(CrashVfsTest, SqliteKeepsEveryReportedCommitWhicheverOperationIsTheLast) {
  for (std::uint64_t k = 1; k < 160; ++k) {
    auto disk = NewDisk(k);
    std::set<std::int64_t> reported;
    {
      auto connection = Open(*disk);
      ASSERT_TRUE(connection.ok());
      ASSERT_TRUE(connection.value().Execute("PRAGMA wal_autocheckpoint=8").ok());
      ASSERT_TRUE(connection.value().Execute("CREATE TABLE t(v INTEGER PRIMARY KEY, pad BLOB)").ok());
      disk->CrashAtOperation(k);
      for (std::int64_t value = 1; value <= 40 && !disk->down(); ++value) {
        if (Insert(connection.value(), value).ok() && !disk->down()) reported.insert(value);
      }
      ASSERT_TRUE(disk->down()) << "operation " << k << " was never reached";
    }
    disk->Crash();
    auto again = Open(*disk);
    ASSERT_TRUE(again.ok()) << again.error().message;
    EXPECT_EQ(
        again.value().QueryInteger("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'").value(),
        1);
    const auto values = Values(again.value());
    for (const std::int64_t value : reported) EXPECT_TRUE(values.contains(value)) << "row " << value << " at " << k;
    EXPECT_LE(values.size(), reported.size() + 1) << "at " << k;
  }
}

TEST_F(CrashVfsTest, ALyingDiskLosesReportedCommits) {
  bool lost = false;
  for (std::uint64_t seed = 0; seed < 20 && !lost; ++seed) {
    auto disk = NewDisk(seed);
    {
      auto connection = Open(*disk);
      ASSERT_TRUE(connection.value().Execute("CREATE TABLE t(v INTEGER PRIMARY KEY, pad BLOB)").ok());
      disk->LieAboutSync(true);
      for (std::int64_t value = 1; value <= 5; ++value) ASSERT_TRUE(Insert(connection.value(), value).ok());
      disk->Crash();
    }
    disk->LieAboutSync(false);
    auto again = Open(*disk);
    if (!again.ok()) continue;
    lost = Values(again.value()).size() < 5;
  }
  EXPECT_TRUE(lost);
}

TEST_F(CrashVfsTest, AFullDiskRollsBackAndGoesOnWhenThereIsRoomAgain) {
  auto disk = NewDisk(3);
  auto connection = Open(*disk);
  ASSERT_TRUE(connection.value().Execute("CREATE TABLE t(v INTEGER PRIMARY KEY, pad BLOB)").ok());
  ASSERT_TRUE(Insert(connection.value(), 1).ok());
  disk->SetFull(true);
  const auto refused = Insert(connection.value(), 2);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kFull);
  disk->SetFull(false);
  ASSERT_TRUE(Insert(connection.value(), 3).ok());
  EXPECT_EQ(Values(connection.value()), (std::set<std::int64_t>{1, 3}));
}

TEST_F(CrashVfsTest, AnIoErrorHitsOneOperationOnly) {
  auto disk = NewDisk(4);
  auto connection = Open(*disk);
  ASSERT_TRUE(connection.value().Execute("CREATE TABLE t(v INTEGER PRIMARY KEY, pad BLOB)").ok());
  disk->FailAtOperation(1);
  EXPECT_FALSE(Insert(connection.value(), 1).ok());
  EXPECT_FALSE(disk->down());
  EXPECT_TRUE(Insert(connection.value(), 2).ok());
}

}  // namespace
}  // namespace outpost::sim
