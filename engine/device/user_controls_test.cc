#include <algorithm>

#include "engine/device/device_fixture.h"

namespace outpost::engine {
namespace {

class UserControls : public DeviceFixture {
 protected:
  // A count of stock that rests on what somebody else has changed meanwhile.
  CommandId Conflicting() {
    server.Apply("INVENTORY_COUNT_V1", Count(10), "first");
    Settle();
    server.Apply("INVENTORY_COUNT_V1", Count(7), "theirs");
    const CommandId mine = Do("INVENTORY_COUNT_V1", Count(9));
    Settle();
    EXPECT_EQ(StatusOf(mine), CommandStatus::kConflict);
    return mine;
  }
  // An order that somebody else cancelled while we sent it to the kitchen.
  CommandId Refused() {
    server.Apply("ORDER_CREATE_V1", OrderOf("shared", "espresso", 1, 250), "theirs-1");
    Settle();
    server.Apply("ORDER_CANCEL_V1", {{"id", "shared"}}, "theirs-2");
    const CommandId send = Do("ORDER_SEND_TO_KITCHEN_V1", {{"id", "shared"}});
    return send;
  }
  static json::object Count(std::int64_t quantity) { return {{"sku", "tea"}, {"quantity", quantity}}; }
  void Sync() {
    Tell(Wake{});
    Settle();
  }
  CommandRecord Record(const CommandId& id) { return *device->FindCommand(id).value(); }
  std::int64_t OnHand() { return Visible("stock", "tea").at("onHand").as_int64(); }
  // Everything a law says of a device at rest.
  void ExpectSound() {
    const auto overlays = device->CheckOverlays();
    EXPECT_TRUE(overlays.ok()) << overlays.error().message;
  }
};

TEST_F(UserControls, RetryEvaluatesARefusedCommandAnew) {
  const CommandId mine = Conflicting();
  EXPECT_EQ(OnHand(), 7);
  ASSERT_TRUE(device->Retry(mine, now()).ok());
  EXPECT_EQ(StatusOf(mine), CommandStatus::kPending);
  EXPECT_EQ(Record(mine).revision, Revision(1));
  EXPECT_EQ(OnHand(), 9);
  ExpectSound();
  Sync();
  EXPECT_EQ(StatusOf(mine), CommandStatus::kConflict);  // nothing has changed: the same answer, of a new evaluation
  EXPECT_EQ(OnHand(), 7);
}

TEST_F(UserControls, RetryWithLatestTakesTheVersionTheConflictShowed) {
  const CommandId mine = Conflicting();
  ASSERT_TRUE(device->RetryWithLatest(mine, now()).ok());
  EXPECT_EQ(std::get<Version>(Record(mine).expected_version), Version(2));
  Reopen();
  EXPECT_EQ(OnHand(), 9);
  Sync();
  EXPECT_EQ(StatusOf(mine), CommandStatus::kSucceeded);
  EXPECT_EQ(OnHand(), 9);
  EXPECT_EQ(server.applied(), 3);
  ExpectSound();
}

TEST_F(UserControls, ForceOverridesAVersionConflictAndNothingElse) {
  const CommandId mine = Conflicting();
  ASSERT_TRUE(device->Force(mine, now()).ok());
  EXPECT_TRUE(std::holds_alternative<std::monostate>(Record(mine).expected_version));
  Sync();
  EXPECT_EQ(StatusOf(mine), CommandStatus::kSucceeded);
  const CommandId send = Refused();
  Settle();
  ASSERT_EQ(StatusOf(send), CommandStatus::kConflict);
  EXPECT_EQ(device->Force(send, now()).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(StatusOf(send), CommandStatus::kConflict);
}

TEST_F(UserControls, WhatFellWithARefusedCommandWaitsAgainBehindIt) {
  const CommandId send = Refused();
  Intent behind;
  behind.depends_on = {send};
  const CommandId cancel = Do("ORDER_CANCEL_V1", {{"id", "shared"}}, behind);
  Settle();
  ASSERT_EQ(StatusOf(cancel), CommandStatus::kBlocked);
  EXPECT_EQ(device->Retry(cancel, now()).error().code, ErrorCode::kInvalidArgument);
  ASSERT_TRUE(device->Retry(send, now()).ok());
  EXPECT_EQ(StatusOf(cancel), CommandStatus::kPending);
  EXPECT_LT(Record(send).position, Record(cancel).position);
  EXPECT_EQ(device->status().quarantined, 0);
  ExpectSound();
  Sync();
  EXPECT_EQ(StatusOf(send), CommandStatus::kConflict);
  EXPECT_EQ(StatusOf(cancel), CommandStatus::kBlocked);
  EXPECT_NE(Record(cancel).problem.find(send.value), std::string::npos) << "says behind whom";
}

TEST_F(UserControls, ARetryDoesNotTakeAlongWhatWasExecutedAfterTheRefusal) {
  const CommandId mine = Conflicting();
  const CommandId later = Do("INVENTORY_COUNT_V1", Count(8));
  ASSERT_TRUE(device->Retry(mine, now()).ok());
  Sync();
  EXPECT_EQ(StatusOf(mine), CommandStatus::kConflict);
  EXPECT_EQ(StatusOf(later), CommandStatus::kSucceeded);
  EXPECT_EQ(OnHand(), 8);
}

TEST_F(UserControls, RetryAllTriesEveryRefusedCommandAgain) {
  const CommandId mine = Conflicting();
  const CommandId send = Refused();
  Settle();
  EXPECT_EQ(device->RetryAll(now()).value(), 2);
  EXPECT_EQ(StatusOf(mine), CommandStatus::kPending);
  EXPECT_EQ(StatusOf(send), CommandStatus::kPending);
  ExpectSound();
  Sync();
  EXPECT_EQ(device->status().quarantined, 2);
}

TEST_F(UserControls, WhatNeverLeftTheDeviceIsDiscardedAtOnceWithItsDependents) {
  Settle();
  Tell(NetworkChanged{false});
  GoOffline();
  const CommandId create = Do("ORDER_CREATE_V1", OrderOf("o1", "espresso", 1, 250));
  const CommandId close = Do("ORDER_CLOSE_V1", CashFor("o1", 250));
  const CommandId other = Do("ORDER_CREATE_V1", OrderOf("o2", "espresso", 1, 250));
  const auto plan = device->DiscardPlan(create);
  ASSERT_TRUE(plan.ok());
  ASSERT_EQ(plan.value().size(), 1u);
  EXPECT_EQ(plan.value()[0].id, close);
  EXPECT_EQ(device->Discard(create, now()).value(), (std::vector<CommandId>{create, close}));
  EXPECT_EQ(StatusOf(create), CommandStatus::kDiscarded);
  EXPECT_EQ(StatusOf(close), CommandStatus::kDiscarded);
  EXPECT_FALSE(Shows("orders", "o1"));
  EXPECT_TRUE(Shows("orders", "o2"));
  ExpectSound();
  Reopen();
  Settle();
  EXPECT_EQ(server.applied(), 1);
  EXPECT_EQ(StatusOf(other), CommandStatus::kSucceeded);
  EXPECT_EQ(StatusOf(create), CommandStatus::kDiscarded);
}

TEST_F(UserControls, NumbersStayWithoutGapsWhenCommandsAreDiscarded) {
  Settle();
  GoOffline();
  std::vector<CommandId> ids;
  for (int i = 0; i < 4; ++i) {
    ids.push_back(Do("ORDER_CREATE_V1", OrderOf("o" + std::to_string(i), "espresso", 1, 250)));
  }
  ASSERT_TRUE(device->Discard(ids[1], now()).ok());
  ASSERT_TRUE(device->Discard(ids[3], now()).ok());
  Do("ORDER_CREATE_V1", OrderOf("o9", "espresso", 1, 250));
  std::vector<std::int64_t> numbers;
  const auto waiting = device->Queue(CommandStatus::kPending).value();
  for (const CommandRecord& command : waiting) numbers.push_back(command.n.value);
  std::sort(numbers.begin(), numbers.end());
  EXPECT_EQ(numbers, (std::vector<std::int64_t>{1, 2, 3, 4, 5}));
}

TEST_F(UserControls, WhatMayBeOnItsWayIsDiscardedByTheServersAnswer) {
  Settle();
  const CommandId create = Do("ORDER_CREATE_V1", OrderOf("o1", "espresso", 1, 250));
  const HttpSend push = TakeRequest("POST");
  ASSERT_TRUE(device->Discard(create, now()).ok());
  EXPECT_EQ(StatusOf(create), CommandStatus::kDiscarding);
  EXPECT_FALSE(Shows("orders", "o1"));
  LoseRequest(push);
  Reopen();
  EXPECT_EQ(StatusOf(create), CommandStatus::kDiscarding);
  Settle();
  EXPECT_EQ(StatusOf(create), CommandStatus::kDiscarded);
  static_cast<void>(server.Handle(push.request));  // however late it comes
  EXPECT_EQ(server.applied(), 0);
  EXPECT_GE(Notices(Notice::Kind::kDiscarded), 1);
}

TEST_F(UserControls, ADiscardThatComesTooLateSaysSo) {
  Settle();
  const CommandId create = Do("ORDER_CREATE_V1", OrderOf("o1", "espresso", 1, 250));
  const HttpSend push = TakeRequest("POST");
  static_cast<void>(server.Handle(push.request));
  ASSERT_TRUE(device->Discard(create, now()).ok());
  LoseRequest(push);
  Settle();
  EXPECT_EQ(StatusOf(create), CommandStatus::kSucceeded);
  EXPECT_TRUE(Shows("orders", "o1"));
  EXPECT_GE(Notices(Notice::Kind::kAlreadyApplied), 1);
  EXPECT_EQ(device->status().waiting, 0);
  EXPECT_EQ(device->status().quarantined, 0);
  ExpectSound();
}

// What came too late to be discarded is undone by another operation.
TEST_F(UserControls, WhatWasAppliedIsUndoneByACancellingCommand) {
  Settle();
  const CommandId create = Do("ORDER_CREATE_V1", OrderOf("o1", "espresso", 1, 250));
  EXPECT_EQ(device->CancellingIntent(create).error().code, ErrorCode::kInvalidArgument);  // it waits: discard it
  Settle();
  const auto cancelling = device->CancellingIntent(create);
  ASSERT_TRUE(cancelling.ok() && cancelling.value());
  ASSERT_TRUE(device->Execute(*cancelling.value(), now()).ok());
  Tell(Wake{});
  Settle();
  EXPECT_EQ(Visible("orders", "o1").at("status").as_string(), "CANCELLED");
  const CommandId close = Do("ORDER_CREATE_V1", OrderOf("o2", "espresso", 1, 250));
  const CommandId paid = Do("ORDER_CLOSE_V1", CashFor("o2", 250));
  Settle();
  EXPECT_FALSE(device->CancellingIntent(paid).value().has_value());
  EXPECT_TRUE(device->CancellingIntent(close).value().has_value());
}

TEST_F(UserControls, ARefusedCommandAndWhatFellWithItCanBeDiscarded) {
  const CommandId send = Refused();
  const CommandId cancel = Do("ORDER_CANCEL_V1", {{"id", "shared"}});
  Settle();
  ASSERT_EQ(device->DiscardPlan(send).value().size(), 1u);
  EXPECT_EQ(device->Discard(send, now()).value(), (std::vector<CommandId>{send, cancel}));
  EXPECT_EQ(device->Discard(send, now()).value(), std::vector<CommandId>());
  Sync();
  EXPECT_EQ(StatusOf(send), CommandStatus::kDiscarded);
  EXPECT_EQ(StatusOf(cancel), CommandStatus::kDiscarded);
  EXPECT_EQ(device->status().quarantined, 0);
}

TEST_F(UserControls, WhatWasAppliedCannotBeDiscardedRetriedOrEdited) {
  Settle();
  const CommandId create = Do("ORDER_CREATE_V1", OrderOf("o1", "espresso", 1, 250));
  Settle();
  EXPECT_EQ(device->Discard(create, now()).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(device->Retry(create, now()).error().code, ErrorCode::kInvalidArgument);
  Intent intent;
  intent.payload = OrderOf("o1", "tea", 1, 100);
  EXPECT_EQ(device->Edit(create, intent, now()).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(device->Retry(CommandId("nobody"), now()).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(StatusOf(create), CommandStatus::kSucceeded);
}

TEST_F(UserControls, AnEditTakesThePlaceOfARefusedCommandAndFreesWhatWaitsBehindIt) {
  server.Apply("ORDER_CREATE_V1", OrderOf("o1", "espresso", 1, 250), "theirs");
  // The device does not hold o1 yet: it believes its create.
  const CommandId create = Do("ORDER_CREATE_V1", OrderOf("o1", "tea", 1, 100));
  Intent behind;
  behind.depends_on = {create};
  const CommandId adjust = Do("INVENTORY_ADJUST_V1", {{"sku", "tea"}, {"delta", -1}, {"reason", "sale"}}, behind);
  Settle();
  ASSERT_EQ(StatusOf(create), CommandStatus::kConflict);
  ASSERT_EQ(StatusOf(adjust), CommandStatus::kBlocked);
  Intent edit;
  edit.payload = OrderOf("o2", "tea", 1, 100);
  const auto edited = device->Edit(create, edit, now());
  ASSERT_TRUE(edited.ok()) << edited.error().message;
  EXPECT_TRUE(Shows("orders", "o2"));
  EXPECT_EQ(StatusOf(create), CommandStatus::kDiscarding);
  EXPECT_EQ(Record(edited.value().id).replaces, create);
  EXPECT_EQ(Record(adjust).depends_on, std::vector<CommandId>{edited.value().id});
  ExpectSound();
  Reopen();
  Settle();
  EXPECT_EQ(StatusOf(edited.value().id), CommandStatus::kSucceeded);
  EXPECT_EQ(StatusOf(adjust), CommandStatus::kSucceeded);
  EXPECT_EQ(StatusOf(create), CommandStatus::kDiscarded);
  EXPECT_EQ(OnHand(), -1);
}

TEST_F(UserControls, AnUnsentCommandIsEditedInPlaceOfItsEffect) {
  Settle();
  GoOffline();
  const CommandId create = Do("ORDER_CREATE_V1", OrderOf("o1", "espresso", 1, 250));
  const CommandId close = Do("ORDER_CLOSE_V1", CashFor("o1", 300));
  Intent edit;
  edit.payload = OrderOf("o1", "espresso", 2, 150);
  const auto edited = device->Edit(create, edit, now());
  ASSERT_TRUE(edited.ok()) << edited.error().message;
  EXPECT_EQ(StatusOf(create), CommandStatus::kDiscarded);
  EXPECT_EQ(Visible("orders", "o1").at("total").as_int64(), 300);
  EXPECT_EQ(Visible("orders", "o1").at("status").as_string(), "CLOSED");
  ExpectSound();
  Settle();
  EXPECT_EQ(StatusOf(close), CommandStatus::kSucceeded);
  EXPECT_EQ(server.applied(), 2);
}

TEST_F(UserControls, WhatMayBeOnItsWayIsNotEdited) {
  Settle();
  const CommandId create = Do("ORDER_CREATE_V1", OrderOf("o1", "espresso", 1, 250));
  const HttpSend push = TakeRequest("POST");
  Intent edit;
  edit.payload = OrderOf("o1", "espresso", 2, 250);
  EXPECT_EQ(device->Edit(create, edit, now()).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(Visible("orders", "o1").at("total").as_int64(), 250);
  Deliver(push);
  EXPECT_EQ(StatusOf(create), CommandStatus::kSucceeded);
}

TEST_F(UserControls, ABadEditLeavesEverythingAsItWas) {
  const CommandId mine = Conflicting();
  Intent edit;
  edit.payload = {{"sku", "tea"}, {"quantity", "many"}};
  EXPECT_FALSE(device->Edit(mine, edit, now()).ok());
  EXPECT_EQ(StatusOf(mine), CommandStatus::kConflict);
  EXPECT_EQ(device->status().quarantined, 1);
  ExpectSound();
}

TEST_F(UserControls, ALateRefusalOfAnEarlierRevisionChangesNothing) {
  const CommandId mine = Conflicting();
  ASSERT_TRUE(device->RetryWithLatest(mine, now()).ok());
  Tell(Wake{});
  const HttpSend push = TakeRequest("POST");
  HttpResponse answer = server.Handle(push.request);
  ASSERT_TRUE(device->Discard(mine, now()).ok());
  EXPECT_EQ(StatusOf(mine), CommandStatus::kDiscarding);
  Tell(HttpDone{push.exchange, answer});
  EXPECT_EQ(StatusOf(mine), CommandStatus::kSucceeded) << "applied is applied";
  EXPECT_EQ(OnHand(), 9) << "and shows before a page brings it";
  Settle();
  EXPECT_EQ(OnHand(), 9);
}

}  // namespace
}  // namespace outpost::engine
