#include "server/routes/parameters.h"

#include <gtest/gtest.h>

#include "server/routes/long_polls.h"

namespace outpost::server {
namespace {

TEST(Parameters, ALimitIsWholeAndWithinBounds) {
  EXPECT_EQ(std::get<int>(ReadLimit("", 100)), 100);
  EXPECT_EQ(std::get<int>(ReadLimit("1", 100)), 1);
  EXPECT_EQ(std::get<int>(ReadLimit("10000", 100)), 10000);
  for (const char* text : {"0", "10001", "-1", "1.5", "x", " 1", "99999999999"}) {
    EXPECT_TRUE(std::holds_alternative<Problem>(ReadLimit(text, 100))) << text;
  }
}

TEST(Parameters, AWaitHasAUnitAndACeiling) {
  EXPECT_EQ(std::get<std::chrono::milliseconds>(ReadWait("")).count(), 0);
  EXPECT_EQ(std::get<std::chrono::milliseconds>(ReadWait("2s")).count(), 2000);
  EXPECT_EQ(std::get<std::chrono::milliseconds>(ReadWait("300ms")).count(), 300);
  EXPECT_EQ(std::get<std::chrono::milliseconds>(ReadWait("3")).count(), 3000);
  EXPECT_EQ(std::get<std::chrono::milliseconds>(ReadWait("3600s")), kLongPollMax);
  for (const char* text : {"s", "ms", "x", "-1s", "1h"})
    EXPECT_TRUE(std::holds_alternative<Problem>(ReadWait(text))) << text;
}

TEST(Parameters, CollectionsAreKnownNames) {
  const auto names = std::get<std::vector<CollectionName>>(ReadCollections("orders,tickets", *Collections::BuiltIn()));
  EXPECT_EQ(names, (std::vector<CollectionName>{CollectionName("orders"), CollectionName("tickets")}));
  for (const char* text : {"order", "orders,", ",orders", "orders,,tickets", "_variant"}) {
    EXPECT_TRUE(std::holds_alternative<Problem>(ReadCollections(text, *Collections::BuiltIn()))) << text;
  }
}

TEST(Parameters, ADeviceHasTwoParts) {
  const auto device = std::get<std::optional<DeviceRef>>(ReadDevice("till-1 abc"));
  ASSERT_TRUE(device.has_value());
  EXPECT_EQ(device->device.value, "till-1");
  EXPECT_EQ(device->incarnation.value, "abc");
  for (const char* text : {"till-1", "till-1 ", " abc", "a b c"})
    EXPECT_TRUE(std::holds_alternative<Problem>(ReadDevice(text))) << text;
}

}  // namespace
}  // namespace outpost::server
