#include "engine/device/device.h"

#include "engine/device/device_fixture.h"

namespace outpost::engine {
namespace {

using DeviceTest = DeviceFixture;

json::object Adjust(std::int64_t delta) { return {{"sku", "espresso"}, {"delta", delta}, {"reason", "sale"}}; }

TEST_F(DeviceTest, AnAcceptedCommandSurvivesACrashWithItsEffect) {
  const CommandId create = Do("ORDER_CREATE_V1", OrderOf("o1", "espresso", 2, 250));
  Reopen();
  EXPECT_EQ(StatusOf(create), CommandStatus::kPending);
  EXPECT_EQ(Visible("orders", "o1").at("total").as_int64(), 500);
  Settle();
  EXPECT_EQ(StatusOf(create), CommandStatus::kSucceeded);
  EXPECT_EQ(server.applied(), 1);
}

TEST_F(DeviceTest, CommandsInFlightAtACrashAreSentAgainAndAppliedOnce) {
  Do("ORDER_CREATE_V1", OrderOf("o1", "espresso", 1, 250));
  const HttpSend push = TakeRequest("POST");
  static_cast<void>(server.Handle(push.request));
  Reopen();
  Settle();
  EXPECT_EQ(server.applied(), 1);
  EXPECT_EQ(device->status().waiting, 0);
}

TEST_F(DeviceTest, AWholeMealOfflineArrivesInOneBatchInOrder) {
  Settle();
  Do("ORDER_CREATE_V1", OrderOf("o1", "espresso", 1, 250));
  const HttpSend first = TakeRequest("POST");
  Do("ORDER_SEND_TO_KITCHEN_V1", {{"id", "o1"}});
  Do("ORDER_CLOSE_V1", CashFor("o1", 250));
  LoseRequest(first);
  Settle();
  EXPECT_EQ(server.applied(), 3);
  EXPECT_EQ(Visible("orders", "o1").at("status").as_string(), "CLOSED");
  EXPECT_EQ(Visible("stock", "espresso").at("onHand").as_int64(), -1);
}

TEST_F(DeviceTest, AnswersReplaysAndPagesNeverCountAnOwnEffectTwice) {
  server.Apply("INVENTORY_COUNT_V1", {{"sku", "espresso"}, {"quantity", 10}}, "count");
  Settle();
  ASSERT_EQ(Visible("stock", "espresso").at("onHand").as_int64(), 10);

  // The answer first, then the page.
  Do("INVENTORY_ADJUST_V1", Adjust(-1));
  EXPECT_EQ(Visible("stock", "espresso").at("onHand").as_int64(), 9);
  Deliver(TakeRequest("POST"));
  EXPECT_EQ(Visible("stock", "espresso").at("onHand").as_int64(), 9);
  Settle();
  EXPECT_EQ(Visible("stock", "espresso").at("onHand").as_int64(), 9);

  // The page first; the answer is lost, and comes later as a replay.
  Do("INVENTORY_ADJUST_V1", Adjust(-1));
  const HttpSend push = TakeRequest("POST");
  static_cast<void>(server.Handle(push.request));
  Tell(SyncNow{});
  Deliver(TakeRequest("GET"));
  EXPECT_EQ(Visible("stock", "espresso").at("onHand").as_int64(), 8);
  Deliver(push);
  EXPECT_EQ(Visible("stock", "espresso").at("onHand").as_int64(), 8);

  // The answer never comes at all.
  Do("INVENTORY_ADJUST_V1", Adjust(-1));
  const HttpSend lost = TakeRequest("POST");
  static_cast<void>(server.Handle(lost.request));
  EXPECT_EQ(Visible("stock", "espresso").at("onHand").as_int64(), 7);
  Tell(SyncNow{});
  Deliver(TakeRequest("GET"));
  EXPECT_EQ(Visible("stock", "espresso").at("onHand").as_int64(), 7);
  EXPECT_EQ(device->status().waiting, 0);
  EXPECT_TRUE(device->CheckOverlays().ok());
}

TEST_F(DeviceTest, ALateReplayIsShownUntilAPageCoversIt) {
  server.Apply("INVENTORY_COUNT_V1", {{"sku", "espresso"}, {"quantity", 10}}, "count");
  Settle();
  Do("INVENTORY_ADJUST_V1", Adjust(-1));
  LoseAnswer(TakeRequest("POST"));
  Deliver(TakeRequest("POST"));  // the replay: no documents
  EXPECT_EQ(device->status().waiting, 0);
  EXPECT_EQ(Visible("stock", "espresso").at("onHand").as_int64(), 9);
  Settle();
  EXPECT_EQ(Visible("stock", "espresso").at("onHand").as_int64(), 9);
  EXPECT_TRUE(device->CheckOverlays().ok());
}

TEST_F(DeviceTest, OthersChangesAppearUnderPendingOnes) {
  server.Apply("INVENTORY_COUNT_V1", {{"sku", "espresso"}, {"quantity", 10}}, "count");
  Settle();
  Do("INVENTORY_ADJUST_V1", Adjust(-1));
  wire.clear();
  server.Apply("INVENTORY_ADJUST_V1", Adjust(-5), "theirs");
  Tell(SyncNow{});
  Deliver(TakeRequest("GET"));
  EXPECT_EQ(Visible("stock", "espresso").at("onHand").as_int64(), 4);
  EXPECT_TRUE(device->CheckOverlays().ok());
}

TEST_F(DeviceTest, ARefusedCommandDisappearsAndHoldsBackOnlyWhatDependsOnIt) {
  server.Apply("ORDER_CREATE_V1", OrderOf("shared", "espresso", 1, 250), "theirs-1");
  Settle();
  server.Apply("ORDER_CANCEL_V1", {{"id", "shared"}}, "theirs-2");
  const CommandId send = Do("ORDER_SEND_TO_KITCHEN_V1", {{"id", "shared"}});
  const CommandId cancel = Do("ORDER_CANCEL_V1", {{"id", "shared"}});
  const CommandId other = Do("ORDER_CREATE_V1", OrderOf("o2", "espresso", 1, 250));
  EXPECT_EQ(Visible("orders", "shared").at("status").as_string(), "CANCELLED");
  Settle();
  EXPECT_EQ(StatusOf(send), CommandStatus::kConflict);
  EXPECT_EQ(StatusOf(cancel), CommandStatus::kBlocked);
  EXPECT_EQ(StatusOf(other), CommandStatus::kSucceeded);
  EXPECT_EQ(device->status().quarantined, 2);
  const auto refused = device->FindCommand(send).value();
  EXPECT_NE(refused->problem.find("INVALID_STATE_TRANSITION"), std::string::npos);
  EXPECT_TRUE(device->CheckOverlays().ok());
}

TEST_F(DeviceTest, ACloseRefusedForABrokenPayloadDoesNotStopOtherSalesOfTheArticle) {
  Settle();
  Do("ORDER_CREATE_V1", OrderOf("o1", "espresso", 1, 250));
  Do("ORDER_CREATE_V1", OrderOf("o2", "espresso", 1, 250));
  Intent anyway;
  anyway.local_refusal = LocalRefusal::kQueueAnyway;
  const CommandId broken = Do("ORDER_CLOSE_V1", {{"id", "o1"}, {"payment", "cash"}}, anyway);
  const CommandId good = Do("ORDER_CLOSE_V1", CashFor("o2", 250));
  Settle();
  EXPECT_EQ(StatusOf(broken), CommandStatus::kFailed);
  EXPECT_EQ(StatusOf(good), CommandStatus::kSucceeded);
  EXPECT_EQ(Visible("stock", "espresso").at("onHand").as_int64(), -1);
  EXPECT_NE(device->FindCommand(broken).value()->problem.find("VALIDATION_FAILED"), std::string::npos);
}

TEST_F(DeviceTest, WhatBuildsOnARefusedCommandIsSetAsideBeforeAndAfterTheRefusal) {
  server.Apply("ORDER_CREATE_V1", OrderOf("shared", "espresso", 1, 250), "theirs-1");
  Settle();
  server.Apply("ORDER_CANCEL_V1", {{"id", "shared"}}, "theirs-2");
  const CommandId send = Do("ORDER_SEND_TO_KITCHEN_V1", {{"id", "shared"}});
  Intent after;
  after.expected_version = AfterCommand{send};
  const CommandId before = Do("INVENTORY_ADJUST_V1", Adjust(-1), after);
  Settle();
  EXPECT_EQ(StatusOf(before), CommandStatus::kBlocked);
  Intent names;
  names.depends_on = {before};
  EXPECT_EQ(StatusOf(Do("INVENTORY_ADJUST_V1", Adjust(-2), names)), CommandStatus::kBlocked);
  EXPECT_FALSE(Shows("stock", "espresso"));
}

TEST_F(DeviceTest, ACaptivePortalsAnswerSettlesNothing) {
  const CommandId create = Do("ORDER_CREATE_V1", OrderOf("o1", "espresso", 1, 250));
  const HttpSend push = TakeRequest("POST");
  HttpResponse portal;
  portal.status = 200;
  portal.content_type = "text/html";
  portal.body = "OK";
  Tell(HttpDone{push.exchange, portal});
  EXPECT_EQ(StatusOf(create), CommandStatus::kPending);
  EXPECT_FALSE(device->status().online);
  Settle();
  EXPECT_EQ(StatusOf(create), CommandStatus::kSucceeded);
}

TEST_F(DeviceTest, AnAnswerToAnotherCommandOrFingerprintIsNone) {
  const CommandId create = Do("ORDER_CREATE_V1", OrderOf("o1", "espresso", 1, 250));
  const HttpSend push = TakeRequest("POST");
  HttpResponse answer = server.Handle(push.request);
  const std::string fingerprint = ToHex(device->FindCommand(create).value()->fingerprint);
  const std::size_t at = answer.body.find(fingerprint);
  ASSERT_NE(at, std::string::npos);
  answer.body.replace(at, 4, "beef");
  Tell(HttpDone{push.exchange, answer});
  EXPECT_EQ(StatusOf(create), CommandStatus::kPending);
}

TEST_F(DeviceTest, TheSameKeyIsOneOperation) {
  Intent intent;
  intent.key = IdempotencyKey("tap-1");
  const CommandId first = Do("ORDER_CREATE_V1", OrderOf("o1", "espresso", 1, 250), intent);
  EXPECT_EQ(Do("ORDER_CREATE_V1", OrderOf("o1", "espresso", 1, 250), intent), first);
  const auto other = Try("ORDER_CREATE_V1", OrderOf("o1", "espresso", 2, 250), intent);
  ASSERT_FALSE(other.ok());
  EXPECT_EQ(other.error().code, ErrorCode::kAlreadyExists);
  Settle();
  EXPECT_EQ(server.applied(), 1);
}

TEST_F(DeviceTest, BadInputIsRefusedAtOnceAndStoresNothing) {
  Settle();
  EXPECT_EQ(Try("ORDER_FROB_V1", {}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(Try("ORDER_CREATE_V1", {{"items", json::array{}}}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(Try("ORDER_CANCEL_V1", {{"id", "nowhere"}}).error().code, ErrorCode::kRefused);
  EXPECT_TRUE(device->Queue().value().empty());
}

TEST_F(DeviceTest, WhatADeviceDoesNotHoldIsQueuedWithoutPrediction) {
  server.Apply("ORDER_CREATE_V1", OrderOf("shared", "espresso", 1, 250), "theirs");
  const CommandId add =
      Do("ORDER_ADD_ITEMS_V1", {{"id", "shared"}, {"items", OrderOf("x", "tea", 1, 100).at("items")}});
  EXPECT_FALSE(Shows("orders", "shared"));
  Settle();
  EXPECT_EQ(StatusOf(add), CommandStatus::kSucceeded);
  EXPECT_EQ(Visible("orders", "shared").at("total").as_int64(), 350);
}

TEST_F(DeviceTest, AFullQueueRefusesTheNewWriteAndKeepsTheOthers) {
  options.waiting_max = 2;
  options.waiting_alert = 2;
  Reopen();
  Do("ORDER_CREATE_V1", OrderOf("o1", "espresso", 1, 250));
  Do("ORDER_CREATE_V1", OrderOf("o2", "espresso", 1, 250));
  const auto third = Try("ORDER_CREATE_V1", OrderOf("o3", "espresso", 1, 250));
  EXPECT_EQ(third.error().code, ErrorCode::kFull);
  EXPECT_EQ(device->Queue().value().size(), 2u);
  EXPECT_EQ(Notices(Notice::Kind::kTooManyWaiting), 1);
}

TEST_F(DeviceTest, AnExpiredCursorResyncsAndLosesNoPendingCommand) {
  server.Apply("PRODUCT_PUT_V1", {{"sku", "tea"}, {"name", "Tea"}, {"price", 100}}, "theirs");
  Settle();
  const CommandId create = Do("ORDER_CREATE_V1", OrderOf("o1", "espresso", 1, 250));
  wire.clear();
  server.ExpireCursors();
  Tell(SyncNow{});
  Deliver(TakeRequest("GET"));
  EXPECT_TRUE(Shows("products", "tea"));
  EXPECT_TRUE(Shows("orders", "o1"));
  Reopen();
  Settle();
  EXPECT_EQ(Notices(Notice::Kind::kResyncStarted), 1);
  EXPECT_EQ(StatusOf(create), CommandStatus::kSucceeded);
  EXPECT_TRUE(Shows("products", "tea"));
}

TEST_F(DeviceTest, ARoundIsACutAlsoWhenTheProcessDiesInItsMiddle) {
  for (int i = 0; i < 6; ++i) {
    server.Apply("INVENTORY_COUNT_V1", {{"sku", "a" + std::to_string(i)}, {"quantity", 10}},
                 "count" + std::to_string(i));
  }
  Settle();
  Do("INVENTORY_ADJUST_V1", {{"sku", "a0"}, {"delta", -1}, {"reason", "sale"}});
  const HttpSend push = TakeRequest("POST");
  static_cast<void>(server.Handle(push.request));
  for (int i = 1; i < 6; ++i)
    server.Apply("INVENTORY_ADJUST_V1", {{"sku", "a" + std::to_string(i)}, {"delta", -2}, {"reason", "x"}},
                 "x" + std::to_string(i));
  server.page_changes = 2;
  Tell(SyncNow{});
  Deliver(TakeRequest("GET"));
  EXPECT_EQ(Visible("stock", "a0").at("onHand").as_int64(), 9);
  Reopen();
  EXPECT_EQ(Visible("stock", "a0").at("onHand").as_int64(), 9);
  Settle();
  EXPECT_EQ(Visible("stock", "a0").at("onHand").as_int64(), 9);
  EXPECT_EQ(Visible("stock", "a5").at("onHand").as_int64(), 8);
  EXPECT_TRUE(device->CheckOverlays().ok());
}

TEST_F(DeviceTest, AStoreOfAnotherWorkspaceIsRefused) {
  options.workspace = WorkspaceId("other");
  Random random(1);
  const auto opened = Device::Open(options, Timestamp{0}, random);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace outpost::engine
