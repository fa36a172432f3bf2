#include "base/tagged.h"

#include <gtest/gtest.h>

#include <string>
#include <type_traits>
#include <unordered_set>

namespace outpost {
namespace {

using Left = Tagged<struct LeftTag, std::string>;
using Right = Tagged<struct RightTag, std::string>;

static_assert(!std::is_convertible_v<Left, Right>, "identifiers of two kinds must not mix");
static_assert(!std::is_convertible_v<std::string, Left>, "a bare string is not an identifier");

TEST(Tagged, ComparesAndHashesByValue) {
  EXPECT_EQ(Left("a"), Left("a"));
  EXPECT_NE(Left("a"), Left("b"));
  EXPECT_LT(Left("a"), Left("b"));
  EXPECT_GE(Left("b"), Left("b"));
  const std::unordered_set<Left> set = {Left("a"), Left("a"), Left("b")};
  EXPECT_EQ(set.size(), 2u);
}

}  // namespace
}  // namespace outpost
