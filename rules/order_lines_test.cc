// ORDER_MODIFY_V1, ORDER_ADD_ITEMS_V1, ORDER_CHANGE_LINE_V1, ORDER_REMOVE_LINE_V1 and what they do to sums.
#include <gtest/gtest.h>

#include "rules/test_world.h"

namespace outpost::rules {
namespace {

std::string Items(std::int64_t quantity, std::int64_t price) {
  return R"([{"sku":"a","name":"A","quantity":)" + std::to_string(quantity) + R"(,"unitPrice":)" +
         std::to_string(price) + "}]";
}
std::string WithItems(std::int64_t quantity, std::int64_t price) {
  return R"({"id":"o1","items":)" + Items(quantity, price) + "}";
}

class OrderLines : public testing::Test {
 protected:
  void SetUp() override { world.Must("ORDER_CREATE_V1", WithItems(2, 100)); }

  json::object Order() { return world.Get("orders", "o1"); }
  json::object LineAt(std::size_t i) { return Order().at("items").get_array().at(i).get_object(); }
  std::string OnLine(std::size_t i, std::string_view more = "") {
    return R"({"id":"o1","lineId":")" + Text(LineAt(i), "lineId") + R"(")" + std::string(more) + "}";
  }
  static std::string Pay(std::int64_t amount) {
    return R"({"id":"o1","payment":{"method":"CASH","amount":)" + std::to_string(amount) + "}}";
  }

  TestWorld world;
};

TEST_F(OrderLines, AddedItemsStandBehindTheOthers) {
  const Execution execution = world.Do("ORDER_ADD_ITEMS_V1", WithItems(1, 50));
  EXPECT_EQ(Ok(execution).http_status, 200);
  EXPECT_EQ(Number(Order(), "total"), 250);
  EXPECT_EQ(Number(LineAt(1), "unitPrice"), 50);
  EXPECT_EQ(AccessTo(execution, "orders", "o1"), Access::kCommutes) << "looked up and written, yet only commuting";
}

TEST_F(OrderLines, ChangesOnlyWhatIsNamed) {
  world.Must("ORDER_CHANGE_LINE_V1", OnLine(0, R"(,"quantity":3,"note":"no ice")"));
  EXPECT_EQ(Number(LineAt(0), "quantity"), 3);
  EXPECT_EQ(Text(LineAt(0), "note"), "no ice");
  EXPECT_EQ(Text(LineAt(0), "name"), "A");
  EXPECT_EQ(Number(Order(), "total"), 300);
  world.Must("ORDER_CHANGE_LINE_V1", OnLine(0, R"(,"unitPrice":0,"name":"Gift")"));
  EXPECT_EQ(Number(Order(), "total"), 0);
  EXPECT_EQ(Text(LineAt(0), "name"), "Gift");
}

TEST_F(OrderLines, OfTwoChangesToOneLineTheLaterWins) {
  world.Must("ORDER_CHANGE_LINE_V1", OnLine(0, R"(,"quantity":3)"));
  world.Must("ORDER_CHANGE_LINE_V1", OnLine(0, R"(,"quantity":5)"));
  EXPECT_EQ(Number(Order(), "total"), 500);
}

TEST_F(OrderLines, ARemovedLineIsGoneAndUnknownAfterwards) {
  world.Must("ORDER_ADD_ITEMS_V1", WithItems(1, 50));
  const std::string first = OnLine(0);
  world.Must("ORDER_REMOVE_LINE_V1", first);
  EXPECT_EQ(Number(Order(), "total"), 50);
  EXPECT_EQ(Order().at("items").get_array().size(), 1u);
  const Execution again = world.Try("ORDER_REMOVE_LINE_V1", first);
  EXPECT_EQ(No(again).problem.code, ProblemCode::kNotFound);
  EXPECT_EQ(No(again).problem.extra.at("currentState"), json::value(Order()));
  EXPECT_EQ(world.CodeOf("ORDER_CHANGE_LINE_V1", R"({"id":"o1","lineId":"nope","quantity":1})"),
            ProblemCode::kNotFound);
}

TEST_F(OrderLines, ARefusedChangeStillReportsThatItCommutes) {
  const Execution refused = world.Try("ORDER_CHANGE_LINE_V1", R"({"id":"o1","lineId":"nope","quantity":1})");
  No(refused);
  EXPECT_EQ(AccessTo(refused, "orders", "o1"), Access::kCommutes);
}

TEST_F(OrderLines, ModifyReplacesItemsAndTable) {
  world.Must("ORDER_MODIFY_V1", R"({"id":"o1","tableId":"t9","items":)" + Items(1, 70) + "}");
  EXPECT_EQ(Number(Order(), "total"), 70);
  EXPECT_EQ(Text(Order(), "tableId"), "t9");
  world.Must("ORDER_MODIFY_V1", R"({"id":"o1","tableId":null})");
  EXPECT_TRUE(Order().at("tableId").is_null());
  EXPECT_EQ(Number(Order(), "total"), 70);
}

TEST_F(OrderLines, ModifyingNothingIsNoNewVersion) {
  const Execution execution = world.Do("ORDER_MODIFY_V1", R"({"id":"o1"})");
  EXPECT_TRUE(Ok(execution).documents.empty());
  EXPECT_EQ(Number(Ok(execution).resource_body(), "version"), 1);
}

TEST_F(OrderLines, WhatIsDueFollowsTheTotalOncePaid) {
  EXPECT_FALSE(Order().contains("balanceDue"));
  world.Must("ORDER_CLOSE_V1", Pay(150));
  EXPECT_EQ(Number(Order(), "balanceDue"), 50);
  world.Must("ORDER_ADD_ITEMS_V1", WithItems(1, 30));
  EXPECT_EQ(Number(Order(), "balanceDue"), 80);
  world.Must("ORDER_CHANGE_LINE_V1", OnLine(0, R"(,"quantity":1)"));
  EXPECT_EQ(Number(Order(), "balanceDue"), -20);
  EXPECT_EQ(Text(Order(), "status"), "NEW");
}

TEST_F(OrderLines, ATotalThatGrowsTooLargeIsRefused) {
  const std::string max = std::to_string(kIntegerMax);
  EXPECT_EQ(world.CodeOf("ORDER_ADD_ITEMS_V1", WithItems(1, kIntegerMax)), ProblemCode::kValidationFailed);
  EXPECT_EQ(world.CodeOf("ORDER_CHANGE_LINE_V1", OnLine(0, R"(,"unitPrice":)" + max)), ProblemCode::kValidationFailed);
  EXPECT_EQ(world.CodeOf("ORDER_MODIFY_V1", WithItems(2, kIntegerMax)), ProblemCode::kValidationFailed);
  world.Must("ORDER_CLOSE_V1", Pay(-kIntegerMax + 200));
  EXPECT_EQ(world.CodeOf("ORDER_ADD_ITEMS_V1", WithItems(1, 1)), ProblemCode::kValidationFailed)
      << "what is due counts too";
}

TEST_F(OrderLines, AnOrderEndsAtTenThousandLines) {
  std::string items = "[";
  for (int i = 0; i < 1000; ++i)
    items += std::string(i == 0 ? "" : ",") + R"({"sku":"a","name":"A","quantity":1,"unitPrice":1})";
  items += "]";
  world.Must("ORDER_MODIFY_V1", R"({"id":"o1","items":)" + items + "}");
  for (int i = 0; i < 9; ++i) world.Must("ORDER_ADD_ITEMS_V1", R"({"id":"o1","items":)" + items + "}");
  EXPECT_EQ(Number(Order(), "total"), 10'000);
  EXPECT_EQ(world.CodeOf("ORDER_ADD_ITEMS_V1", WithItems(1, 1)), ProblemCode::kValidationFailed);
}

}  // namespace
}  // namespace outpost::rules
