// Stock counts and adjustments, and the products they are about.
#include <gtest/gtest.h>

#include "rules/test_world.h"

namespace outpost::rules {
namespace {

std::string Count(std::int64_t quantity) { return R"({"sku":"tea","quantity":)" + std::to_string(quantity) + "}"; }
std::string Adjust(std::int64_t delta) {
  return R"({"sku":"tea","reason":"broken","delta":)" + std::to_string(delta) + "}";
}

TEST(Count, SetsWhatIsOnHand) {
  TestWorld world;
  const Execution first = world.Do("INVENTORY_COUNT_V1", Count(12));
  EXPECT_EQ(Ok(first).http_status, 201);
  EXPECT_EQ(Number(Ok(first).resource_body(), "onHand"), 12);
  EXPECT_EQ(Text(Ok(first).resource_body(), "sku"), "tea");
  EXPECT_TRUE(Ok(first).resource_body().at("counted").get_bool());
  const Execution second = world.Do("INVENTORY_COUNT_V1", Count(0));
  EXPECT_EQ(Ok(second).http_status, 200);
  EXPECT_EQ(Number(Ok(second).resource_body(), "onHand"), 0);
  EXPECT_EQ(Number(Ok(second).resource_body(), "countedVersion"), Number(Ok(second).resource_body(), "version"));
  EXPECT_EQ(AccessTo(second, "stock", "tea"), Access::kUpdates);
}

TEST(Count, TwoFromOneBaseConflictDeltasInBetweenDoNot) {
  TestWorld world;
  world.Must("INVENTORY_COUNT_V1", Count(12));
  const Version base(world.VersionOf("stock", "tea"));
  world.Must("INVENTORY_ADJUST_V1", Adjust(-2));
  world.expected_version = base;
  world.Must("INVENTORY_COUNT_V1", Count(9));
  const Execution other = world.Try("INVENTORY_COUNT_V1", Count(8));
  EXPECT_EQ(No(other).problem.code, ProblemCode::kVersionConflict);
  EXPECT_EQ(Number(No(other).problem.extra.at("currentState").get_object(), "onHand"), 9);
  world.expected_version = Version(world.VersionOf("stock", "tea"));
  world.Must("INVENTORY_COUNT_V1", Count(8));
}

TEST(Count, TheFirstOneFromNothingWinsTheSecondConflicts) {
  TestWorld world;
  world.expected_version = Version(0);
  world.Must("INVENTORY_COUNT_V1", Count(5));
  EXPECT_EQ(world.CodeOf("INVENTORY_COUNT_V1", Count(6)), ProblemCode::kVersionConflict);
}

TEST(Count, OnADeviceThatDoesNotHoldTheStockShowsNothing) {
  TestWorld device(TestWorld::Side::kDevice);
  device.Forget("stock", "tea");
  const Execution execution = device.Do("INVENTORY_COUNT_V1", Count(5));
  EXPECT_TRUE(Ok(execution).documents.empty());
}

TEST(Adjust, AddsAndMakesTheArticleCounted) {
  TestWorld world;
  EXPECT_EQ(Number(world.Must("INVENTORY_ADJUST_V1", Adjust(-3)), "onHand"), -3);
  EXPECT_EQ(Number(world.Get("stock", "tea"), "oversold"), 3);
  EXPECT_EQ(Number(world.Must("INVENTORY_ADJUST_V1", Adjust(10)), "onHand"), 7);
  EXPECT_EQ(Number(world.Get("stock", "tea"), "oversold"), 0);
}

TEST(Adjust, TurnsUncountedSalesIntoAShortage) {
  TestWorld world;
  world.Seed("stock", "tea", R"({"sku":"tea","onHand":-4,"oversold":0,"counted":false})");
  world.Must("INVENTORY_ADJUST_V1", Adjust(1));
  EXPECT_EQ(Number(world.Get("stock", "tea"), "oversold"), 3);
}

TEST(Adjust, KeepsItsReasonForTheBooks) {
  TestWorld world;
  world.Must("INVENTORY_ADJUST_V1", Adjust(-3));
  const std::vector<json::object> adjustments = world.All("_stock_adjustment");
  ASSERT_EQ(adjustments.size(), 1u);
  EXPECT_EQ(Text(adjustments[0], "sku"), "tea");
  EXPECT_EQ(Text(adjustments[0], "note"), "broken");
  EXPECT_EQ(Number(adjustments[0], "delta"), -3);
  EXPECT_EQ(Text(adjustments[0], "createdBy"), "anna");
}

TEST(Adjust, WhatIsThrownAwayIsSummed) {
  TestWorld world;
  world.Must("INVENTORY_ADJUST_V2", R"({"sku":"tea","delta":10,"reason":"DELIVERY"})");
  world.Must("INVENTORY_ADJUST_V2", R"({"sku":"tea","delta":-3,"reason":"WASTE","note":"wet"})");
  world.Must("INVENTORY_ADJUST_V2", R"({"sku":"tea","delta":-2,"reason":"WASTE"})");
  EXPECT_EQ(Number(world.Get("stock", "tea"), "onHand"), 5);
  EXPECT_EQ(Number(world.Get("stock", "tea"), "wasted"), 5);
  const Execution gained = world.Try("INVENTORY_ADJUST_V2", R"({"sku":"tea","delta":1,"reason":"WASTE"})");
  EXPECT_EQ(No(gained).problem.errors.at(0).field, "delta");
  const Execution lost = world.Try("INVENTORY_ADJUST_V2", R"({"sku":"tea","delta":1,"reason":"found it"})");
  EXPECT_EQ(No(lost).problem.errors.at(0).field, "reason");
}

TEST(Adjust, OfNothingIsRefused) {
  TestWorld world;
  EXPECT_EQ(world.CodeOf("INVENTORY_ADJUST_V1", Adjust(0)), ProblemCode::kValidationFailed);
}

TEST(Product, IsCreatedThenReplacedWhole) {
  TestWorld world;
  const Execution first =
      world.Do("PRODUCT_PUT_V1", R"({"sku":"tea","name":"Tea","price":300,"station":"bar","category":"drinks"})");
  EXPECT_EQ(Ok(first).http_status, 201);
  EXPECT_EQ(Ok(first).resource.id.value, "tea");
  EXPECT_EQ(Text(Ok(first).resource_body(), "station"), "bar");
  const Execution second = world.Do("PRODUCT_PUT_V1", R"({"sku":"tea","name":"Green tea","price":350})");
  EXPECT_EQ(Ok(second).http_status, 200);
  EXPECT_EQ(Number(Ok(second).resource_body(), "price"), 350);
  EXPECT_FALSE(Ok(second).resource_body().contains("station"));
  world.expected_version = Version(1);
  EXPECT_EQ(world.CodeOf("PRODUCT_PUT_V1", R"({"sku":"tea","name":"Tea","price":1})"), ProblemCode::kVersionConflict);
}

TEST(Product, VariantsBelongToOneProduct) {
  TestWorld world;
  const auto put = [](std::string_view sku, std::string_view variant) {
    return R"({"sku":")" + std::string(sku) + R"(","name":"N","price":1,"variants":[{"sku":")" + std::string(variant) +
           R"(","name":"V","price":2}]})";
  };
  world.Must("PRODUCT_PUT_V1", put("tea", "big"));
  world.Must("PRODUCT_PUT_V1", put("tea", "big"));
  const Execution stolen = world.Try("PRODUCT_PUT_V1", put("coffee", "big"));
  EXPECT_EQ(No(stolen).problem.code, ProblemCode::kValidationFailed);
  EXPECT_EQ(No(stolen).problem.errors.at(0).field, "variants[0].sku");
  world.Must("PRODUCT_PUT_V1", put("tea", "small"));
  world.Must("PRODUCT_PUT_V1", put("coffee", "big"));
  EXPECT_EQ(world.CodeOf("PRODUCT_PUT_V1", put("milk", "milk")), ProblemCode::kValidationFailed);
}

}  // namespace
}  // namespace outpost::rules
