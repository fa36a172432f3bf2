#include "server/postgres/postgres_store.h"

#include <unistd.h>

#include <thread>

#include "server/core/store_contract.h"
#include "server/core/store_contract_meanwhile.h"
#include "server/postgres/postgres_fixture.h"

namespace outpost::server {

std::string FreshSchema() {
  static std::atomic<int> count{0};
  return "test_" + std::to_string(::getpid()) + "_" + std::to_string(count++);
}

void DropSchema(const std::string& schema) {
  postgres::ConnectionOptions options;
  options.url = DatabaseForTest();
  auto connection = postgres::Connection::Open(options);
  if (connection.ok())
    static_cast<void>(connection.value()->Execute("SET client_min_messages = error; DROP SCHEMA IF EXISTS " +
                                                  connection.value()->Quoted(schema) + " CASCADE"));
}

namespace {

// Making a schema takes longer than most tests do: one that a test is done with is emptied for the next.
class Schemas {
 public:
  ~Schemas() {
    for (const std::string& schema : free_) DropSchema(schema);
  }
  std::string Take() {
    if (free_.empty()) return FreshSchema();
    std::string schema = std::move(free_.back());
    free_.pop_back();
    return schema;
  }
  void GiveBack(const std::string& schema) {
    const auto connection = postgres::Connection::Open(OptionsForTest(schema).connection).value();
    const Status emptied = connection->Execute(
        "DELETE FROM workspace; DELETE FROM document; DELETE FROM departed; DELETE FROM internal; DELETE FROM command; "
        "DELETE FROM outcome; DELETE FROM incarnation; DELETE FROM sign_in; DELETE FROM local_id");
    if (emptied.ok()) free_.push_back(schema);
  }

 private:
  std::vector<std::string> free_;
};

Schemas& SchemasForTest() {
  static Schemas schemas;
  return schemas;
}

class StoreInSchema : public Store {
 public:
  StoreInSchema() {
    Random random(7);
    auto opened = PostgresStore::Open(OptionsForTest(schema_), random);
    OUTPOST_ASSERT(opened.ok());
    store_ = std::move(opened).value();
  }
  ~StoreInSchema() override {
    store_.reset();
    SchemasForTest().GiveBack(schema_);
  }
  const std::string& schema() const { return schema_; }
  Epoch epoch() const override { return store_->epoch(); }
  Result<std::unique_ptr<WriteTransaction>> BeginWrite() override { return store_->BeginWrite(); }
  Result<std::unique_ptr<ReadTransaction>> BeginRead() override { return store_->BeginRead(); }
  Result<bool> Purge(const PurgeBounds& bounds) override { return store_->Purge(bounds); }

 private:
  const std::string schema_ = SchemasForTest().Take();
  std::unique_ptr<PostgresStore> store_;
};

class PostgresStoreTest : public PostgresFixture {};

}  // namespace

std::unique_ptr<Store> MakeStoreForTest() { return std::make_unique<StoreInSchema>(); }

std::unique_ptr<Store> MakeSecondStoreForTest(Store& store) {
  Random random(8);
  PostgresStoreOptions options = OptionsForTest(static_cast<StoreInSchema&>(store).schema());
  options.connection.lock_time_max = Milliseconds(50);
  auto opened = PostgresStore::Open(options, random);
  OUTPOST_ASSERT(opened.ok());
  return std::move(opened).value();
}

TEST_F(PostgresStoreTest, AnotherServerSeesTheSameStore) {
  auto first = Open();
  auto second = Open();
  EXPECT_EQ(first->epoch(), second->epoch());
  CommandService service(*first, {});
  const auto answers = service.ExecuteGroup(Group(Send(Staff(), CreateOrder("o1"))), Timestamp{1000});
  EXPECT_EQ(Response(answers[0]).results[0].status, WireStatus::kSucceeded);
  EXPECT_EQ(second->BeginRead().value()->Head(shop_).value().head, Sequence(1));
}

// Of four servers that start at the same moment; empty where one did not.
std::vector<Epoch> OpenAtOnce(const std::string& schema) {
  std::vector<std::thread> starting;
  std::vector<Epoch> epochs(4);
  for (std::size_t i = 0; i < epochs.size(); ++i) {
    starting.emplace_back([&, i] {
      Random random(i);
      const auto opened = PostgresStore::Open(OptionsForTest(schema), random);
      if (opened.ok()) epochs[i] = opened.value()->epoch();
    });
  }
  for (std::thread& thread : starting) thread.join();
  return epochs;
}

TEST_F(PostgresStoreTest, ServersThatStartAtOnceMakeOneSchema) {
  const std::vector<Epoch> epochs = OpenAtOnce(schema_);
  EXPECT_NE(epochs.front(), Epoch());
  EXPECT_EQ(epochs, std::vector<Epoch>(4, epochs.front()));
}

// An older release left its tables and a device that had signed in.
TEST_F(PostgresStoreTest, ServersThatStartAtOnceBringAnOlderSchemaUpToDate) {
  const Epoch before = Open()->epoch();
  ASSERT_TRUE(Script("ALTER TABLE sign_in DROP COLUMN roles; UPDATE meta SET value = '1' WHERE name = 'schema'; "
                     "INSERT INTO sign_in(workspace, device, author) VALUES (1, 'till', 'ann')")
                  .ok());
  EXPECT_EQ(OpenAtOnce(schema_), std::vector<Epoch>(4, before));
  EXPECT_TRUE(Script("SELECT 1 / (SELECT count(*) FROM sign_in WHERE author = 'ann' AND roles = '[\"staff\"]')").ok());
}

// Rows of a workspace lie together, and a distributed database could spread the tables by it: all but the names.
TEST_F(PostgresStoreTest, TheWorkspaceStandsFirstInEveryKey) {
  Open().reset();
  constexpr postgres::Statement kOtherKeys{
      "other_keys",
      "SELECT coalesce(string_agg(k.relname::text, ' ' ORDER BY k.relname), '') FROM pg_index i "
      "JOIN pg_class t ON t.oid = i.indrelid JOIN pg_class k ON k.oid = i.indexrelid "
      "JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = i.indkey[0] "
      "WHERE t.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema()) "
      "AND t.relname NOT IN ('meta', 'job') AND a.attname <> 'workspace'"};
  const auto connection = postgres::Connection::Open(OptionsForTest(schema_).connection).value();
  EXPECT_EQ(connection->Query(kOtherKeys).value().String(0, 0), "workspace_name_key");
}

TEST_F(PostgresStoreTest, ASchemaOfANewerReleaseIsRefused) {
  Open().reset();
  ASSERT_TRUE(Script("UPDATE meta SET value = '999' WHERE name = 'schema'").ok());
  Random random(1);
  const auto opened = PostgresStore::Open(OptionsForTest(schema_), random);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::kRefused);
}

TEST_F(PostgresStoreTest, ForeignTablesAreLeftAlone) {
  ASSERT_TRUE(Script("CREATE SCHEMA " + schema_ + "; CREATE TABLE " + schema_ + ".theirs(x int)").ok());
  Random random(1);
  const auto opened = PostgresStore::Open(OptionsForTest(schema_), random);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::kRefused);
}

// The write skew that the lock on the workspace prevents: both read, then both write what they read.
TEST_F(PostgresStoreTest, TwoServersOnOneWorkspaceAreSerial) {
  auto first = Open();
  auto second = Open();
  auto slow = first->BeginWrite().value();
  ASSERT_TRUE(slow->Lock(shop_).ok());
  std::optional<WorkspaceHead> seen;
  std::thread other([&] {
    auto waits = second->BeginWrite().value();
    const auto head = waits->Lock(shop_);
    if (head.ok()) seen = head.value();
  });
  WriteSet writes;
  writes.head = Sequence(1);
  ASSERT_TRUE(slow->Apply(shop_, writes, Timestamp{1}).ok());
  ASSERT_TRUE(slow->Commit().ok());
  slow.reset();
  other.join();
  ASSERT_TRUE(seen.has_value());
  EXPECT_EQ(seen->head, Sequence(1));
}

TEST_F(PostgresStoreTest, ALockHeldTooLongIsRetryNeverFailed) {
  auto holder = Open();
  auto store = Open(Milliseconds(50));
  auto held = holder->BeginWrite().value();
  ASSERT_TRUE(held->Lock(shop_).ok());
  CommandService service(*store, {});
  const auto group = Group(Send(Staff(), CreateOrder("o1")));
  EXPECT_EQ(Response(service.ExecuteGroup(group, Timestamp{1000})[0]).results[0].status, WireStatus::kRetry);
  held.reset();
  EXPECT_EQ(Response(service.ExecuteGroup(group, Timestamp{1000})[0]).results[0].status, WireStatus::kSucceeded);
}

TEST_F(PostgresStoreTest, ACutConnectionIsRetryAndTheNextOneWorks) {
  auto store = Open();
  CommandService service(*store, {});
  ASSERT_EQ(service.ExecuteGroup(Group(Send(Staff(), CreateOrder("o1"))), Timestamp{1000}).size(), 1u);
  ASSERT_TRUE(Script("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
                     "AND usename = current_user")
                  .ok());
  const auto group = Group(Send(Staff(), CreateOrder("o2")), Send(Staff(), CreateOrder("o3")));
  for (const auto& answer : service.ExecuteGroup(group, Timestamp{1000}))
    EXPECT_EQ(Response(answer).results[0].status, WireStatus::kRetry);
  for (const auto& answer : service.ExecuteGroup(group, Timestamp{1000}))
    EXPECT_EQ(Response(answer).results[0].status, WireStatus::kSucceeded);
  EXPECT_TRUE(store->BeginRead().ok());
}

TEST_F(PostgresStoreTest, ConnectionsThatDiedInThePoolCostNobodyAnAnswer) {
  auto store = Open();
  const auto kill = [&] {
    ASSERT_TRUE(store->BeginRead().ok());  // one is in the pool now
    ASSERT_TRUE(Script("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
                       "AND usename = current_user")
                    .ok());
  };
  kill();
  EXPECT_TRUE(store->Ready().ok());
  kill();
  EXPECT_TRUE(store->Jobs().ok());
  kill();
  JobRecord job;
  job.name = "purge";
  job.version = 1;
  EXPECT_EQ(store->PutJob(job).value(), true);
}

TEST_F(PostgresStoreTest, AnEpochThatAnotherServerReplacedIsNoticedByTheNextGroup) {
  auto store = Open();
  CommandService service(*store, {});
  ASSERT_TRUE(Script("UPDATE meta SET value = 'ANOTHER' WHERE name = 'epoch'").ok());
  const auto answers = service.ExecuteGroup(Group(Send(Staff(), CreateOrder("o1"))), Timestamp{1000});
  EXPECT_EQ(Response(answers[0]).epoch, Epoch("ANOTHER"));
  EXPECT_EQ(store->epoch(), Epoch("ANOTHER"));
}

// An older backup in the database's place: what this server has answered is gone, so devices must offer it again.
TEST_F(PostgresStoreTest, LostHistoryGivesTheStoreAnotherEpoch) {
  auto store = Open();
  auto other = Open();
  const Epoch before = store->epoch();
  CommandService service(*store, {});
  ASSERT_EQ(service.ExecuteGroup(Group(Send(Staff(), CreateOrder("o1"))), Timestamp{1000}).size(), 1u);
  ASSERT_EQ(service.ExecuteGroup(Group(Send(Staff(), CreateOrder("o2"))), Timestamp{1000}).size(), 1u);
  ASSERT_TRUE(Script("UPDATE workspace SET head = 1, head_command = 'o1'; DELETE FROM command WHERE place = 2; "
                     "DELETE FROM outcome WHERE place = 2; "
                     "DELETE FROM document WHERE seq = 2")
                  .ok());
  const auto answers = service.ExecuteGroup(Group(Send(Staff(), CreateOrder("o3"))), Timestamp{1000});
  EXPECT_EQ(Response(answers[0]).results[0].status, WireStatus::kSucceeded);
  EXPECT_NE(Response(answers[0]).epoch, before);
  ASSERT_TRUE(other->BeginRead().ok());
  EXPECT_EQ(other->epoch(), store->epoch());
}

TEST_F(PostgresStoreTest, AJobIsTakenByOneServer) {
  auto first = Open();
  auto second = Open();
  JobRecord record;
  record.name = "purge";
  record.version = 1;
  record.holder = "first";
  record.started = Timestamp{5};
  JobRecord late = record;
  late.holder = "second";
  EXPECT_TRUE(first->PutJob(record).value());
  EXPECT_FALSE(second->PutJob(late).value()) << "the same version again";
  late.version = 3;
  EXPECT_FALSE(second->PutJob(late).value()) << "a version was left out";
  late.version = 2;
  EXPECT_TRUE(second->PutJob(late).value());
  const auto jobs = first->Jobs().value();
  ASSERT_EQ(jobs.size(), 1u);
  EXPECT_EQ(jobs.front().holder, "second");
  EXPECT_EQ(jobs.front().started, Timestamp{5});
  EXPECT_FALSE(jobs.front().finished.has_value());
}

TEST_F(PostgresStoreTest, ReplicatedNeedsASynchronousStandby) {
  PostgresStoreOptions options = OptionsForTest(schema_);
  options.durability = Durability::kReplicated;
  Random random(1);
  const auto opened = PostgresStore::Open(options, random);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::kRefused);
}

// The price of a group does not grow with it.
TEST_F(PostgresStoreTest, AGroupTakesAHandfulOfRoundTrips) {
  auto store = Open();
  CommandService service(*store, {});
  std::vector<Submission> group;
  for (int i = 0; i < 200; ++i) {
    Submission submission = FromTill(Staff(), 2 * i + 1, CreateOrder("o" + std::to_string(i)),
                                     SendToKitchen("s" + std::to_string(i), "o" + std::to_string(i)));
    group.push_back(std::move(submission));
  }
  ASSERT_EQ(service.ExecuteGroup(Group(Send(Staff(), CreateOrder("first"))), Timestamp{1000}).size(), 1u);
  for (const auto& answer : service.ExecuteGroup(group, Timestamp{1000}))
    ASSERT_EQ(Response(answer).results[1].status, WireStatus::kSucceeded);
  EXPECT_LE(store->counters().round_trips, 6u);
}

}  // namespace outpost::server
