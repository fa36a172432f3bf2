// A server or a device whose store was replaced by an older copy of itself (B8, B12).
#include "engine/device/device_fixture.h"

namespace outpost::engine {
namespace {

class EpochTest : public DeviceFixture {
 protected:
  static json::object Sale(std::int64_t delta) { return {{"sku", "tea"}, {"delta", delta}, {"reason", "sale"}}; }
  std::int64_t OnHand() { return Visible("stock", "tea").at("onHand").as_int64(); }
  void Run(std::int64_t ms) {
    const Timestamp end = now() + Milliseconds(ms);
    while (now() < end) {
      while (!wire.empty()) {
        const HttpSend send = std::move(wire.front());
        wire.pop_front();
        Deliver(send);
      }
      Sleep();
    }
  }
};

TEST_F(EpochTest, AnAnswerFromAnotherLifeOfTheServersStoreSettlesNothing) {
  Settle();
  const CommandId sale = Do("INVENTORY_ADJUST_V1", Sale(-1));
  const HttpSend push = TakeRequest("POST");
  HttpResponse answer = server.Handle(push.request);
  json::object body = ParseJson(answer.body).value().get_object();
  body["epoch"] = "before the restore";
  answer.body = ToJson(body);
  Tell(HttpDone{push.exchange, answer});
  EXPECT_EQ(StatusOf(sale), CommandStatus::kPending);
  EXPECT_EQ(OnHand(), -1);
  Settle();
  EXPECT_EQ(StatusOf(sale), CommandStatus::kSucceeded);
  EXPECT_EQ(server.applied(), 1);
}

TEST_F(EpochTest, ARestoredServerHealsFromItsTill) {
  server.Apply("INVENTORY_COUNT_V1", {{"sku", "tea"}, {"quantity", 100}}, "count");
  Settle();
  const CommandId before = Do("INVENTORY_ADJUST_V1", Sale(-1));
  Settle();
  const NaiveServer backup = server;
  const CommandId lost = Do("INVENTORY_ADJUST_V1", Sale(-10));
  Settle();
  ASSERT_EQ(server.applied(), 3);
  server = backup;
  server.BeginNewLife("epoch-2");
  const CommandId waiting = Do("ORDER_CREATE_V1", OrderOf("o1", "espresso", 1, 250));
  Run(60000);
  EXPECT_EQ(server.applied(), 4);
  EXPECT_EQ(StatusOf(lost), CommandStatus::kSucceeded);
  EXPECT_EQ(StatusOf(before), CommandStatus::kSucceeded);
  EXPECT_EQ(StatusOf(waiting), CommandStatus::kSucceeded);
  EXPECT_EQ(OnHand(), 89);
  EXPECT_EQ(Notices(Notice::Kind::kOfferedAgain), 1);
  const auto overlays = device->CheckOverlays();
  EXPECT_TRUE(overlays.ok()) << overlays.error().message;
}

TEST_F(EpochTest, OnlyWhatTheServerLacksIsSentAgain) {
  Settle();
  for (int i = 0; i < 5; ++i) Do("INVENTORY_ADJUST_V1", Sale(-1));
  Settle();
  server.BeginNewLife("epoch-2");
  Tell(SyncNow{});
  for (int i = 0; i < 50; ++i) {
    while (!wire.empty()) {
      const HttpSend send = std::move(wire.front());
      wire.pop_front();
      EXPECT_EQ(send.request.method, "GET");
      Deliver(send);
    }
    Sleep();
  }
  EXPECT_EQ(OnHand(), -5);
  EXPECT_EQ(Notices(Notice::Kind::kOfferedAgain), 0);
}

TEST_F(EpochTest, TheOfferSurvivesACrashInTheMiddleOfTheResync) {
  Settle();
  for (int i = 0; i < 6; ++i) {
    server.Apply("INVENTORY_COUNT_V1", {{"sku", "a" + std::to_string(i)}, {"quantity", 1}}, "c" + std::to_string(i));
  }
  Settle();
  const NaiveServer backup = server;
  Do("INVENTORY_ADJUST_V1", Sale(-10));
  Settle();
  server = backup;
  server.BeginNewLife("epoch-2");
  server.page_changes = 2;
  Tell(SyncNow{});
  Deliver(TakeRequest("GET"));  // refused: another life
  Deliver(TakeRequest("GET"));  // the first page
  Reopen();
  EXPECT_EQ(OnHand(), -10) << "shown all the while";
  Run(60000);
  EXPECT_EQ(OnHand(), -10);
  EXPECT_EQ(server.applied(), 7);
}

TEST_F(EpochTest, WhatWasSentLongAgoIsNotOfferedAgain) {
  Settle();
  const NaiveServer backup = server;
  Do("INVENTORY_ADJUST_V1", Sale(-1));
  Settle();
  options.history_ms = 100 * kDayMs;
  Reopen();
  Pass(8 * kDayMs);
  Settle();
  server = backup;
  server.BeginNewLife("epoch-2");
  Run(60000);
  EXPECT_EQ(server.applied(), 0);
}

TEST_F(EpochTest, AResyncLeavesWaitingCommandsByteForByte) {
  Settle();
  GoOffline();
  Intent intent;
  intent.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const CommandId create = Do("ORDER_CREATE_V1", OrderOf("o1", "espresso", 1, 250), intent);
  const auto before = *device->FindCommand(create).value();
  server.ExpireCursors();
  Tell(SyncNow{});
  LoseRequest(TakeRequest("POST"));
  Tell(SyncNow{});
  while (!wire.empty()) {
    const HttpSend send = std::move(wire.front());
    wire.pop_front();
    if (send.request.method == "GET") Deliver(send);
  }
  EXPECT_EQ(Notices(Notice::Kind::kResyncStarted), 1);
  const auto after = *device->FindCommand(create).value();
  EXPECT_EQ(after.payload, before.payload);
  EXPECT_EQ(after.key, before.key);
  EXPECT_EQ(after.n, before.n);
  EXPECT_EQ(after.position, before.position);
  EXPECT_EQ(after.traceparent, before.traceparent);
  EXPECT_EQ(after.fingerprint, before.fingerprint);
}

TEST_F(EpochTest, AStoreThatIsBehindTakesANewIncarnation) {
  Settle();
  Do("INVENTORY_ADJUST_V1", Sale(-1));
  Settle();
  device.reset();
  const std::string copy = options.store.path + ".copy";
  std::filesystem::copy_file(options.store.path, copy);
  Reopen();
  for (int i = 0; i < 3; ++i) Do("INVENTORY_ADJUST_V1", Sale(-1));
  Settle();
  ASSERT_EQ(server.applied(), 4);
  device.reset();
  for (const char* suffix : {"-wal", "-shm"}) std::filesystem::remove(options.store.path + suffix);
  std::filesystem::copy_file(copy, options.store.path, std::filesystem::copy_options::overwrite_existing);
  Reopen();
  const Incarnation old = device->incarnation();
  Do("INVENTORY_ADJUST_V1", Sale(-1));
  Settle();
  EXPECT_NE(device->incarnation(), old);
  EXPECT_EQ(Notices(Notice::Kind::kStoreBehind), 1);
  Do("INVENTORY_ADJUST_V1", Sale(-1));
  Settle();
  EXPECT_EQ(OnHand(), -6);
  EXPECT_EQ(server.applied(), 6);
}

}  // namespace
}  // namespace outpost::engine
