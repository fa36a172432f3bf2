#include "rules/cancelling.h"

#include <gtest/gtest.h>

#include "rules/test_world.h"

namespace outpost::rules {
namespace {

// Does it under that id, undoes it, and gives what undid it.
CancellingCommand DoAndUndo(TestWorld& world, const char* id, const char* name, const char* payload) {
  const TypeName type = ParseTypeName(name).value();
  world.new_id_per_command = false;
  world.context.command = CommandId(id);
  world.Must(name, payload);
  const auto cancelling = CancellingOf(*FindType(type.family, type.version), CommandId(id), Parsed(payload));
  world.context.command = CommandId(std::string(id) + "-undone");
  if (!cancelling) return {};
  world.Must(cancelling->type, ToJson(cancelling->payload));
  return *cancelling;
}

TEST(Cancelling, AnAdjustmentIsAdjustedBackWhicheverVersionItWas) {
  TestWorld world;
  DoAndUndo(world, "a", "INVENTORY_ADJUST_V1", R"({"sku":"tea","delta":-3,"reason":"broken"})");
  EXPECT_EQ(Number(world.Get("stock", "tea"), "onHand"), 0);
  const auto back = DoAndUndo(world, "b", "INVENTORY_ADJUST_V2", R"({"sku":"jam","delta":5,"reason":"DELIVERY"})");
  EXPECT_EQ(Number(world.Get("stock", "jam"), "onHand"), 0);
  EXPECT_EQ(Text(back.payload, "note"), "cancels b");
}

TEST(Cancelling, AnOrderIsCancelledUnderTheIdItGotFromItsCommand) {
  TestWorld world;
  DoAndUndo(world, "c", "ORDER_CREATE_V1", R"({"items":[{"sku":"tea","name":"Tea","quantity":1,"unitPrice":300}]})");
  ASSERT_EQ(world.All("orders").size(), 1u);
  EXPECT_EQ(Text(world.All("orders")[0], "status"), "CANCELLED");
}

TEST(Cancelling, NothingUndoesWhatHasHappened) {
  TestWorld world;
  EXPECT_EQ(DoAndUndo(world, "d", "INVENTORY_COUNT_V1", R"({"sku":"tea","quantity":3})").type, "");
}

}  // namespace
}  // namespace outpost::rules
