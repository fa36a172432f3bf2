#include "http/list_header.h"

#include <gtest/gtest.h>

namespace outpost::http {
namespace {

TEST(ListHeader, EntriesStandWithoutTheSpacesAroundThem) {
  EXPECT_EQ(ListEntries("a, b c ,d"), (std::vector<std::string_view>{"a", "b c", "d"}));
  EXPECT_EQ(ListEntries("a,,"), (std::vector<std::string_view>{"a", ""}));
  EXPECT_TRUE(ListEntries("").empty());
}

}  // namespace
}  // namespace outpost::http
