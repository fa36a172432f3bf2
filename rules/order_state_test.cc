// Every order state against every command, sending to the kitchen, cancelling.
#include <gtest/gtest.h>

#include "rules/test_world.h"

namespace outpost::rules {
namespace {

constexpr std::string_view kItems =
    R"([{"sku":"tea","name":"Tea","quantity":2,"unitPrice":300},{"sku":"pie","name":"Pie","quantity":1,"unitPrice":400,"station":"grill","note":"hot"}])";

// Brings order o1 into the state.
void Arrange(TestWorld& world, std::string_view state) {
  world.Must("ORDER_CREATE_V1", R"({"id":"o1","items":)" + std::string(kItems) + "}");
  if (state == "SENT") world.Must("ORDER_SEND_TO_KITCHEN_V1", R"({"id":"o1"})");
  if (state == "CLOSED") world.Must("ORDER_CLOSE_V1", R"({"id":"o1","payment":{"method":"CASH","amount":1000}})");
  if (state == "CANCELLED") world.Must("ORDER_CANCEL_V1", R"({"id":"o1"})");
  ASSERT_EQ(Text(world.Get("orders", "o1"), "status"), state);
}

std::string PayloadFor(TestWorld& world, std::string_view type) {
  const std::string line = Text(world.Get("orders", "o1").at("items").get_array()[0].get_object(), "lineId");
  const std::string items(kItems);
  if (type == "ORDER_CREATE_V1" || type == "ORDER_ADD_ITEMS_V1") return R"({"id":"o1","items":)" + items + "}";
  if (type == "ORDER_MODIFY_V1") return R"({"id":"o1","tableId":"t2"})";
  if (type == "ORDER_CHANGE_LINE_V1") return R"({"id":"o1","lineId":")" + line + R"(","quantity":7})";
  if (type == "ORDER_REMOVE_LINE_V1") return R"({"id":"o1","lineId":")" + line + R"("})";
  if (type == "ORDER_CLOSE_V1") return R"({"id":"o1","payment":{"method":"CASH","amount":1000}})";
  return R"({"id":"o1"})";
}

// A status: succeeds and leaves the order so. "=": succeeds without a new version. Else the refusal's code.
TEST(OrderStates, TransitionTable) {
  struct Row {
    const char* type;
    const char* from_new;
    const char* from_sent;
    const char* from_closed;
    const char* from_cancelled;
  };
  constexpr const char* kNo = "INVALID_STATE_TRANSITION";
  const Row rows[] = {
      {"ORDER_CREATE_V1", "ALREADY_EXISTS", "ALREADY_EXISTS", "ALREADY_EXISTS", "ALREADY_EXISTS"},
      {"ORDER_MODIFY_V1", "NEW", kNo, kNo, kNo},
      {"ORDER_ADD_ITEMS_V1", "NEW", "SENT", kNo, kNo},
      {"ORDER_CHANGE_LINE_V1", "NEW", "SENT", kNo, kNo},
      {"ORDER_REMOVE_LINE_V1", "NEW", "SENT", kNo, kNo},
      {"ORDER_SEND_TO_KITCHEN_V1", "SENT", "=", kNo, kNo},
      {"ORDER_CLOSE_V1", "CLOSED", "CLOSED", "CLOSED", "CANCELLED"},
      {"ORDER_CANCEL_V1", "CANCELLED", "CANCELLED", kNo, "="},
  };
  for (const Row& row : rows) {
    const std::pair<const char*, const char*> columns[] = {
        {"NEW", row.from_new}, {"SENT", row.from_sent}, {"CLOSED", row.from_closed}, {"CANCELLED", row.from_cancelled}};
    for (const auto& column : columns) {
      const std::string story = std::string(row.type) + " from " + column.first;
      const std::string expected = column.second;
      TestWorld world;
      Arrange(world, column.first);
      const json::object before = world.Get("orders", "o1");
      const Execution execution = world.Do(row.type, PayloadFor(world, row.type));
      const json::object after = world.Get("orders", "o1");
      if (const auto* refused = std::get_if<Refused>(&execution.outcome)) {
        EXPECT_EQ(Name(refused->problem.code), expected) << story;
        EXPECT_EQ(refused->problem.extra.at("currentState"), json::value(before)) << story;
        EXPECT_EQ(Number(refused->problem.extra, "currentVersion"), Number(before, "version")) << story;
        continue;
      }
      const Executed& executed = Ok(execution);
      EXPECT_EQ(executed.http_status, 200) << story;
      EXPECT_EQ(json::value(executed.resource_body()), json::value(after)) << story;
      if (expected == "=") {
        EXPECT_TRUE(executed.documents.empty()) << story;
      } else {
        EXPECT_EQ(Text(after, "status"), expected) << story;
        EXPECT_EQ(Number(after, "version"), Number(before, "version") + 1) << story;
      }
    }
  }
}

TEST(SendToKitchen, MakesATicketPerStation) {
  TestWorld world;
  world.context.author = UserId("ben");
  world.Must("ORDER_CREATE_V1", R"({"id":"o1","tableId":"t4","items":)" + std::string(kItems) + "}");
  const json::object order = world.Must("ORDER_SEND_TO_KITCHEN_V1", R"({"id":"o1"})");
  EXPECT_EQ(Text(order, "status"), "SENT");
  ASSERT_EQ(order.at("tickets").get_array().size(), 2u);
  const std::string grill_id = DerivedId(world.context.command, "ticket/grill").value;
  const json::object grill = world.Get("tickets", grill_id);
  EXPECT_EQ(Text(grill, "orderId"), "o1");
  EXPECT_EQ(Text(grill, "number"), Text(order, "number"));
  EXPECT_EQ(Text(grill, "tableId"), "t4");
  EXPECT_EQ(Text(grill, "station"), "grill");
  EXPECT_EQ(Text(grill, "status"), "QUEUED");
  EXPECT_EQ(Text(grill, "waiterName"), "ben");
  EXPECT_EQ(Text(grill, "sentAt"), "2023-11-14T22:13:20.000Z");
  const std::string line = Text(order.at("items").get_array()[1].get_object(), "lineId");
  EXPECT_EQ(ToJson(grill.at("items")),
            R"([{"lineId":")" + line + R"(","sku":"pie","name":"Pie","quantity":1,"note":"hot"}])");
  EXPECT_EQ(Text(world.Get("tickets", DerivedId(world.context.command, "ticket/kitchen").value), "station"), "kitchen");
}

TEST(SendToKitchen, TellsOnlyWhatIsNew) {
  TestWorld world;
  Arrange(world, "SENT");
  world.Must("ORDER_ADD_ITEMS_V1", R"({"id":"o1","items":[{"sku":"cake","name":"Cake","quantity":1,"unitPrice":5}]})");
  const json::object order = world.Must("ORDER_SEND_TO_KITCHEN_V1", R"({"id":"o1"})");
  EXPECT_EQ(order.at("tickets").get_array().size(), 3u);
  const json::object ticket = world.Get("tickets", DerivedId(world.context.command, "ticket/kitchen").value);
  ASSERT_EQ(ticket.at("items").get_array().size(), 1u);
  EXPECT_EQ(Text(ticket.at("items").get_array()[0].get_object(), "sku"), "cake");
}

TEST(SendToKitchen, AnOrderWithoutLinesStaysNew) {
  TestWorld world;
  world.Must("ORDER_CREATE_V1", R"({"id":"o1","items":[{"sku":"a","name":"A","quantity":1,"unitPrice":5}]})");
  world.Must("ORDER_REMOVE_LINE_V1", PayloadFor(world, "ORDER_REMOVE_LINE_V1"));
  const Execution execution = world.Do("ORDER_SEND_TO_KITCHEN_V1", R"({"id":"o1"})");
  EXPECT_TRUE(Ok(execution).documents.empty());
  EXPECT_EQ(Text(Ok(execution).resource_body(), "status"), "NEW");
}

TEST(Cancel, CancelsItsTicketsServedOnesToo) {
  TestWorld world;
  Arrange(world, "SENT");
  const std::string grill = Text(world.All("tickets")[0], "id");
  const std::string other = Text(world.All("tickets")[1], "id");
  world.Must("TICKET_BUMP_V1", R"({"id":")" + grill + R"("})");
  const Execution execution = world.Do("ORDER_CANCEL_V1", R"({"id":"o1","reason":"left"})");
  EXPECT_EQ(Text(Ok(execution).resource_body(), "cancelReason"), "left");
  EXPECT_EQ(Text(world.Get("tickets", grill), "status"), "CANCELLED");
  EXPECT_EQ(Text(world.Get("tickets", other), "status"), "CANCELLED");
  EXPECT_EQ(AccessTo(execution, "tickets", other), Access::kUpdates);
  EXPECT_FALSE(Ok(execution).resource_body().contains("balanceDue")) << "no money moved";
}

TEST(Cancel, LeavesTicketsThatADeviceDoesNotHoldToTheServer) {
  TestWorld device(TestWorld::Side::kDevice);
  Arrange(device, "SENT");
  const std::vector<json::object> tickets = device.All("tickets");
  device.Forget("tickets", Text(tickets[0], "id"));
  const Execution execution = device.Do("ORDER_CANCEL_V1", R"({"id":"o1"})");
  EXPECT_EQ(Ok(execution).documents.size(), 2u) << "the order and the other ticket";
}

}  // namespace
}  // namespace outpost::rules
