// Old versions of command types go on meaning what they meant.
#include "rules/upcast.h"

#include <gtest/gtest.h>

#include <set>

#include "rules/test_world.h"

namespace outpost::rules {
namespace {

// Every version that was ever released. A line may be added here, never taken away: somewhere a device still holds one.
constexpr const char* kReleased[] = {
    "ORDER_CREATE_V1",      "ORDER_MODIFY_V1",          "ORDER_ADD_ITEMS_V1", "ORDER_CHANGE_LINE_V1",
    "ORDER_REMOVE_LINE_V1", "ORDER_SEND_TO_KITCHEN_V1", "ORDER_CLOSE_V1",     "ORDER_CANCEL_V1",
    "TICKET_START_V1",      "TICKET_MARK_READY_V1",     "TICKET_BUMP_V1",     "PRODUCT_PUT_V1",
    "INVENTORY_ADJUST_V1",  "INVENTORY_ADJUST_V2",      "INVENTORY_COUNT_V1", "DOCUMENT_CREATE_V1",
    "DOCUMENT_PUT_V1",      "DOCUMENT_PATCH_V1",        "DOCUMENT_DELETE_V1", "COUNTER_ADD_V1",
    "LIST_APPEND_V1",
};

TEST(Versions, WhatWasReleasedStays) {
  for (const char* name : kReleased) {
    const TypeName type = ParseTypeName(name).value();
    EXPECT_NE(FindType(type.family, type.version), nullptr) << name;
  }
}

TEST(Versions, EachOldOneLeadsToTheNextAndOnlyTheNewestHasARule) {
  std::set<std::pair<std::string_view, int>> seen;
  for (const CommandType& type : AllTypes()) {
    EXPECT_TRUE(seen.emplace(type.family, type.version).second) << type.family << " twice";
    EXPECT_NE(type.validate, nullptr) << type.family;
    EXPECT_EQ(type.apply == nullptr, type.upcast != nullptr) << type.family << " V" << type.version;
    const CommandType* next = FindType(type.family, type.version + 1);
    EXPECT_EQ(next != nullptr, type.upcast != nullptr) << type.family << " V" << type.version;
    if (next == nullptr) continue;
    // Another order edge or another "must be recorded" would be another operation under the same name.
    EXPECT_EQ(next->nature, type.nature);
    EXPECT_EQ(next->accesses.front().access, type.accesses.front().access);
    EXPECT_EQ(next->accesses.front().collection, type.accesses.front().collection);
    EXPECT_EQ(NewestVersion(type).upcast, nullptr);
  }
}

TEST(Versions, AnOldPayloadMeansWhatItMeant) {
  TestWorld world;
  const json::object shown = world.Must("INVENTORY_ADJUST_V1", R"({"sku":"tea","delta":-3,"reason":"broken"})");
  EXPECT_EQ(Number(shown, "onHand"), -3);
  EXPECT_FALSE(shown.contains("wasted"));
  const json::object entry = world.All("_stock_adjustment").at(0);
  EXPECT_EQ(Text(entry, "reason"), "OTHER");
  EXPECT_EQ(Text(entry, "note"), "broken");
}

TEST(Versions, AnOldPayloadIsHeldAgainstItsOwnSchema) {
  TestWorld world;
  const Execution without = world.Try("INVENTORY_ADJUST_V1", R"({"sku":"tea","delta":-3})");
  EXPECT_EQ(No(without).problem.errors.at(0).field, "reason");
  const Execution with_new_words =
      world.Try("INVENTORY_ADJUST_V1", R"({"sku":"tea","delta":-3,"reason":"broken","note":"new"})");
  EXPECT_EQ(No(with_new_words).problem.errors.at(0).field, "note");
}

TEST(Versions, OldAndNewCommuteWithOneAnother) {
  TestWorld world;
  const Execution old = world.Do("INVENTORY_ADJUST_V1", R"({"sku":"tea","delta":-3,"reason":"used"})");
  const Execution now = world.Do("INVENTORY_ADJUST_V2", R"({"sku":"tea","delta":-4,"reason":"WASTE"})");
  EXPECT_EQ(AccessTo(old, "stock", "tea"), Access::kCommutes);
  EXPECT_EQ(AccessTo(now, "stock", "tea"), Access::kCommutes);
  EXPECT_EQ(Number(world.Get("stock", "tea"), "onHand"), -7);
  EXPECT_EQ(Number(world.Get("stock", "tea"), "wasted"), 4);
}

// Well-formed payloads of each old version, at the edges of what its schema takes.
TEST(Versions, WhatAnUpcasterMakesIsWellFormed) {
  const std::string long_text(2000, 'x');
  for (const std::string& reason : {std::string(), std::string("broken"), long_text}) {
    for (const std::int64_t delta : {std::int64_t{-1'000'000'000}, std::int64_t{-1}, std::int64_t{1'000'000'000}}) {
      const CommandType& old = *FindType("INVENTORY_ADJUST", 1);
      const json::object payload{{"sku", "tea"}, {"delta", delta}, {"reason", reason}};
      ASSERT_TRUE(old.validate(payload).empty());
      EXPECT_TRUE(NewestVersion(old).validate(Upcast(old, payload)).empty());
      EXPECT_EQ(Text(Upcast(old, payload), "note"), reason);
    }
  }
}

}  // namespace
}  // namespace outpost::rules
