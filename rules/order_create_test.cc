// ORDER_CREATE_V1: what an order is at birth, its number, and the catalog.
#include <gtest/gtest.h>

#include <set>

#include "base/ulid.h"
#include "rules/derived_id.h"
#include "rules/test_world.h"

namespace outpost::rules {
namespace {

constexpr std::string_view kItems =
    R"([{"sku":"tea","name":"Tea","quantity":2,"unitPrice":300,"note":"hot"},{"sku":"pie","name":"Pie","quantity":1,"unitPrice":450,"station":"grill"}])";

std::string Create(std::string_view id, std::string_view items = kItems) {
  return R"({"id":")" + std::string(id) + R"(","tableId":"t4","items":)" + std::string(items) + "}";
}
std::string Line(std::int64_t quantity, std::int64_t price) {
  return R"({"sku":"a","name":"A","quantity":)" + std::to_string(quantity) + R"(,"unitPrice":)" +
         std::to_string(price) + "}";
}

TEST(OrderCreate, ShowsTheOrderAsItStands) {
  TestWorld world;
  world.context.currency = "KES";
  const Execution execution = world.Do("ORDER_CREATE_V1", Create("o1"));
  const Executed& executed = Ok(execution);
  EXPECT_EQ(executed.http_status, 201);
  EXPECT_EQ(executed.resource.id.value, "o1");
  const json::object& order = executed.resource_body();
  EXPECT_EQ(Text(order, "status"), "NEW");
  EXPECT_EQ(Text(order, "tableId"), "t4");
  EXPECT_EQ(Text(order, "currency"), "KES");
  EXPECT_EQ(Number(order, "total"), 1050);
  EXPECT_EQ(Number(order, "paid"), 0);
  EXPECT_EQ(Text(order, "createdBy"), "anna");
  const json::object& tea = order.at("items").get_array().at(0).get_object();
  EXPECT_EQ(Text(tea, "lineId").size(), 10u);
  EXPECT_EQ(Text(tea, "note"), "hot");
  EXPECT_FALSE(tea.contains("station"));
  EXPECT_FALSE(tea.at("sent").get_bool());
  EXPECT_EQ(Text(order.at("items").get_array().at(1).get_object(), "station"), "grill");
  EXPECT_EQ(AccessTo(execution, "orders", "o1"), Access::kCreates);
}

TEST(OrderCreate, WithoutAnIdTakesTheCommands) {
  TestWorld world;
  const Execution execution = world.Do("ORDER_CREATE_V1", R"({"items":)" + std::string(kItems) + "}");
  EXPECT_EQ(Ok(execution).resource.id.value, world.context.command.value);
  EXPECT_TRUE(Ok(execution).resource_body().at("tableId").is_null());
}

TEST(OrderCreate, TheSameArticleTwiceIsTwoLines) {
  TestWorld world;
  const json::object order = world.Must("ORDER_CREATE_V1", Create("o1", "[" + Line(1, 5) + "," + Line(1, 5) + "]"));
  const json::array& lines = order.at("items").get_array();
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_NE(Text(lines[0].get_object(), "lineId"), Text(lines[1].get_object(), "lineId"));
}

TEST(OrderCreate, WholeNumbersWrittenAsDecimalsAreKeptWhole) {
  TestWorld world;
  const json::object order =
      world.Must("ORDER_CREATE_V1", R"({"items":[{"sku":"a","name":"A","quantity":2.0,"unitPrice":3.0}]})");
  EXPECT_TRUE(order.at("items").get_array()[0].get_object().at("quantity").is_int64());
  EXPECT_EQ(Number(order, "total"), 6);
}

TEST(OrderCreate, TotalsEndAtTheLargestNumberABrowserHolds) {
  struct Case {
    std::string items;
    std::optional<std::int64_t> total;
  };
  const std::vector<Case> cases = {
      {Line(1, kIntegerMax), kIntegerMax},
      {Line(-1, kIntegerMax), -kIntegerMax},
      {Line(1, kIntegerMax) + "," + Line(1, 1), std::nullopt},
      {Line(-1, kIntegerMax) + "," + Line(-1, 1), std::nullopt},
      {Line(1'000'000'000, kIntegerMax), std::nullopt},
      {Line(-1'000'000'000, kIntegerMax), std::nullopt},
      {Line(2, kIntegerMax) + "," + Line(-1, kIntegerMax), kIntegerMax},
      {Line(1'000'000'000, kIntegerMax) + "," + Line(-1'000'000'000, kIntegerMax), 0},
      {Line(1, 0), 0},
      {Line(-3, 500), -1500},
  };
  for (const Case& c : cases) {
    TestWorld world;
    if (c.total) {
      EXPECT_EQ(Number(world.Must("ORDER_CREATE_V1", Create("o1", "[" + c.items + "]")), "total"), *c.total) << c.items;
    } else {
      EXPECT_EQ(world.CodeOf("ORDER_CREATE_V1", Create("o1", "[" + c.items + "]")), ProblemCode::kValidationFailed)
          << c.items;
    }
  }
}

TEST(OrderNumber, IsShortAndTheSameOnBothSides) {
  TestWorld server;
  TestWorld device(TestWorld::Side::kDevice);
  const json::object on_server = server.Must("ORDER_CREATE_V1", Create("o1"));
  const json::object on_device = device.Must("ORDER_CREATE_V1", Create("o1"));
  EXPECT_EQ(ToJson(on_server), ToJson(on_device));
  EXPECT_EQ(Text(on_server, "number"), HashCode("order-number/o1", 4));
}

TEST(OrderNumber, ADeviceWritesNothingBesidesTheOrder) {
  TestWorld device(TestWorld::Side::kDevice);
  const Execution execution = device.Do("ORDER_CREATE_V1", Create("o1"));
  ASSERT_EQ(Ok(execution).documents.size(), 1u);
  EXPECT_EQ(Ok(execution).documents[0].key.collection.value, "orders");
}

TEST(OrderNumber, GrowsWhileItsBeginningIsTakenThatDay) {
  const std::string code = HashCode("order-number/o1", 26);
  const std::vector<std::size_t> lengths = {4, 5, 6, 7, 8, 10, 26};
  for (std::size_t taken = 0; taken < lengths.size(); ++taken) {
    TestWorld world;
    for (std::size_t i = 0; i < taken; ++i) {
      world.Seed("_order_number", "20231114-" + code.substr(0, lengths[i]), R"({"order":"another"})");
    }
    world.Seed("_order_number", "20231113-" + code.substr(0, 4), R"({"order":"yesterday"})");
    const json::object order = world.Must("ORDER_CREATE_V1", Create("o1"));
    EXPECT_EQ(Text(order, "number"), code.substr(0, lengths[taken]));
    EXPECT_EQ(Text(world.Get("_order_number", "20231114-" + Text(order, "number")), "order"), "o1");
    EXPECT_EQ(world.loads, taken == 0 ? 2 : 3);
  }
}

TEST(OrderNumber, IsUniqueAmongAThousandOrdersOfADay) {
  TestWorld world;
  std::set<std::string> numbers;
  for (int i = 0; i < 3000; ++i) {
    numbers.insert(
        Text(world.Must("ORDER_CREATE_V1", Create("order-" + std::to_string(i), "[" + Line(1, 1) + "]")), "number"));
  }
  EXPECT_EQ(numbers.size(), 3000u);
}

TEST(OrderNumber, ARecreatedOrderKeepsItsOwn) {
  TestWorld world;
  const std::string number = HashCode("order-number/o1", 4);
  world.Seed("_order_number", "20231114-" + number, R"({"order":"o1"})");
  EXPECT_EQ(Text(world.Must("ORDER_CREATE_V1", Create("o1")), "number"), number);
  EXPECT_EQ(world.VersionOf("_order_number", "20231114-" + number), 1);
}

TEST(Catalog, UnlistedArticlesAreRefusedOnlyWhereItIsRequired) {
  TestWorld world;
  world.Must("PRODUCT_PUT_V1",
             R"({"sku":"tea","name":"Tea","price":1,"variants":[{"sku":"tea-big","name":"Big","price":2}]})");
  const std::string items =
      R"([{"sku":"tea","name":"T","quantity":1,"unitPrice":1},{"sku":"pie","name":"P","quantity":1,"unitPrice":1},
                                {"sku":"tea-big","name":"T","quantity":1,"unitPrice":1},{"sku":"a b","name":"S","quantity":1,"unitPrice":1}])";
  world.Must("ORDER_CREATE_V1", Create("free", items));
  world.context.require_catalog = true;
  const Execution execution = world.Try("ORDER_CREATE_V1", Create("o1", items));
  const Problem& problem = No(execution).problem;
  EXPECT_EQ(problem.code, ProblemCode::kValidationFailed);
  ASSERT_EQ(problem.errors.size(), 2u);
  EXPECT_EQ(problem.errors[0].field, "items[1].sku");
  EXPECT_EQ(problem.errors[1].field, "items[3].sku");
  EXPECT_EQ(world.CodeOf("ORDER_ADD_ITEMS_V1", R"({"id":"free","items":)" + items + "}"),
            ProblemCode::kValidationFailed);
  EXPECT_EQ(world.CodeOf("ORDER_MODIFY_V1", R"({"id":"free","items":)" + items + "}"), ProblemCode::kValidationFailed);
}

TEST(Catalog, WhatADeviceDoesNotHoldItDoesNotMiss) {
  TestWorld device(TestWorld::Side::kDevice);
  device.context.require_catalog = true;
  device.Forget("products", "tea");
  device.Must("ORDER_CREATE_V1", R"({"items":[{"sku":"tea","name":"T","quantity":1,"unitPrice":1}]})");
}

TEST(DerivedId, IsAUlidOfTheCommandsTimeAndDependsOnTheRole) {
  const CommandId command("01HZZZZZZZ0000000000000001");
  const std::string id = DerivedId(command, "ticket/grill").value;
  EXPECT_TRUE(IsUlid(id));
  EXPECT_EQ(id.substr(0, 10), "01HZZZZZZZ");
  EXPECT_EQ(id, DerivedId(command, "ticket/grill").value);
  EXPECT_NE(id, DerivedId(command, "ticket/bar").value);
  EXPECT_NE(id, DerivedId(CommandId("01HZZZZZZZ0000000000000002"), "ticket/grill").value);
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(IsUlid(DerivedId(CommandId("foreign-" + std::to_string(i)), "x").value));
}

}  // namespace
}  // namespace outpost::rules
