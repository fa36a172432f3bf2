#include "base/base64url.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace outpost {
namespace {

TEST(Base64Url, WritesTheVectorsOfRfc4648WithoutPadding) {
  EXPECT_EQ(ToBase64Url(""), "");
  EXPECT_EQ(ToBase64Url("f"), "Zg");
  EXPECT_EQ(ToBase64Url("fo"), "Zm8");
  EXPECT_EQ(ToBase64Url("foo"), "Zm9v");
  EXPECT_EQ(ToBase64Url("foob"), "Zm9vYg");
  EXPECT_EQ(ToBase64Url("fooba"), "Zm9vYmE");
  EXPECT_EQ(ToBase64Url("foobar"), "Zm9vYmFy");
  EXPECT_EQ(ToBase64Url("\xfb\xff\xfe"), "-__-");
}

TEST(Base64Url, ReadsBackWhatItWrote) {
  Random random(7);
  for (std::size_t length = 0; length < 200; ++length) {
    std::string bytes;
    for (std::size_t i = 0; i < length; ++i) bytes.push_back(static_cast<char>(random.Next()));
    const auto read = FromBase64Url(ToBase64Url(bytes));
    ASSERT_TRUE(read.ok()) << length;
    EXPECT_EQ(read.value(), bytes);
  }
}

TEST(Base64Url, RefusesForeignCharactersImpossibleLengthsAndStrayBits) {
  for (const char* text : {"Z", "Zm9vY", "Zg==", "Zm+v", "Zm/v", "Zm 9", "Zh", "Zm9", "Zm9vYmF\xc3"}) {
    const auto read = FromBase64Url(text);
    ASSERT_FALSE(read.ok()) << text;
    EXPECT_EQ(read.error().code, ErrorCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace outpost
