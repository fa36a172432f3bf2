#include "http/uri.h"

#include <gtest/gtest.h>

namespace outpost::http {
namespace {

TEST(Uri, DecodesEscapesAndRefusesBrokenOnes) {
  EXPECT_EQ(PercentDecode("a%3Ab%20c+d").value(), "a:b c+d");
  EXPECT_EQ(PercentDecode("c+d", PlusSign::kSpace).value(), "c d");
  EXPECT_FALSE(PercentDecode("%").ok());
  EXPECT_FALSE(PercentDecode("%4").ok());
  EXPECT_FALSE(PercentDecode("%zz").ok());
  EXPECT_FALSE(PercentDecode("a%00b").ok());
  EXPECT_EQ(PercentDecode("%C3%A9").value(), "é");
  EXPECT_FALSE(PercentDecode("purge%A5").ok());
  EXPECT_FALSE(PercentDecode("purge\xA5").ok());
}

TEST(Uri, EncodedTextDecodesToItself) {
  const std::string text = "a/b c:d?é%";
  EXPECT_EQ(PercentEncode("a/b"), "a%2Fb");
  EXPECT_EQ(PercentDecode(PercentEncode(text)).value(), text);
}

TEST(Uri, ParsesAQuery) {
  const auto query = ParseQuery("cursor=abc&collections=orders%2Ctickets&flag&empty=").value();
  EXPECT_EQ(query.at("cursor"), "abc");
  EXPECT_EQ(query.at("collections"), "orders,tickets");
  EXPECT_EQ(query.at("flag"), "");
  EXPECT_EQ(query.at("empty"), "");
  EXPECT_EQ(query.size(), 4u);
}

TEST(Uri, RefusesAParameterGivenTwice) { EXPECT_FALSE(ParseQuery("limit=1&limit=2").ok()); }

TEST(Uri, SplitsBeforeDecodingSoThatASlashInAnIdStaysInIt) {
  EXPECT_EQ(PathSegments("/pos/orders/a%2Fb").value(), (std::vector<std::string>{"pos", "orders", "a/b"}));
  EXPECT_EQ(PathSegments("/").value(), std::vector<std::string>{});
  EXPECT_EQ(PathSegments("/pos/").value(), (std::vector<std::string>{"pos", ""}));
}

}  // namespace
}  // namespace outpost::http
