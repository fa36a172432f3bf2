// The audit trail, history and their retention (O13, O16).
#include <algorithm>

#include "engine/device/device_fixture.h"

namespace outpost::engine {
namespace {

class AuditTest : public DeviceFixture {
 protected:
  std::vector<AuditRow> Rows(const std::string& kind) {
    std::vector<AuditRow> rows = device->Audit(std::nullopt, 0).value();
    rows.erase(std::remove_if(rows.begin(), rows.end(), [&](const AuditRow& row) { return row.kind != kind; }),
               rows.end());
    return rows;
  }
  // Days pass, the device awake now and then and the line open.
  void Days(int days) {
    for (int i = 0; i < days * 24; ++i) {
      Pass(3600 * 1000);
      Tell(Wake{});
      while (!wire.empty()) {
        const HttpSend send = std::move(wire.front());
        wire.pop_front();
        Deliver(send);
      }
    }
  }
};

TEST_F(AuditTest, EveryPushLeavesARowWithWhatCameBackAndHowLongItTook) {
  Settle();
  const CommandId create = Do("ORDER_CREATE_V1", OrderOf("o1", "espresso", 1, 250));
  const HttpSend push = TakeRequest("POST");
  Pass(120);
  Deliver(push);
  const auto rows = Rows("push");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].commands, 1);
  EXPECT_EQ(rows[0].status, 200);
  EXPECT_EQ(rows[0].code, "");
  EXPECT_EQ(rows[0].duration_ms, 120);
  EXPECT_EQ(rows[0].trace_id.size(), 32u);
  const auto sent = std::find_if(push.request.headers.begin(), push.request.headers.end(),
                                 [](const auto& header) { return header.first == "traceparent"; });
  ASSERT_NE(sent, push.request.headers.end());
  EXPECT_NE(sent->second.find(rows[0].trace_id), std::string::npos);
  EXPECT_EQ(StatusOf(create), CommandStatus::kSucceeded);
}

TEST_F(AuditTest, ARefusalAndWhatAPersonDecidedStandInTheCommandsTrail) {
  server.Apply("ORDER_CREATE_V1", OrderOf("shared", "espresso", 1, 250), "theirs-1");
  Settle();
  server.Apply("ORDER_CANCEL_V1", {{"id", "shared"}}, "theirs-2");
  const CommandId send = Do("ORDER_SEND_TO_KITCHEN_V1", {{"id", "shared"}});
  Settle();
  ASSERT_TRUE(device->Retry(send, now()).ok());
  const auto trail = device->Audit(send).value();
  ASSERT_EQ(trail.size(), 2u);
  EXPECT_EQ(trail[0].kind, "retry");
  EXPECT_EQ(trail[0].author, UserId("anna"));
  EXPECT_EQ(trail[1].kind, "answer");
  EXPECT_EQ(trail[1].code, "INVALID_STATE_TRANSITION");
  EXPECT_EQ(trail[1].trace_id, trail[0].trace_id);
}

TEST_F(AuditTest, APortalsAnswerIsNotedAsNone) {
  Settle();
  Do("ORDER_CREATE_V1", OrderOf("o1", "espresso", 1, 250));
  const HttpSend push = TakeRequest("POST");
  HttpResponse portal;
  portal.status = 200;
  portal.content_type = "application/json";
  portal.body = R"({"welcome":"to our network"})";
  Tell(HttpDone{push.exchange, portal});
  ASSERT_FALSE(Rows("push").empty());
  EXPECT_EQ(Rows("push")[0].code, "unreachable");
}

TEST_F(AuditTest, WhatRepeatsWithoutNewsIsCountedInOneRow) {
  Settle();
  const std::size_t before = Rows("pull").size();
  Days(1);
  const auto rows = Rows("pull");
  EXPECT_LE(rows.size(), before + 1);
  EXPECT_GE(rows[0].times, 20);
  EXPECT_GT(rows[0].until, rows[0].at);
}

TEST_F(AuditTest, NoticesCarryATrace) {
  Intent intent;
  intent.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  Settle();
  Do("ORDER_CREATE_V1", OrderOf("o1", "espresso", 1, 250), intent);
  Settle();
  const auto settled = std::find_if(notices.begin(), notices.end(),
                                    [](const Notice& notice) { return notice.kind == Notice::Kind::kSettled; });
  ASSERT_NE(settled, notices.end());
  EXPECT_EQ(settled->trace_id, "0af7651916cd43dd8448eb211c80319c");
  EXPECT_GE(Notices(Notice::Kind::kFlushStarted), 1);
  EXPECT_GE(Notices(Notice::Kind::kSent), 1);
  EXPECT_GE(Notices(Notice::Kind::kFlushFinished), 1);
}

// The server would not read it either: both sides go by protocol/trace_context.h.
TEST_F(AuditTest, WhatIsNoTraceparentGivesNoTrace) {
  const std::string_view traces[] = {"0AF7651916CD43DD8448EB211C80319C", "00000000000000000000000000000000",
                                     "<script>alert('of 32 bytes')</sc"};
  for (const std::string_view wrong : traces) {
    Intent intent;
    intent.traceparent = "00-" + std::string(wrong) + "-b7ad6b7169203331-01";
    const CommandId id = Do("INVENTORY_ADJUST_V1", {{"sku", "tea"}, {"delta", 1}, {"reason", "found"}}, intent);
    Settle();
    const auto settled = std::find_if(notices.begin(), notices.end(), [&](const Notice& notice) {
      return notice.kind == Notice::Kind::kSettled && notice.command == id;
    });
    ASSERT_NE(settled, notices.end());
    EXPECT_EQ(settled->trace_id.size(), 32u) << "the bits of its id";
    EXPECT_NE(settled->trace_id, wrong);
  }
}

TEST_F(AuditTest, HistoryIsKeptAWeekAndWhatIsNotAcknowledgedForEver) {
  server.Apply("ORDER_CREATE_V1", OrderOf("shared", "espresso", 1, 250), "theirs-1");
  Settle();
  server.Apply("ORDER_CANCEL_V1", {{"id", "shared"}}, "theirs-2");
  const CommandId refused = Do("ORDER_SEND_TO_KITCHEN_V1", {{"id", "shared"}});
  const CommandId done = Do("ORDER_CREATE_V1", OrderOf("o1", "espresso", 1, 250));
  Settle();
  Days(6);
  EXPECT_TRUE(device->FindCommand(done).value().has_value());
  Days(2);
  EXPECT_FALSE(device->FindCommand(done).value().has_value());
  Days(60);
  EXPECT_EQ(StatusOf(refused), CommandStatus::kConflict);
  EXPECT_TRUE(Shows("orders", "o1"));
}

TEST_F(AuditTest, HistoryIsNoLongerThanItsLimit) {
  options.history_rows_max = 5;
  Reopen();
  Settle();
  std::vector<CommandId> ids;
  for (int i = 0; i < 12; ++i) {
    ids.push_back(Do("INVENTORY_ADJUST_V1", {{"sku", "tea"}, {"delta", -1}, {"reason", "sale"}}));
  }
  Settle();
  Days(1);
  EXPECT_EQ(device->Queue().value().size(), 5u);
  EXPECT_FALSE(device->FindCommand(ids[6]).value().has_value());
  EXPECT_TRUE(device->FindCommand(ids[7]).value().has_value());
}

TEST_F(AuditTest, NumbersGoOnWhenHistoryIsGone) {
  Settle();
  for (int i = 0; i < 3; ++i) Do("INVENTORY_ADJUST_V1", {{"sku", "tea"}, {"delta", -1}, {"reason", "sale"}});
  Settle();
  Days(9);
  ASSERT_EQ(device->Queue().value().size(), 0u);
  const Incarnation before = device->incarnation();
  Reopen();
  const CommandId next = Do("INVENTORY_ADJUST_V1", {{"sku", "tea"}, {"delta", -1}, {"reason", "sale"}});
  EXPECT_EQ(device->FindCommand(next).value()->n, CommandNumber(4));
  Settle();
  EXPECT_EQ(device->incarnation(), before);
  EXPECT_EQ(Notices(Notice::Kind::kStoreBehind), 0);
}

TEST_F(AuditTest, TheTrailIsKeptAMonth) {
  Settle();
  Do("ORDER_CREATE_V1", OrderOf("o1", "espresso", 1, 250));
  Settle();
  ASSERT_EQ(Rows("push").size(), 1u);
  Days(29);
  EXPECT_EQ(Rows("push").size(), 1u);
  Days(3);
  EXPECT_EQ(Rows("push").size(), 0u);
}

}  // namespace
}  // namespace outpost::engine
