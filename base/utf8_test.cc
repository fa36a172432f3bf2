#include "base/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace outpost {
namespace {

TEST(Utf8, TakesEachLengthAndItsEnds) {
  for (const std::string text : {"", "a", "\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF",
                                 "\xEE\x80\x80", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF", "caf\xC3\xA9 \xE2\x82\xAC"})
    EXPECT_TRUE(IsUtf8(text)) << text;
}

TEST(Utf8, RefusesOverlongFormsSurrogatesAndBrokenOnes) {
  for (const std::string text : {"\x80", "\xA5", "\xC1\xBF", "\xC3", "\xC3(", "\xE0\x9F\xBF", "\xED\xA0\x80",
                                 "\xE2\x82", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "a\xFF"})
    EXPECT_FALSE(IsUtf8(text)) << text;
}

}  // namespace
}  // namespace outpost
