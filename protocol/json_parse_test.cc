#include <gtest/gtest.h>

#include "protocol/json.h"

namespace outpost {
namespace {

using namespace std::string_literals;

std::string Nested(std::size_t depth, char open, char close) {
  return std::string(depth, open) + std::string(depth, close);
}

TEST(ParseJson, BuildsTheValue) {
  const auto parsed = ParseJson(R"( {"a":[1,-2,2.5,true,false,null],"b":{"c":"x\ny\u20acz"},"d":""} )");
  ASSERT_TRUE(parsed.ok()) << parsed.error().message;
  const json::value expected = {{"a", {1, -2, 2.5, true, false, nullptr}}, {"b", {{"c", "x\ny\u20acz"}}}, {"d", ""}};
  EXPECT_EQ(parsed.value(), expected);
}

TEST(ParseJson, TakesAnyValueAtTheTop) {
  for (const char* text : {"0", "-7", "\"x\"", "null", "true", "[]", "{}", " 1.5 ", "\n[1]\n"}) {
    EXPECT_TRUE(ParseJson(text).ok()) << text;
  }
}

TEST(ParseJson, RefusesWhatTheProtocolRefuses) {
  const std::string cases[] = {
      "",
      " ",
      "{",
      "[1,]",
      "{\"a\":1,}",
      "[1 2]",
      "{a:1}",
      "{'a':1}",
      "nul",
      "tru",
      "\"",
      "\"\\x\"",
      "\"\\u12\"",
      "// c\n1",
      "/* c */1",
      "1 2",
      "{}x",
      "[]]",
      "1\0"s,
      "\xef\xbb\xbf{}",  // a byte order mark is no JSON
      "NaN",
      "Infinity",
      "-Infinity",
      "+1",
      "01",
      "-",
      "1.",
      ".5",
      "1e",
      "1e+",
      "0x10",
      "\"a\nb\"",
      "\"\t\"",
      "\"\0\""s,  // raw control characters
      R"("\u0000")",
      R"("ab\u0000cd")",
      R"({"\u0000":1})",
      R"({"ab\u0000":1})",  // NUL
      R"("\ud800")",
      R"("\udc00")",
      R"("\ud800x")",
      R"("\ud800\ud800")",
      R"({"\ud83d":1})",
      R"("\udc00\ud800")",
      "\"\xff\"",
      "\"\xc3\"",
      "\"\xc0\x80\"",
      "\"\xe0\x80\x80\"",
      "\"\xed\xa0\x80\"",
      "\"\xf4\x90\x80\x80\"",
      "\"\xf8\x88\x80\x80\x80\"",
      "{\"\xff\":1}",
      R"({"a":1,"a":1})",
      R"({"a":1,"\u0061":2})",
      R"([{"x":{"b":1,"c":2,"b":3}}])",
  };
  for (const std::string& text : cases) {
    const auto parsed = ParseJson(text);
    ASSERT_FALSE(parsed.ok()) << text;
    EXPECT_EQ(parsed.error().code, ErrorCode::kInvalidArgument);
  }
}

TEST(ParseJson, FindsADuplicateAmongHundredsOfKeys) {
  std::string text = "{";
  for (int i = 0; i < 300; ++i) text += "\"key" + std::to_string(i) + "\":" + std::to_string(i) + ",";
  EXPECT_TRUE(ParseJson(text + "\"last\":1}").ok());
  EXPECT_FALSE(ParseJson(text + "\"key7\":1}").ok());
  EXPECT_FALSE(ParseJson("[" + text + "\"key299\":{}}]").ok());
}

TEST(ParseJson, TakesEqualKeysInDifferentObjects) { EXPECT_TRUE(ParseJson(R"([{"a":{"a":1}},{"a":2}])").ok()); }

TEST(ParseJson, TakesThirtyTwoLevelsAndNotOneMore) {
  EXPECT_TRUE(ParseJson(Nested(32, '[', ']')).ok());
  EXPECT_FALSE(ParseJson(Nested(33, '[', ']')).ok());
  EXPECT_FALSE(ParseJson(std::string(1'000'000, '[')).ok());
  std::string objects;
  for (int i = 0; i < 33; ++i) objects += "{\"a\":";
  EXPECT_FALSE(ParseJson(objects + "1" + std::string(33, '}')).ok());
  EXPECT_TRUE(ParseJson(objects.substr(5) + "1" + std::string(32, '}')).ok());
}

TEST(ParseJson, TakesNumbersThatABrowserHoldsExactly) {
  EXPECT_EQ(ParseJson("9007199254740991").value().as_int64(), kIntegerMax);
  EXPECT_EQ(ParseJson("-9007199254740991").value().as_int64(), -kIntegerMax);
  EXPECT_TRUE(ParseJson("9007199254740991.0").ok());
  for (const char* text :
       {"9007199254740992", "-9007199254740992", "9223372036854775808", "18446744073709551616", "-9223372036854775809",
        "9007199254740992.0", "1e16", "-1e16", "1e400", "1e999999999999", "123456789012345678901234567890"}) {
    EXPECT_FALSE(ParseJson(text).ok()) << text;
  }
  EXPECT_FALSE(ParseJson("0." + std::string(5000, '1')).ok());
}

TEST(ParseJson, ConvertsFractionsExactly) {
  EXPECT_EQ(ParseJson("0.1").value().as_double(), 0.1);
  EXPECT_EQ(ParseJson("-12.50").value().as_double(), -12.5);
  EXPECT_EQ(ParseJson("[2.2250738585072011e-308,1]").value().at(0).as_double(), 2.2250738585072011e-308);
  EXPECT_EQ(ParseJson("8.41e1").value().as_double(), 84.1);
  EXPECT_EQ(ParseJson("1234567.1234567891").value().as_double(), 1234567.1234567891);
  EXPECT_EQ(ParseJson("4.35E-5").value().as_double(), 4.35e-5);
}

TEST(ParseJson, MinusZeroIsZero) { EXPECT_EQ(CanonicalJson(ParseJson("[-0,-0.0,-0e5,0]").value()), "[0,0,0,0]"); }

TEST(ParseJson, SaysWhereItFailed) {
  EXPECT_EQ(ParseJson("[1,1e16]").error().message.substr(0, 13), "JSON at byte ");
  EXPECT_NE(ParseJson("[9007199254740992]").error().message.find("beyond 2^53-1"), std::string::npos);
  EXPECT_NE(ParseJson(R"({"a":1,"a":2})").error().message.find("duplicate key"), std::string::npos);
}

TEST(ParseJson, PutsTheResultIntoTheGivenStorage) {
  json::monotonic_resource memory;
  const auto parsed = ParseJson(R"({"a":["a long string that no small buffer holds"]})", &memory);
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed.value().storage().get(), &memory);
  EXPECT_EQ(parsed.value().at("a").at(0).storage().get(), &memory);
}

TEST(ParseJson, HoldsLongStringsWithEscapesAndManyValues) {
  std::string plain;
  std::string escaped;
  for (int i = 0; i < 20'000; ++i) {
    plain += i % 3 == 0 ? "\"" : "é";
    escaped += i % 3 == 0 ? "\\\"" : (i % 3 == 1 ? "\\u00e9" : "é");
  }
  EXPECT_EQ(ParseJson("\"" + escaped + "\"").value().as_string(), plain);
  std::string many = "[";
  for (int i = 0; i < 50'000; ++i) many += std::to_string(i) + ",";
  EXPECT_EQ(ParseJson(many + "0]").value().as_array().size(), 50'001u);
}

TEST(Access, FindsMembersAndFallsBack) {
  const json::value parsed = ParseJson(R"({"text":"x","whole":3.0,"part":3.5,"big":9007199254740991})").value();
  const json::object& object = parsed.as_object();
  EXPECT_EQ(StringOr(object, "text"), "x");
  EXPECT_EQ(StringOr(object, "whole", "none"), "none");
  EXPECT_EQ(StringOr(object, "absent"), "");
  EXPECT_EQ(IntegerOr(object, "whole", -1), 3);
  EXPECT_EQ(IntegerOr(object, "part", -1), -1);
  EXPECT_EQ(IntegerOr(object, "big", -1), kIntegerMax);
  EXPECT_EQ(IntegerOr(object, "text", -1), -1);
  EXPECT_EQ(Find(object, "absent"), nullptr);
  EXPECT_TRUE(IsInteger(json::value(std::uint64_t{7})));
  EXPECT_EQ(AsInteger(json::value(std::uint64_t{7})), 7);
  EXPECT_FALSE(IsInteger(json::value(~std::uint64_t{0})));
  EXPECT_FALSE(IsInteger(json::value(1e300)));
  EXPECT_FALSE(IsInteger(json::value("3")));
}

}  // namespace
}  // namespace outpost
