#include "protocol/pull.h"

#include <gtest/gtest.h>

namespace outpost {
namespace {

ChangesPage Page() {
  ChangesPage page;
  page.epoch = Epoch("e1");
  page.changes = {
      {Sequence(41),
       {CollectionName("orders"), DocumentId("o1")},
       Version(3),
       R"({"id":"o1","note":"a\nb","doc":{}})",
       ""},
      {Sequence(42), {CollectionName("tickets"), DocumentId("t1")}, Version(2), "", "left"},
      {Sequence(43), {CollectionName("orders"), DocumentId("o2")}, Version(1), R"({"id":"o2","x":[1,{"y":"}"}]})", ""}};
  page.cursor = Cursor("cur43");
  page.more = true;
  page.own = {{CommandId("c1"), Sequence(43), "ab12"}, {CommandId("c2"), Sequence(41), "cd34"}};
  return page;
}

void ExpectSame(const ChangesPage& read, const ChangesPage& expected) {
  EXPECT_EQ(ToJson(read), ToJson(expected));
  ASSERT_EQ(read.changes.size(), expected.changes.size());
  for (std::size_t i = 0; i < read.changes.size(); ++i) EXPECT_EQ(read.changes[i].doc, expected.changes[i].doc);
}

TEST(ChangesPage, WritesWhatTheProtocolShows) {
  ChangesPage page = Page();
  page.changes.resize(2);
  page.own.resize(1);
  EXPECT_EQ(ToJson(page), R"({"epoch":"e1","changes":[{"seq":41,"collection":"orders","id":"o1","version":3,)"
                          R"("doc":{"id":"o1","note":"a\nb","doc":{}}},)"
                          R"({"seq":42,"collection":"tickets","id":"t1","version":2,"doc":null,"reason":"left"}],)"
                          R"("cursor":"cur43","more":true,"own":[{"id":"c1","seq":43,"fingerprint":"ab12"}]})");
  EXPECT_EQ(ToNdjson(page),
            R"({"seq":41,"collection":"orders","id":"o1","version":3,"doc":{"id":"o1","note":"a\nb","doc":{}}})"
            "\n"
            R"({"seq":42,"collection":"tickets","id":"t1","version":2,"doc":null,"reason":"left"})"
            "\n"
            R"({"epoch":"e1","cursor":"cur43","more":true,"own":[{"id":"c1","seq":43,"fingerprint":"ab12"}]})"
            "\n");
}

TEST(ChangesPage, BothFormatsReadBackWhatTheyWrote) {
  for (const ChangesPage& page : {Page(), ChangesPage{.epoch = Epoch("e"), .cursor = Cursor("c")}}) {
    const auto from_json = ChangesPageFromJson(ToJson(page));
    ASSERT_TRUE(from_json.ok()) << from_json.error().message;
    ExpectSame(from_json.value(), page);
    const auto from_ndjson = ChangesPageFromNdjson(ToNdjson(page));
    ASSERT_TRUE(from_ndjson.ok()) << from_ndjson.error().message;
    ExpectSame(from_ndjson.value(), page);
  }
}

TEST(ChangesPage, ReadsOtherShapesAndKeepsDocumentsOnOneLine) {
  const auto read = ChangesPageFromJson(R"({ "more":false, "changes": [ {"doc":{"b":
      1},"reason":"x","version":1,"id":"a","collection":"orders","seq":7,"new":1} ], "cursor":"c", "epoch":"e"})");
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read.value().changes.at(0).doc, R"({"b":1})");
  const auto line = ChangesPageFromNdjson(
      "{\"\\u0064oc\":{\"b\": 1},\"version\":1,\"id\":\"a\",\"collection\":\"orders\",\"seq\":7}\r\n"
      "{\"cursor\":\"c\",\"epoch\":\"e\",\"more\":false}");
  ASSERT_TRUE(line.ok()) << line.error().message;
  EXPECT_EQ(line.value().changes.at(0).doc, R"({"b":1})");
}

TEST(ChangesPage, ManyLargeDocumentsAreReadWithoutGrowingMemoryLineByLine) {
  ChangesPage page;
  page.epoch = Epoch("e");
  page.cursor = Cursor("c");
  const std::string doc = ToJson(json::object{{"text", std::string(200'000, 'x')}});
  for (int i = 1; i <= 64; ++i) {
    page.changes.push_back(
        {Sequence(i), {CollectionName("orders"), DocumentId(std::to_string(i))}, Version(1), doc, ""});
  }
  const auto read = ChangesPageFromNdjson(ToNdjson(page));
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read.value().changes.size(), 64u);
  EXPECT_EQ(read.value().changes.back().doc, doc);
}

TEST(ChangesPage, ATruncatedPageIsNeverTakenForAPage) {
  const std::string json = ToJson(Page());
  for (std::size_t length = 0; length < json.size(); ++length) {
    ASSERT_FALSE(ChangesPageFromJson(json.substr(0, length)).ok()) << length;
  }
  const std::string ndjson = ToNdjson(Page());
  for (std::size_t length = 0; length + 1 < ndjson.size(); ++length) {  // only the last line feed may be missing
    ASSERT_FALSE(ChangesPageFromNdjson(ndjson.substr(0, length)).ok()) << length;
  }
}

TEST(ChangesPage, RefusesWhatIsNoPage) {
  const std::string tail = R"({"epoch":"e","cursor":"c","more":false,"own":[]})";
  const std::string change = R"({"seq":1,"collection":"orders","id":"a","version":1,"doc":{}})";
  EXPECT_TRUE(ChangesPageFromNdjson(change + "\n" + tail + "\n").ok());
  for (const std::string& text :
       {tail + "\n" + change + "\n", tail + "\n" + tail + "\n", change + "\n\n" + tail + "\n", std::string("<html>"),
        std::string("\n"), std::string(R"({"epoch":"e","cursor":"c"})"), std::string(R"({"cursor":"c","more":true})"),
        std::string(R"({"epoch":"e","cursor":"","more":true})"), "7\n" + tail}) {
    EXPECT_FALSE(ChangesPageFromNdjson(text).ok()) << text;
  }
  for (const char* broken : {"7", "{}", R"({"seq":-1,"collection":"orders","id":"a","version":1,"doc":{}})",
                             R"({"seq":1,"collection":"","id":"a","version":1,"doc":{}})",
                             R"({"seq":1,"collection":"orders","id":"a b","version":1,"doc":{}})",
                             R"({"seq":1,"collection":"orders","id":"a","version":"1","doc":{}})",
                             R"({"seq":1,"collection":"orders","id":"a","version":1,"doc":[]})",
                             R"({"seq":1,"collection":"orders","id":"a","version":1})"}) {
    EXPECT_FALSE(ChangesPageFromNdjson(broken + ("\n" + tail)).ok()) << broken;
    EXPECT_FALSE(
        ChangesPageFromJson(R"({"epoch":"e","cursor":"c","more":false,"changes":[)" + std::string(broken) + "]}").ok())
        << broken;
  }
  for (const char* own : {"{}", "[7]", R"([{"id":"c"}])", R"([{"seq":1}])"}) {
    EXPECT_FALSE(
        ChangesPageFromNdjson(R"({"epoch":"e","cursor":"c","more":false,"own":)" + std::string(own) + "}").ok());
  }
}

}  // namespace
}  // namespace outpost
