#include "protocol/json_scan.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "protocol/json.h"

namespace outpost {
namespace {

bool Plain(std::string_view text) {
  // A copy of exactly its size, so that the address sanitizer sees one byte too far.
  const std::vector<char> exact(text.begin(), text.end());
  std::vector<PlainMember> members;
  return ScanPlainObject({exact.data(), exact.size()}, members);
}

TEST(ScanPlainObject, GivesTheMembersAsTheyStand) {
  constexpr std::string_view kText = R"( { "id" : "o1" , "n":-12, "doc":{"a":[1,{"b":null}], "c":"چای \"سبز\"\n"} } )";
  std::vector<PlainMember> members;
  ASSERT_TRUE(ScanPlainObject(kText, members));
  ASSERT_EQ(members.size(), 3u);
  EXPECT_EQ(members[0].name, "id");
  EXPECT_EQ(members[0].value, "\"o1\"");
  EXPECT_EQ(members[1].value, "-12");
  EXPECT_EQ(members[2].name, "doc");
  EXPECT_EQ(members[2].value, "{\"a\":[1,{\"b\":null}], \"c\":\"چای \\\"سبز\\\"\\n\"}");
}

TEST(ScanPlainObject, KnowsPlainJson) {
  for (const char* text :
       {"{}", R"({"":0})", R"({"a":true,"b":false,"c":null,"d":[],"e":{}})", R"({"a":999999999999999})",
        R"({"a":"\"\\\/\b\f\n\r\t"})", "{\"a\":\"\x7f\xc2\x80\xed\x9f\xbf\xf4\x8f\xbf\xbf\"}"}) {
    EXPECT_TRUE(Plain(text)) << text;
    EXPECT_TRUE(ParseJson(text).ok()) << text;
  }
}

TEST(ScanPlainObject, LeavesToTheParserWhatItIsNotSureOf) {
  for (const char* text : {R"({"a":1.5})", R"({"a":1e3})", R"({"a":1000000000000000})", R"({"a":"\u00e9"})",
                           R"({"\n":1})", R"({"a":-0})", "[]"}) {
    EXPECT_FALSE(Plain(text)) << text;
    EXPECT_TRUE(ParseJson(text).ok()) << text;
  }
}

TEST(ScanPlainObject, IsNeverSureOfWhatTheParserRefuses) {
  for (const std::string& text : {std::string(""),
                                  std::string("{"),
                                  std::string("{}x"),
                                  std::string(R"({"a":1,"a":1})"),
                                  std::string(R"({"a":1,})"),
                                  std::string(R"({"a":01})"),
                                  std::string(R"({"a":-})"),
                                  std::string(R"({"a":nul})"),
                                  std::string(R"({"a":"\x"})"),
                                  std::string(R"({"a":")"),
                                  std::string("{\"a\":\"\n\"}"),
                                  std::string(R"({a:1})"),
                                  std::string("{\"a\":\"\0\"}", 9),
                                  std::string("{\"a\":\"\xc0\xaf\"}"),
                                  std::string("{\"a\":\"\xe0\x9f\xbf\"}"),
                                  std::string("{\"a\":\"\xed\xa0\x80\"}"),
                                  std::string("{\"a\":\"\xf0\x8f\xbf\xbf\"}"),
                                  std::string("{\"a\":\"\xf4\x90\x80\x80\"}"),
                                  std::string("{\"a\":\"\xc3\"}"),
                                  "{\"a\":" + std::string(40, '[') + std::string(40, ']') + "}"}) {
    EXPECT_FALSE(Plain(text)) << text;
    EXPECT_FALSE(ParseJson(text).ok()) << text;
  }
}

// The law, on texts that are nearly right.
TEST(ScanPlainObject, WhateverIsPlainTheParserReadsAlike) {
  const std::string change =
      R"({"seq":7,"collection":"orders","id":"o1","version":2,"doc":{"name":"چای é","lines":[{"q":-1},{"note":"a \"b\"\\"}],"x":null}})";
  constexpr std::string_view kBytes = "{}[]\",:\\u0aeE+-. \t1\x80\xff\xed\xc3";
  Random random(11);
  std::vector<PlainMember> members;
  int plain = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string text = change;
    for (std::uint64_t n = 1 + random.Below(2); n > 0; --n) {
      const std::size_t at = random.Below(text.size());
      if (random.OneIn(3)) {
        text.erase(at, 1 + random.Below(4));
      } else {
        text[at] = kBytes[random.Below(kBytes.size())];
      }
    }
    const std::vector<char> exact(text.begin(), text.end());
    if (!ScanPlainObject({exact.data(), exact.size()}, members)) continue;
    ++plain;
    const auto tree = ParseJson(text);
    ASSERT_TRUE(tree.ok()) << text;
    ASSERT_EQ(tree.value().get_object().size(), members.size()) << text;
    for (const auto& [name, value] : members) {
      ASSERT_EQ(ToJson(*Find(tree.value().get_object(), name)), ToJson(ParseJson(value).value())) << text;
    }
  }
  EXPECT_GT(plain, 1000);
}

}  // namespace
}  // namespace outpost
