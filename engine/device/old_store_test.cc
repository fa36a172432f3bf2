// A queue written by an older release is opened by this one, waiting commands included (O14, B9).
#include <algorithm>

#include "engine/device/device_fixture.h"
#include "engine/store/first_release_schema.h"
#include "sqlite/connection.h"

namespace outpost::engine {
namespace {

// What release 1.0 noted of itself.
constexpr const char* kMetaOne = R"sql(
  INSERT INTO meta VALUES('workspace','w'),('user','anna'),('device','01J0000000000000000000DEV1'),
    ('incarnation','01J0000000000000000000INC1'),('epoch','epoch-1'),('generation','1');
  PRAGMA application_id=1333097552;
  PRAGMA user_version=1;
)sql";

// 1.0 wrote what a rule met as "collection US id US access RS".
constexpr const char* kInsert =
    "INSERT INTO command(position,id,incarnation,n,author,type,payload,key,fingerprint,created_at,touched,"
    "resource_collection,resource_id,status,updated_at,problem) VALUES(?1,?2,'01J0000000000000000000INC1',?1,'anna',?3,"
    "?4,?2,?5,1760000000000,?6,'orders','o1',?7,1760000000000,?8)";

class OldStoreTest : public DeviceFixture {
 protected:
  OldStoreTest() {
    device.reset();
    for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(options.store.path + suffix);
    sqlite::OpenOptions open;
    open.path = options.store.path;
    connection_ = std::make_unique<sqlite::Connection>(sqlite::Connection::Open(open).value());
    EXPECT_TRUE(connection_->Execute(kFirstReleaseSchema).ok());
    EXPECT_TRUE(connection_->Execute(kMetaOne).ok());
  }
  void Insert(std::int64_t n, const std::string& id, const std::string& type, const json::object& payload, char access,
              CommandStatus status, const std::string& problem = "") {
    const std::string text = ToJson(payload);
    const Digest digest = FingerprintOf(ParseTypeName(type).value().family, payload);
    const std::string touched = std::string("orders\x1fo1\x1f") + access + '\x1e';
    auto insert = connection_->Prepare(kInsert).value();
    insert.Bind(1, n).Bind(2, id).Bind(3, type).Bind(4, text);
    insert.BindBlob(5, {reinterpret_cast<const char*>(digest.data()), digest.size()});
    insert.Bind(6, touched).Bind(7, static_cast<std::int64_t>(status)).Bind(8, problem);
    EXPECT_TRUE(insert.Run().ok());
  }
  std::unique_ptr<sqlite::Connection> connection_;
};

TEST_F(OldStoreTest, WaitingCommandsOfAnOlderReleaseArriveAsTheyWereWritten) {
  const json::object order = OrderOf("o1", "espresso", 2, 250);
  Insert(1, "01J0000000000000000000CMD1", "ORDER_CREATE_V1", order, '0', CommandStatus::kPending);
  Insert(2, "01J0000000000000000000CMD2", "ORDER_CLOSE_V1", CashFor("o1", 500), '1', CommandStatus::kPending);
  connection_.reset();
  Reopen();
  EXPECT_EQ(device->status().waiting, 2);
  EXPECT_EQ(device->FindCommand(CommandId("01J0000000000000000000CMD1")).value()->payload, ToJson(order));
  Settle();
  EXPECT_EQ(StatusOf(CommandId("01J0000000000000000000CMD1")), CommandStatus::kSucceeded);
  EXPECT_EQ(StatusOf(CommandId("01J0000000000000000000CMD2")), CommandStatus::kSucceeded);
  EXPECT_EQ(server.applied(), 2);
  EXPECT_EQ(Visible("orders", "o1").at("status").as_string(), "CLOSED");
  EXPECT_EQ(device->id(), DeviceId("01J0000000000000000000DEV1"));
  const CommandId next = Do("ORDER_CREATE_V1", OrderOf("o2", "espresso", 1, 250));
  EXPECT_EQ(device->FindCommand(next).value()->n, CommandNumber(3));
}

TEST_F(OldStoreTest, WhatWasSetAsideByAnOlderReleaseCanBeWorkedOffByThisOne) {
  const std::string problem = ToJson(ToProblemDocument({ProblemCode::kForbidden, "not yet", {}, {}}));
  const CommandId refused("01J0000000000000000000CMD1");
  const CommandId blocked("01J0000000000000000000CMD2");
  Insert(1, refused.value, "ORDER_CREATE_V1", OrderOf("o1", "espresso", 2, 250), '0', CommandStatus::kFailed, problem);
  Insert(2, blocked.value, "ORDER_CLOSE_V1", CashFor("o1", 500), '1', CommandStatus::kBlocked, problem);
  connection_.reset();
  Reopen();
  EXPECT_EQ(device->status().quarantined, 2);
  Settle();
  ASSERT_TRUE(device->Retry(refused, now()).ok());
  EXPECT_EQ(StatusOf(blocked), CommandStatus::kPending);
  Tell(Wake{});
  Settle();
  EXPECT_EQ(StatusOf(blocked), CommandStatus::kSucceeded);
  EXPECT_EQ(server.applied(), 2);
}

// B6: who did it stays who did it, whoever is signed in when it goes up.
TEST_F(OldStoreTest, CommandsGoUpUnderTheNameOfWhoeverExecutedThem) {
  connection_.reset();
  std::filesystem::remove(options.store.path);
  options.sharing = Sharing::kTerminal;
  options.user = UserId("anna");
  Reopen();
  Settle();
  GoOffline();
  const CommandId annas = Do("ORDER_CREATE_V1", OrderOf("o1", "espresso", 1, 250));
  options.user = UserId("bilal");
  Reopen();
  const CommandId bilals = Do("ORDER_CREATE_V1", OrderOf("o2", "espresso", 1, 250));
  Tell(SyncNow{});
  std::string sent;
  for (const HttpSend& send : wire) sent += send.request.body;
  const std::size_t first = sent.find("\"" + annas.value + "\"");
  ASSERT_NE(first, std::string::npos);
  EXPECT_LT(sent.find("\"author\":\"anna\"", first), sent.find("\"author\":\"bilal\"", first));
  Settle();
  EXPECT_EQ(device->FindCommand(annas).value()->author, UserId("anna"));
  EXPECT_EQ(device->FindCommand(bilals).value()->author, UserId("bilal"));
  EXPECT_EQ(Visible("orders", "o1").at("createdBy").as_string(), "anna");
  EXPECT_EQ(Visible("orders", "o2").at("createdBy").as_string(), "bilal");
}

}  // namespace
}  // namespace outpost::engine
