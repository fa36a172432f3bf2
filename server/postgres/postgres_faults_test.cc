// What the database may say instead of "done": each is RETRY and leaves nothing, and the same command sent again takes
// effect once.
#include <mutex>
#include <thread>

#include "server/postgres/postgres_fixture.h"

namespace outpost::server {
namespace {

class PostgresFaultsTest : public PostgresFixture {
 protected:
  // Every row written to `table` first runs this.
  void BeforeEachRow(const std::string& table, const std::string& statements) {
    ASSERT_TRUE(Script("CREATE SEQUENCE attempts; CREATE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS "
                       "$$ BEGIN " +
                       statements + " RETURN NEW; END $$; CREATE TRIGGER fault BEFORE INSERT OR UPDATE ON " + table +
                       " FOR EACH ROW EXECUTE FUNCTION fault()")
                    .ok());
  }
  void Mend(const std::string& table) { ASSERT_TRUE(Script("DROP TRIGGER fault ON " + table).ok()); }

  SubmissionResult Create(CommandService& service, const std::string& order) {
    return std::move(service.ExecuteGroup(Group(Send(Staff(), CreateOrder(order))), Timestamp{1000}).front());
  }
};

class PostgresErrorTest : public PostgresFaultsTest, public testing::WithParamInterface<const char*> {};

}  // namespace

TEST_P(PostgresErrorTest, IsRetryAndLeavesNothing) {
  auto store = Open();
  CommandService service(*store, {});
  BeforeEachRow("document", std::string("RAISE EXCEPTION USING ERRCODE = '") + GetParam() + "';");
  EXPECT_EQ(StatusOf(Create(service, "o1")), WireStatus::kRetry);
  const auto group = Group(Send(Staff(), CreateOrder("o2")), Send(Staff(), CreateOrder("o3")));
  for (const auto& answer : service.ExecuteGroup(group, Timestamp{1000}))
    EXPECT_EQ(StatusOf(answer), WireStatus::kRetry);
  Mend("document");
  for (const char* order : {"o1", "o2", "o3"}) {
    const auto answer = Create(service, order);
    EXPECT_EQ(StatusOf(answer), WireStatus::kSucceeded);
    EXPECT_FALSE(Response(answer).results[0].replayed);
  }
  EXPECT_EQ(store->BeginRead().value()->Head(shop_).value().head, Sequence(3));
}

// Serialisation failure, deadlock, lock not available, cancelled, shutting down, disk full, out of memory, I/O error,
// damaged page, internal error, and ones nobody foresees.
INSTANTIATE_TEST_SUITE_P(States, PostgresErrorTest,
                         testing::Values("40001", "40P01", "55P03", "57014", "57P01", "53100", "53200", "58030",
                                         "XX001", "XX000", "23505", "22P05"));

TEST_F(PostgresFaultsTest, ASerialisationFailureThatPassesIsNotEvenNoticed) {
  auto store = Open();
  CommandService service(*store, {});
  BeforeEachRow("document",
                "IF nextval('attempts') < 3 THEN RAISE EXCEPTION USING ERRCODE = 'serialization_failure'; END IF;");
  EXPECT_EQ(StatusOf(Create(service, "o1")), WireStatus::kSucceeded);
}

// Somebody else's transaction takes the rows in the other order.
TEST_F(PostgresFaultsTest, ADeadlockEndsAndNothingIsLost) {
  std::mutex mutex;
  std::string said;
  PostgresStoreOptions options = OptionsForTest(schema_);
  options.connection.lock_time_max = Milliseconds(5000);
  options.connection.report = [&](const std::string& text) {
    const std::lock_guard lock(mutex);
    said += text;
  };
  auto store = Open(options);
  CommandService service(*store, {});
  const auto in = [](const char* workspace, const std::string& order) {
    Caller caller = Staff();
    caller.workspace = WorkspaceId(workspace);
    return Send(caller, CreateOrder(order));
  };
  ASSERT_EQ(service.ExecuteGroup(Group(in("a", "a1"), in("b", "b1")), Timestamp{1000}).size(), 2u);
  const auto other = postgres::Connection::Open(options.connection).value();
  ASSERT_TRUE(other->Execute("BEGIN; SELECT 1 FROM workspace WHERE name = 'b' FOR UPDATE").ok());
  std::vector<SubmissionResult> answers;
  std::thread serving([&] { answers = service.ExecuteGroup(Group(in("a", "a2"), in("b", "b2")), Timestamp{1000}); });
  // Once the group holds a and waits for b.
  const auto watching = postgres::Connection::Open(OptionsForTest(schema_).connection).value();
  constexpr postgres::Statement kWaiting{"waiting", "SELECT count(*) FROM pg_locks WHERE NOT granted"};
  while (watching->Query(kWaiting).value().Integer(0, 0) == 0) std::this_thread::yield();
  const Status ended = other->Execute("SELECT 1 FROM workspace WHERE name = 'a' FOR UPDATE; COMMIT");
  serving.join();
  EXPECT_NE(said.find("40P01"), std::string::npos) << "one of the two was given up";
  static_cast<void>(ended);
  for (const auto& answer : answers) EXPECT_EQ(StatusOf(answer), WireStatus::kSucceeded);
}

TEST_F(PostgresFaultsTest, AStatementThatTakesTooLongIsRetry) {
  PostgresStoreOptions options = OptionsForTest(schema_);
  options.connection.answer_time_max = Milliseconds(300);
  auto store = Open(options);
  CommandService service(*store, {});
  BeforeEachRow("document", "PERFORM pg_sleep(30);");
  EXPECT_EQ(StatusOf(Create(service, "o1")), WireStatus::kRetry);
  Mend("document");
  EXPECT_EQ(StatusOf(Create(service, "o1")), WireStatus::kSucceeded);
}

// Maintenance that holds the tables: reads and writes wait, then say so.
TEST_F(PostgresFaultsTest, ALongTransactionOfSomebodyElseIsRetryUntilItEnds) {
  auto store = Open(Milliseconds(100));
  CommandService service(*store, {});
  const auto other = postgres::Connection::Open(OptionsForTest(schema_).connection).value();
  ASSERT_TRUE(other->Execute("BEGIN; LOCK TABLE document IN ACCESS EXCLUSIVE MODE").ok());
  EXPECT_EQ(StatusOf(Create(service, "o1")), WireStatus::kRetry);
  ASSERT_TRUE(other->Execute("COMMIT").ok());
  EXPECT_EQ(StatusOf(Create(service, "o1")), WireStatus::kSucceeded);
}

// A server that stands still within a transaction: the database ends it, and it cannot commit later.
TEST_F(PostgresFaultsTest, AServerThatStandsStillLosesItsLock) {
  auto stuck = Open();
  auto store = Open(Milliseconds(10'000));
  CommandService service(*store, {});
  auto held = stuck->BeginWrite().value();
  ASSERT_TRUE(held->Lock(shop_).ok());
  EXPECT_EQ(StatusOf(Create(service, "o1")), WireStatus::kSucceeded);
  WriteSet writes;
  writes.head = Sequence(1);
  ASSERT_TRUE(held->Apply(shop_, writes, Timestamp{1}).ok());
  EXPECT_FALSE(held->Commit().ok());
  EXPECT_EQ(store->BeginRead().value()->Head(shop_).value().head, Sequence(1));
}

TEST_F(PostgresFaultsTest, AFullDatabaseIsNotReadyUntilItHasRoom) {
  auto store = Open();
  CommandService service(*store, {});
  EXPECT_TRUE(store->Ready().ok());
  BeforeEachRow("outcome", "RAISE EXCEPTION USING ERRCODE = 'disk_full';");
  EXPECT_EQ(StatusOf(Create(service, "o1")), WireStatus::kRetry);
  EXPECT_EQ(store->Ready().error().code, ErrorCode::kFull);
  Mend("outcome");
  EXPECT_TRUE(store->Ready().ok());
  EXPECT_EQ(StatusOf(Create(service, "o1")), WireStatus::kSucceeded);
}

}  // namespace outpost::server
