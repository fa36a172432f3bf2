#include "server/sqlite/sqlite_store.h"

#include <filesystem>
#include <fstream>
#include <thread>

#include "server/core/store_contract.h"
#include "server/core/store_contract_meanwhile.h"

namespace outpost::server {
namespace {

// A folder of its own for each store, gone with the test process's next run.
std::string FreshFolder() {
  static std::atomic<int> count{0};
  const auto folder = std::filesystem::temp_directory_path() /
                      ("outpost-sqlite-test-" + std::to_string(::getpid()) + "-" + std::to_string(count++));
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  return folder.string();
}

// Removes its folder when the store is done with it.
class StoreInFolder : public Store {
 public:
  explicit StoreInFolder(SqliteStoreOptions options) : folder_(FreshFolder()) {
    options.path = folder_ + "/outpost.db";
    Random random(7);
    store_ = SqliteStore::Open(options, random).value();
  }
  ~StoreInFolder() override {
    store_.reset();
    std::filesystem::remove_all(folder_);
  }
  Epoch epoch() const override { return store_->epoch(); }
  Result<std::unique_ptr<WriteTransaction>> BeginWrite() override { return store_->BeginWrite(); }
  Result<std::unique_ptr<ReadTransaction>> BeginRead() override { return store_->BeginRead(); }
  Result<bool> Purge(const PurgeBounds& bounds) override { return store_->Purge(bounds); }

 private:
  std::string folder_;
  std::unique_ptr<SqliteStore> store_;
};

class SqliteStoreTest : public testing::Test {
 protected:
  ~SqliteStoreTest() override { std::filesystem::remove_all(folder_); }

  Result<std::unique_ptr<SqliteStore>> Open(bool exclusive = false) {
    SqliteStoreOptions options;
    options.path = path_;
    options.exclusive_locking = exclusive;
    return SqliteStore::Open(options, random_);
  }
  static void Write(Store& store, int seq) {
    auto transaction = store.BeginWrite().value();
    const WorkspaceId shop("shop");
    ASSERT_TRUE(transaction->Lock(shop).ok());
    WriteSet writes;
    writes.head = Sequence(seq);
    DocumentWrite document;
    document.key = {CollectionName("orders"), DocumentId("o" + std::to_string(seq))};
    document.version = Version(1);
    document.seq = Sequence(seq);
    document.body = "{}";
    writes.documents.push_back(document);
    OutcomeWrite outcome;
    outcome.record.command = CommandId("c" + std::to_string(seq));
    outcome.record.seq = Sequence(seq);
    outcome.key = {UserId("ann"), "ORDER_CREATE", IdempotencyKey(outcome.record.command.value)};
    writes.outcomes.push_back(outcome);
    ASSERT_TRUE(transaction->Apply(shop, writes, Timestamp{1}).ok());
    ASSERT_TRUE(transaction->Commit().ok());
  }
  static std::string Contents(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  Random random_{3};
  std::string folder_ = FreshFolder();
  std::string path_ = folder_ + "/outpost.db";
};

TEST_F(SqliteStoreTest, ReopenedStoreHasTheSameEpochAndContents) {
  Epoch epoch;
  {
    auto store = Open().value();
    epoch = store->epoch();
    Write(*store, 1);
  }
  auto store = Open().value();
  EXPECT_EQ(store->epoch(), epoch);
  EXPECT_EQ(store->BeginRead().value()->Head(WorkspaceId("shop")).value().head, Sequence(1));
  Write(*store, 2);
  EXPECT_EQ(store->BeginRead().value()->Head(WorkspaceId("shop")).value().head, Sequence(2));
}

TEST_F(SqliteStoreTest, RotatedEpochStays) {
  auto store = Open().value();
  const Epoch before = store->epoch();
  ASSERT_TRUE(store->RotateEpoch(random_).ok());
  EXPECT_NE(store->epoch(), before);
  const Epoch after = store->epoch();
  store.reset();
  EXPECT_EQ(Open().value()->epoch(), after);
}

TEST_F(SqliteStoreTest, TextFileIsRefusedAndLeftAsItIs) {
  const std::string text(500, 'x');
  std::ofstream(path_) << text;
  const auto store = Open();
  ASSERT_FALSE(store.ok());
  EXPECT_EQ(store.error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(Contents(path_), text);
}

TEST_F(SqliteStoreTest, ForeignDatabaseIsRefusedAndLeftAsItIs) {
  {
    sqlite3* foreign = nullptr;
    ASSERT_EQ(sqlite3_open(path_.c_str(), &foreign), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(foreign, "CREATE TABLE recipes(name TEXT)", nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(foreign);
  }
  const std::string before = Contents(path_);
  const auto store = Open();
  ASSERT_FALSE(store.ok());
  EXPECT_EQ(store.error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(Contents(path_), before);
}

TEST_F(SqliteStoreTest, StoreOfANewerReleaseIsRefusedAndLeftAsItIs) {
  Open().value().reset();
  {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(path_.c_str(), &database), SQLITE_OK);
    ASSERT_EQ(
        sqlite3_exec(database, "PRAGMA user_version=99; PRAGMA wal_checkpoint(TRUNCATE)", nullptr, nullptr, nullptr),
        SQLITE_OK);
    sqlite3_close(database);
  }
  const std::string before = Contents(path_);
  const auto store = Open();
  ASSERT_FALSE(store.ok());
  EXPECT_EQ(store.error().code, ErrorCode::kRefused);
  EXPECT_NE(store.error().message.find("99"), std::string::npos);
  EXPECT_EQ(Contents(path_), before);
}

TEST_F(SqliteStoreTest, ReadsASnapshotWhileWritesGoOn) {
  auto store = Open().value();
  Write(*store, 1);
  auto snapshot = store->BeginRead().value();
  EXPECT_EQ(snapshot->Head(WorkspaceId("shop")).value().head, Sequence(1));
  Write(*store, 2);
  EXPECT_EQ(snapshot->Head(WorkspaceId("shop")).value().head, Sequence(1));
  EXPECT_EQ(snapshot->ReadFeed(WorkspaceId("shop"), {}).value().changes.size(), 1u);
  EXPECT_EQ(store->BeginRead().value()->Head(WorkspaceId("shop")).value().head, Sequence(2));
}

TEST_F(SqliteStoreTest, ReadersOfManyThreadsSeeWholeCommits) {
  auto store = Open().value();
  std::atomic<bool> done{false};
  std::atomic<int> wrong{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      while (!done) {
        auto read = store->BeginRead();
        if (!read.ok()) {
          ++wrong;
          continue;
        }
        const auto head = read.value()->Head(WorkspaceId("shop")).value().head;
        const auto page = read.value()->ReadFeed(WorkspaceId("shop"), {}).value();
        if (static_cast<std::int64_t>(page.changes.size()) != head.value) ++wrong;
      }
    });
  }
  for (int seq = 1; seq <= 100; ++seq) Write(*store, seq);
  done = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(wrong, 0);
}

TEST_F(SqliteStoreTest, OneConnectionServesReadsBetweenWrites) {
  auto store = Open(true).value();
  Write(*store, 1);
  {
    auto read = store->BeginRead();
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(read.value()->Head(WorkspaceId("shop")).value().head, Sequence(1));
    EXPECT_EQ(store->BeginWrite().error().code, ErrorCode::kBusy);
  }
  auto write = store->BeginWrite();
  ASSERT_TRUE(write.ok());
  EXPECT_EQ(store->BeginRead().error().code, ErrorCode::kBusy);
  write.value().reset();
  Write(*store, 2);
}

// Writes internal documents 0 to `count` - 1 at a version, in one transaction.
void WriteInternals(Store& store, std::int64_t version, std::size_t count, bool commit) {
  auto transaction = store.BeginWrite().value();
  const WorkspaceId shop("shop");
  ASSERT_TRUE(transaction->Lock(shop).ok());
  WriteSet writes;
  for (std::size_t i = 0; i < count; ++i) {
    DocumentWrite write;
    write.key = {CollectionName("_claims"), DocumentId("claim-" + std::to_string(i * 7919 % count))};
    write.version = Version(version);
    write.body = "{}";
    writes.documents.push_back(write);
  }
  ASSERT_TRUE(transaction->Apply(shop, writes, Timestamp{1}).ok());
  if (commit) {
    ASSERT_TRUE(transaction->Commit().ok());
  }
}

Version InternalVersion(Store& store, std::size_t i) {
  const DocumentKey key{CollectionName("_claims"), DocumentId("claim-" + std::to_string(i))};
  auto transaction = store.BeginWrite().value();
  const WorkspaceId shop("shop");
  static_cast<void>(transaction->Lock(shop).value());
  const auto row = transaction->LoadDocuments(shop, {&key, 1}).value().front();
  const Version loaded = row ? row->version : Version(0);
  transaction.reset();
  const auto read = store.BeginRead().value()->Get(shop, key).value();
  EXPECT_EQ(read ? read->version : Version(0), loaded);
  return loaded;
}

TEST_F(SqliteStoreTest, InternalDocumentsSurviveMergeRollBackAndReopening) {
  auto store = Open().value();
  WriteInternals(*store, 1, 100, true);
  EXPECT_EQ(InternalVersion(*store, 99), Version(1));
  EXPECT_EQ(InternalVersion(*store, 100), Version(0));
  WriteInternals(*store, 2, kInternalLogRowsMax + 10, false);
  EXPECT_EQ(InternalVersion(*store, 99), Version(1));
  store.reset();
  store = Open().value();
  EXPECT_EQ(InternalVersion(*store, 99), Version(1));
  WriteInternals(*store, 2, kInternalLogRowsMax, true);  // merges
  WriteInternals(*store, 3, 10, true);
  EXPECT_EQ(InternalVersion(*store, 9), Version(3));
  EXPECT_EQ(InternalVersion(*store, 10), Version(2));
  store.reset();
  store = Open().value();
  EXPECT_EQ(InternalVersion(*store, 9), Version(3));
  EXPECT_EQ(InternalVersion(*store, kInternalLogRowsMax - 1), Version(2));
}

TEST_F(SqliteStoreTest, AJobIsGivenToOneOfTwoWhoAskAndIsRemembered) {
  auto store = Open().value();
  JobRecord record;
  record.name = "purge";
  record.version = 1;
  record.holder = "here";
  record.next = Timestamp{5000};
  record.started = Timestamp{4000};
  record.runs = 3;
  ASSERT_TRUE(store->PutJob(record).value());
  JobRecord late = record;
  late.holder = "there";
  EXPECT_FALSE(store->PutJob(late).value()) << "the same version again";
  store.reset();
  store = Open().value();
  const std::vector<JobRecord> jobs = store->Jobs().value();
  ASSERT_EQ(jobs.size(), 1u);
  EXPECT_EQ(jobs[0].holder, "here");
  EXPECT_EQ(jobs[0].next, Timestamp{5000});
  EXPECT_EQ(jobs[0].started, Timestamp{4000});
  EXPECT_FALSE(jobs[0].finished.has_value());
  EXPECT_EQ(jobs[0].runs, 3);
}

TEST_F(SqliteStoreTest, AStoreWithOtherTablesIsNamedAndLeftAsItIs) {
  Open().value().reset();
  {
    sqlite::OpenOptions options;
    options.path = path_;
    auto connection = sqlite::Connection::Open(options).value();
    ASSERT_TRUE(connection.Execute("ALTER TABLE command RENAME TO commands_of_old").ok());
  }
  const auto opened = Open();
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::kCorrupt);
  EXPECT_NE(opened.error().message.find("its tables are others"), std::string::npos) << opened.error().message;
}

TEST_F(SqliteStoreTest, AStoreOfTheFirstVersionIsBroughtUpToThisOne) {
  Open().value().reset();
  {
    sqlite::OpenOptions options;
    options.path = path_;
    auto connection = sqlite::Connection::Open(options).value();
    ASSERT_TRUE(connection.Execute("ALTER TABLE sign_in DROP COLUMN roles").ok());
    ASSERT_TRUE(connection.Execute("INSERT INTO workspace(name) VALUES ('shop')").ok());
    ASSERT_TRUE(connection.Execute("INSERT INTO sign_in(workspace, device, user) VALUES (1, 'till-1', 'ann')").ok());
    ASSERT_TRUE(connection.Execute("PRAGMA user_version=1").ok());
  }
  auto store = Open();
  ASSERT_TRUE(store.ok()) << store.error().message;
  auto write = store.value()->BeginWrite().value();
  ASSERT_TRUE(write->Lock(WorkspaceId("shop")).ok());
  EXPECT_EQ(write->LoadSignIn(WorkspaceId("shop"), {DeviceId("till-1"), UserId("ann")}).value(), Roles{"staff"});
}

TEST_F(SqliteStoreTest, LongLogIsMovedIntoTheFile) {
  SqliteStoreOptions options;
  options.path = path_;
  options.wal_pages_max = 50;
  auto store = SqliteStore::Open(options, random_).value();
  for (int seq = 1; seq <= 60; ++seq) Write(*store, seq);
  EXPECT_GT(store->counters().checkpoints, 0u);
  EXPECT_EQ(store->counters().commits, 60u);
  EXPECT_LT(std::filesystem::file_size(path_ + "-wal"), 4096u * 200);
  ASSERT_TRUE(store->Checkpoint().ok());
}

TEST_F(SqliteStoreTest, LogThatAnOldSnapshotMadeLongGivesItsRoomBack) {
  SqliteStoreOptions options;
  options.path = path_;
  options.wal_pages_max = 20;
  const std::uintmax_t kept = 2u * 20 * 4096;
  auto store = SqliteStore::Open(options, random_).value();
  Write(*store, 1);
  {
    auto snapshot = store->BeginRead().value();
    ASSERT_TRUE(snapshot->Head(WorkspaceId("shop")).ok());
    for (int seq = 2; seq <= 60; ++seq) Write(*store, seq);
    EXPECT_GT(std::filesystem::file_size(path_ + "-wal"), 2 * kept);
  }
  for (int seq = 61; seq <= 63; ++seq) Write(*store, seq);
  EXPECT_LE(std::filesystem::file_size(path_ + "-wal"), kept);
}

}  // namespace

std::unique_ptr<Store> MakeStoreForTest() { return std::make_unique<StoreInFolder>(SqliteStoreOptions{}); }
std::unique_ptr<Store> MakeSecondStoreForTest(Store&) { return nullptr; }

}  // namespace outpost::server
