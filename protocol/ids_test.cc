#include "protocol/ids.h"

#include <gtest/gtest.h>

#include <string>
#include <unordered_set>

namespace outpost {
namespace {

TEST(Ids, TakeOnlyTheCharactersOfTheProtocol) {
  const std::string allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.:-";
  EXPECT_TRUE(IsValidId(allowed));
  for (int byte = 0; byte < 256; ++byte) {
    const std::string text(1, static_cast<char>(byte));
    EXPECT_EQ(IsValidId(text), byte != 0 && allowed.find(text) != std::string::npos) << byte;
  }
}

TEST(Ids, HaveBetweenOneAndOneHundredAndTwentyEightCharacters) {
  EXPECT_FALSE(IsValidId(""));
  EXPECT_TRUE(IsValidId(std::string(128, 'a')));
  EXPECT_FALSE(IsValidId(std::string(129, 'a')));
}

TEST(Keys, AreVisibleAscii) {
  EXPECT_TRUE(IsValidKey("till-7/order#12"));
  EXPECT_TRUE(IsValidKey("!~"));
  EXPECT_TRUE(IsValidKey(std::string(255, 'k')));
  for (const std::string& text : {std::string(), std::string(256, 'k'), std::string("a b"), std::string("a\n"),
                                  std::string("k\x7f"), std::string("\xc3\xa9"), std::string(1, '\0')}) {
    EXPECT_FALSE(IsValidKey(text)) << text;
  }
}

TEST(LocalIds, AreTheReservedPrefixAndAUlid) {
  EXPECT_TRUE(IsLocalId("local_01ARZ3NDEKTSV4RRFFQ69G5FAV"));
  for (const char* text : {"", "local_", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "local_01ARZ3NDEKTSV4RRFFQ69G5FA",
                           "Local_01ARZ3NDEKTSV4RRFFQ69G5FAV", "local_01arz3ndektsv4rrffq69g5fav"}) {
    EXPECT_FALSE(IsLocalId(text)) << text;
  }
}

TEST(DocumentKey, OrdersByCollectionThenId) {
  const DocumentKey a{CollectionName("orders"), DocumentId("2")};
  const DocumentKey b{CollectionName("tickets"), DocumentId("1")};
  EXPECT_LT(a, b);
  EXPECT_LT((DocumentKey{CollectionName("orders"), DocumentId("1")}), a);
  EXPECT_NE(a, b);
  const std::unordered_set<DocumentKey> keys = {a, b, a};
  EXPECT_EQ(keys.size(), 2u);
}

}  // namespace
}  // namespace outpost
