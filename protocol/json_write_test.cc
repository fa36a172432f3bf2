#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>

#include "base/random.h"
#include "protocol/json.h"

namespace outpost {
namespace {

std::string Number(std::uint64_t bits) {
  double number;
  std::memcpy(&number, &bits, sizeof(number));
  return CanonicalJson(json::value(number));
}

// RFC 8785, appendix B.
TEST(CanonicalJson, WritesTheNumbersOfTheRfc) {
  EXPECT_EQ(Number(0x0000000000000000), "0");
  EXPECT_EQ(Number(0x8000000000000000), "0");
  EXPECT_EQ(Number(0x0000000000000001), "5e-324");
  EXPECT_EQ(Number(0x8000000000000001), "-5e-324");
  EXPECT_EQ(Number(0x7fefffffffffffff), "1.7976931348623157e+308");
  EXPECT_EQ(Number(0xffefffffffffffff), "-1.7976931348623157e+308");
  EXPECT_EQ(Number(0x4340000000000000), "9007199254740992");
  EXPECT_EQ(Number(0xc340000000000000), "-9007199254740992");
  EXPECT_EQ(Number(0x4430000000000000), "295147905179352830000");
  EXPECT_EQ(Number(0x44b52d02c7e14af5), "9.999999999999997e+22");
  EXPECT_EQ(Number(0x44b52d02c7e14af6), "1e+23");
  EXPECT_EQ(Number(0x44b52d02c7e14af7), "1.0000000000000001e+23");
  EXPECT_EQ(Number(0x444b1ae4d6e2ef4e), "999999999999999700000");
  EXPECT_EQ(Number(0x444b1ae4d6e2ef4f), "999999999999999900000");
  EXPECT_EQ(Number(0x444b1ae4d6e2ef50), "1e+21");
  EXPECT_EQ(Number(0x3eb0c6f7a0b5ed8c), "9.999999999999997e-7");
  EXPECT_EQ(Number(0x3eb0c6f7a0b5ed8d), "0.000001");
  EXPECT_EQ(Number(0x41b3de4355555553), "333333333.3333332");
  EXPECT_EQ(Number(0x41b3de4355555554), "333333333.33333325");
  EXPECT_EQ(Number(0x41b3de4355555555), "333333333.3333333");
  EXPECT_EQ(Number(0x41b3de4355555556), "333333333.3333334");
  EXPECT_EQ(Number(0x41b3de4355555557), "333333333.33333343");
  EXPECT_EQ(Number(0xbecbf647612f3696), "-0.0000033333333333333333");
  EXPECT_EQ(Number(0x43143ff3c1cb0959), "1424953923781206.2");
}

// RFC 8785, section 3.2.2 (numbers beyond 2^53 are not of this protocol and left out).
TEST(CanonicalJson, WritesTheExampleOfTheRfc) {
  const auto parsed = ParseJson(R"({"numbers":[4.50,2e-3,0.000000000000000000000000001],
    "string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]})");
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(CanonicalJson(parsed.value()),
            "{\"literals\":[null,true,false],\"numbers\":[4.5,0.002,1e-27],"
            "\"string\":\"\xe2\x82\xac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
}

// RFC 8785, section 3.2.3.
TEST(CanonicalJson, SortsKeysByUtf16CodeUnits) {
  const auto parsed =
      ParseJson(R"({"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh",
    "1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"})");
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(CanonicalJson(parsed.value()),
            "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\xc2\x80\":\"Control\","
            "\"\xc3\xb6\":\"Latin Small Letter O With Diaeresis\",\"\xe2\x82\xac\":\"Euro Sign\","
            "\"\xf0\x9f\x98\x80\":\"Emoji: Grinning Face\",\"\xef\xac\xb3\":\"Hebrew Letter Dalet With Dagesh\"}");
}

TEST(CanonicalJson, SortsObjectsOfAnySizeAndPrefixesFirst) {
  json::object object;
  for (int i = 99; i >= 0; --i) object["k" + std::to_string(i)] = i;
  const std::string text = CanonicalJson(object);
  EXPECT_EQ(text.substr(0, 30), R"({"k0":0,"k1":1,"k10":10,"k11":)");
  EXPECT_EQ(CanonicalJson(ParseJson(text).value()), text);
  EXPECT_EQ(CanonicalJson(json::object{{"ab", 1}, {"a", 2}, {"", 3}}), R"({"":3,"a":2,"ab":1})");
}

TEST(CanonicalJson, EscapesOnlyWhatItMust) {
  std::string all;
  for (int c = 1; c < 128; ++c) all.push_back(static_cast<char>(c));
  std::string out;
  AppendJsonString(out, all);
  EXPECT_EQ(
      out,
      "\"\\u0001\\u0002\\u0003\\u0004\\u0005\\u0006\\u0007\\b\\t\\n\\u000b\\f\\r\\u000e\\u000f\\u0010\\u0011\\u0012"
      "\\u0013\\u0014\\u0015\\u0016\\u0017\\u0018\\u0019\\u001a\\u001b\\u001c\\u001d\\u001e\\u001f !\\\"#$%&'()*+,-./"
      "0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\\\]^_`abcdefghijklmnopqrstuvwxyz{|}~\x7f\"");
}

TEST(CanonicalJson, FindsAnEscapeAtEveryPosition) {
  for (std::size_t length = 1; length < 40; ++length) {
    for (std::size_t at = 0; at < length; ++at) {
      std::string text(length, '\xbf');  // a high byte beside the one that is escaped
      text[at] = '"';
      std::string out;
      AppendJsonString(out, text);
      std::string expected = text;
      expected.insert(at, "\\");
      ASSERT_EQ(out, "\"" + expected + "\"");
    }
  }
}

TEST(CanonicalJson, WholeNumbersAreTheSameHoweverTheyWereWritten) {
  EXPECT_EQ(CanonicalJson(ParseJson("[3,3.0,3e0,0.3e1,-9007199254740991]").value()), "[3,3,3,3,-9007199254740991]");
}

TEST(CanonicalJson, NumbersReadBackAsTheSameNumber) {
  Random random(5);
  for (int i = 0; i < 50'000; ++i) {
    const std::uint64_t bits = random.Next();
    double number;
    std::memcpy(&number, &bits, sizeof(number));
    if (number != number || number - number != 0) continue;
    const std::string text = CanonicalJson(json::value(number));
    ASSERT_EQ(std::strtod(text.c_str(), nullptr), number) << text;
  }
}

TEST(ToJson, KeepsTheKeysInTheirOrder) {
  const std::string text = R"({"b":[1,{"z":[],"a":{}}],"a":"é\n","c":1.5,"d":null,"e":true})";
  EXPECT_EQ(ToJson(ParseJson(text).value()), text);
  EXPECT_EQ(ToJson(ParseJson(text).value().as_object()), text);
}

}  // namespace
}  // namespace outpost
