#include "rules/document_schema.h"

#include <gtest/gtest.h>

#include "rules/collection_catalog.h"
#include "rules/test_world.h"

namespace outpost::rules {
namespace {

const char* const kTask = R"({"properties":{
  "title":{"type":"string","minLength":1,"maxLength":5},
  "points":{"type":"integer","minimum":0,"maximum":9},
  "kind":{"enum":["bug","idea"]},
  "tags":{"type":"array","maxItems":2,"items":{"type":"string"}},
  "who":{"type":"object","properties":{"name":{"type":"string"}},"required":["name"]},
  "due":{"type":["string","null"]}},
  "required":["title"]})";

std::vector<std::string> Wrong(std::string_view schema, std::string_view document) {
  std::vector<FieldError> errors;
  CheckDocument(Parsed(schema), Parsed(document), "doc", errors);
  std::vector<std::string> fields;
  for (const FieldError& error : errors) fields.push_back(error.field);
  return fields;
}

using Fields = std::vector<std::string>;

TEST(DocumentSchema, TakesWhatIsAsDeclared) {
  EXPECT_EQ(Wrong(kTask, R"({"title":"a"})"), Fields());
  EXPECT_EQ(Wrong(kTask, R"({"title":"äöüßé","points":9,"kind":"bug","tags":["x"],"who":{"name":"n"},"due":null})"),
            Fields());
  EXPECT_EQ(Wrong(kTask, R"({"title":"a","points":3.0})"), Fields());
}

TEST(DocumentSchema, NamesEachFieldThatIsNot) {
  EXPECT_EQ(Wrong(kTask, "{}"), Fields{"doc.title"});
  EXPECT_EQ(Wrong(kTask, R"({"title":7})"), Fields{"doc.title"});
  EXPECT_EQ(Wrong(kTask, R"({"title":""})"), Fields{"doc.title"});
  EXPECT_EQ(Wrong(kTask, R"({"title":"longer"})"), Fields{"doc.title"});
  EXPECT_EQ(Wrong(kTask, R"({"title":"a","points":10})"), Fields{"doc.points"});
  EXPECT_EQ(Wrong(kTask, R"({"title":"a","points":1.5})"), Fields{"doc.points"});
  EXPECT_EQ(Wrong(kTask, R"({"title":"a","kind":"joke"})"), Fields{"doc.kind"});
  EXPECT_EQ(Wrong(kTask, R"({"title":"a","tags":["x",7,"y"]})"), (Fields{"doc.tags", "doc.tags[1]"}));
  EXPECT_EQ(Wrong(kTask, R"({"title":"a","who":{}})"), Fields{"doc.who.name"});
  EXPECT_EQ(Wrong(kTask, R"({"title":"a","who":{"name":"n","age":1}})"), Fields{"doc.who.age"});
  EXPECT_EQ(Wrong(kTask, R"({"title":"a","more":1})"), Fields{"doc.more"});
}

TEST(DocumentSchema, MoreFieldsOnlyWhereTheyAreAllowed) {
  EXPECT_EQ(Wrong(R"({"properties":{"a":{}},"additionalProperties":true})", R"({"b":1})"), Fields());
  EXPECT_EQ(Wrong(R"({"additionalProperties":false})", R"({"b":1})"), Fields{"doc.b"});
  EXPECT_EQ(Wrong(R"({"required":["a"]})", R"({"a":1,"b":2})"), Fields()) << "nothing declared: anything goes";
  EXPECT_EQ(Wrong("{}", R"({"b":1})"), Fields());
  EXPECT_EQ(Wrong(kTask, R"({"id":"x","version":3,"createdAt":"","updatedAt":"","createdBy":"","title":"a"})"),
            Fields())
      << "what every resource carries may be sent back";
}

TEST(DocumentSchema, AKeywordItWouldNotKeepIsRefused) {
  EXPECT_TRUE(CheckSchemaIsKnown(Parsed(kTask)).ok());
  for (const char* schema : {R"({"pattern":"x"})", R"({"properties":{"a":{"oneOf":[]}}})", R"({"properties":7})",
                             R"({"items":{"format":"date"}})", R"({"type":"text"})", R"({"items":[]})"}) {
    EXPECT_FALSE(CheckSchemaIsKnown(Parsed(schema)).ok()) << schema;
  }
}

TEST(Catalog, KeepsNamesOfTheBusinessApart) {
  CollectionCatalog catalog;
  for (const char* name : {"orders", "ledger", "_mine", "", "a b"}) {
    DeclaredCollection collection;
    collection.name = name;
    EXPECT_FALSE(catalog.Declare(collection).ok()) << name;
  }
  DeclaredCollection tasks;
  tasks.name = "tasks";
  EXPECT_TRUE(catalog.Declare(tasks).ok());
  EXPECT_NE(catalog.Find("tasks"), nullptr);
  EXPECT_NE(catalog.Find("settings"), nullptr);
  EXPECT_EQ(catalog.Find("orders"), nullptr);
}

TEST(Catalog, StatesHaveToLeadSomewhereDeclared) {
  CollectionCatalog catalog;
  DeclaredCollection tasks;
  tasks.name = "tasks";
  tasks.states.next = {{"OPEN", {"DONE"}}};
  tasks.states.initial = {"OPEN"};
  EXPECT_FALSE(catalog.Declare(tasks).ok());
  tasks.states.next["DONE"] = {};
  EXPECT_TRUE(catalog.Declare(tasks).ok());
  tasks.states.initial.clear();
  EXPECT_FALSE(catalog.Declare(tasks).ok());
}

TEST(Catalog, StrategiesByName) {
  for (const char* name : {"reject", "last-write-wins", "merge", "append-only", "counters"}) {
    const auto strategy = StrategyFromName(name);
    ASSERT_TRUE(strategy.ok()) << name;
    EXPECT_EQ(Name(strategy.value()), name);
  }
  EXPECT_TRUE(StrategyFromName("last_write_wins").ok());
  EXPECT_FALSE(StrategyFromName("first").ok());
}

}  // namespace
}  // namespace outpost::rules
