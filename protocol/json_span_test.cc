#include "protocol/json_span.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "protocol/json.h"

namespace outpost {
namespace {

TEST(MemberText, IsTheValueAsItStands) {
  const std::string_view object =
      R"( { "a" : 1 ,"doc":{"x":[1,{"y":"}]\"\\"}],"doc":2} , "b":"q\\\"," ,"c":[ ] ,"last":-1.5e3} )";
  EXPECT_EQ(MemberText(object, "a"), "1");
  EXPECT_EQ(MemberText(object, "doc"), R"({"x":[1,{"y":"}]\"\\"}],"doc":2})");
  EXPECT_EQ(MemberText(object, "b"), R"("q\\\",")");
  EXPECT_EQ(MemberText(object, "c"), "[ ]");
  EXPECT_EQ(MemberText(object, "last"), "-1.5e3");
  EXPECT_EQ(MemberText(object, "x"), std::nullopt);
  EXPECT_EQ(MemberText("{}", "a"), std::nullopt);
  EXPECT_EQ(MemberText("", "a"), std::nullopt);
  EXPECT_EQ(MemberTail(object, "c"), R"([ ] ,"last":-1.5e3} )");
}

TEST(ElementTexts, WalksEveryElement) {
  ElementTexts texts(R"([ {"a":"]"} , [1,2],"x,y" ,null, 7 ])");
  EXPECT_EQ(texts.Next(), R"({"a":"]"})");
  EXPECT_EQ(texts.Next(), "[1,2]");
  EXPECT_EQ(texts.Next(), R"("x,y")");
  EXPECT_EQ(texts.Next(), "null");
  EXPECT_EQ(texts.Next(), "7");
  EXPECT_EQ(texts.Next(), std::nullopt);
  EXPECT_EQ(ElementTexts("[]").Next(), std::nullopt);
  EXPECT_EQ(ElementTexts("").Next(), std::nullopt);
}

json::value RandomValue(Random& random, int depth) {
  switch (random.Below(depth > 0 ? 6 : 4)) {
    case 0:
      return static_cast<std::int64_t>(random.Below(1000));
    case 1:
      return nullptr;
    case 2:
      return random.Fraction();
    case 3: {
      json::string text;
      for (std::uint64_t n = random.Below(20); n > 0; --n) text.push_back("\"\\{}[],:\n a"[random.Below(11)]);
      return text;
    }
    case 4: {
      json::array array;
      for (std::uint64_t n = random.Below(5); n > 0; --n) array.push_back(RandomValue(random, depth - 1));
      return array;
    }
    default: {
      json::object object;
      for (std::uint64_t n = random.Below(5); n > 0; --n) {
        object["k" + std::to_string(random.Below(100))] = RandomValue(random, depth - 1);
      }
      return object;
    }
  }
}

TEST(MemberText, AgreesWithTheParserOnRandomTrees) {
  Random random(17);
  for (int i = 0; i < 3'000; ++i) {
    json::object object;
    for (std::uint64_t n = random.Below(6); n > 0; --n) {
      object["k" + std::to_string(random.Below(100))] = RandomValue(random, 4);
    }
    const std::string text = ToJson(object);
    for (const json::key_value_pair& member : object) {
      const auto found = MemberText(text, member.key());
      ASSERT_TRUE(found.has_value()) << text;
      ASSERT_EQ(*found, ToJson(member.value())) << text;
    }
  }
}

}  // namespace
}  // namespace outpost
