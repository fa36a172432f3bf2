#include <gtest/gtest.h>

#include "rules/test_world.h"

namespace outpost::rules {
namespace {

DeclaredCollection Declared(const char* name, Strategy strategy) {
  DeclaredCollection collection;
  collection.name = name;
  collection.strategy = strategy;
  return collection;
}

class GenericDocuments : public testing::Test {
 protected:
  GenericDocuments() {
    DeclaredCollection tasks = Declared("tasks", Strategy::kReject);
    tasks.schema = Parsed(R"({"properties":{"title":{"type":"string"},"points":{"type":"integer","maximum":99},
        "status":{"type":"string"},"log":{"type":"array"}},"required":["title"]})");
    tasks.states.next = {{"OPEN", {"DONE", "DROPPED"}}, {"DONE", {}}, {"DROPPED", {"OPEN"}}};
    tasks.states.initial = {"OPEN"};
    Add(tasks);
    Add(Declared("notes", Strategy::kMerge));
    Add(Declared("plain", Strategy::kReject));
    Add(Declared("journal", Strategy::kAppendOnly));
    Add(Declared("tallies", Strategy::kCounters));
    world_.context.collections = &catalog_;
  }
  void Add(const DeclaredCollection& collection) { EXPECT_TRUE(catalog_.Declare(collection).ok()) << collection.name; }

  std::string FirstError(std::string_view type, std::string_view payload) {
    const Execution execution = world_.Try(type, payload);
    const Problem& problem = No(execution).problem;
    EXPECT_EQ(problem.code, ProblemCode::kValidationFailed);
    return problem.errors.empty() ? "" : problem.errors.front().field;
  }

  CollectionCatalog catalog_;
  TestWorld world_;
};

TEST_F(GenericDocuments, AreCreatedUnderTheirIdOrTheCommands) {
  const json::object made = world_.Must("DOCUMENT_CREATE_V1", R"({"collection":"notes","id":"n1","doc":{"text":"a"}})");
  EXPECT_EQ(Text(made, "id"), "n1");
  EXPECT_EQ(Text(made, "text"), "a");
  EXPECT_EQ(Number(made, "version"), 1);
  const Execution unnamed = world_.Do("DOCUMENT_CREATE_V1", R"({"collection":"notes","doc":{}})");
  EXPECT_EQ(Ok(unnamed).http_status, 201);
  EXPECT_EQ(Ok(unnamed).resource.id.value, world_.context.command.value);
  EXPECT_EQ(world_.CodeOf("DOCUMENT_CREATE_V1", R"({"collection":"notes","id":"n1","doc":{}})"),
            ProblemCode::kAlreadyExists);
}

TEST_F(GenericDocuments, PutIsAnUpsert) {
  EXPECT_EQ(Ok(world_.Do("DOCUMENT_PUT_V1", R"({"collection":"notes","id":"n1","doc":{"a":1,"b":2}})")).http_status,
            201);
  EXPECT_EQ(Ok(world_.Do("DOCUMENT_PUT_V1", R"({"collection":"notes","id":"n1","doc":{"a":3}})")).http_status, 200);
  EXPECT_EQ(Number(world_.Get("notes", "n1"), "a"), 3);
  EXPECT_EQ(Find(world_.Get("notes", "n1"), "b"), nullptr);
}

TEST_F(GenericDocuments, APatchIsMerged) {
  world_.Must("DOCUMENT_PUT_V1", R"({"collection":"notes","id":"n","doc":{"a":1,"b":{"c":1,"d":2},"e":[1]}})");
  world_.Must("DOCUMENT_PATCH_V1",
              R"({"collection":"notes","id":"n","patch":{"a":null,"b":{"c":9,"d":null},"e":[2,3]}})");
  const json::object note = world_.Get("notes", "n");
  EXPECT_EQ(Find(note, "a"), nullptr);
  EXPECT_EQ(ToJson(note.at("b")), R"({"c":9})");
  EXPECT_EQ(ToJson(note.at("e")), "[2,3]");
  EXPECT_EQ(world_.CodeOf("DOCUMENT_PATCH_V1", R"({"collection":"notes","id":"gone","patch":{}})"),
            ProblemCode::kNotFound);
}

TEST_F(GenericDocuments, DeletingLeavesIdAndVersion) {
  world_.Must("DOCUMENT_PUT_V1", R"({"collection":"notes","id":"n","doc":{"a":1}})");
  const json::object gone = world_.Must("DOCUMENT_DELETE_V1", R"({"collection":"notes","id":"n"})");
  EXPECT_EQ(ToJson(gone), R"({"id":"n","version":2})");
  EXPECT_EQ(world_.CodeOf("DOCUMENT_DELETE_V1", R"({"collection":"notes","id":"n"})"), ProblemCode::kNotFound);
  EXPECT_EQ(Number(world_.Must("DOCUMENT_CREATE_V1", R"({"collection":"notes","id":"n","doc":{}})"), "version"), 3)
      << "versions of a re-created id go on";
}

TEST_F(GenericDocuments, OnlyDeclaredCollectionsAreWrittenTo) {
  for (const char* name : {"orders", "ledger", "_order_number", "unknown", ""}) {
    const std::string where = std::string(R"({"collection":")") + name + R"(","id":"x")";
    EXPECT_EQ(FirstError("DOCUMENT_CREATE_V1", where + R"(,"doc":{}})"), "collection") << name;
    EXPECT_EQ(FirstError("DOCUMENT_PUT_V1", where + R"(,"doc":{}})"), "collection") << name;
  }
  world_.Must("ORDER_CREATE_V1", R"({"id":"o1","items":[{"sku":"a","name":"A","quantity":1,"unitPrice":1}]})");
  for (const char* type : {"DOCUMENT_DELETE_V1", "DOCUMENT_PATCH_V1"}) {
    EXPECT_NE(world_.CodeOf(type, R"({"collection":"orders","id":"o1","patch":{}})"), ProblemCode::kInternalError);
  }
  EXPECT_EQ(FirstError("DOCUMENT_DELETE_V1", R"({"collection":"orders","id":"o1"})"), "collection");
  EXPECT_EQ(Number(world_.Get("orders", "o1"), "version"), 1);
}

TEST_F(GenericDocuments, TheSchemaIsKept) {
  EXPECT_EQ(FirstError("DOCUMENT_CREATE_V1", R"({"collection":"tasks","doc":{}})"), "doc.title");
  EXPECT_EQ(FirstError("DOCUMENT_CREATE_V1", R"({"collection":"tasks","doc":{"title":"t","x":1}})"), "doc.x");
  world_.Must("DOCUMENT_CREATE_V1", R"({"collection":"tasks","id":"t","doc":{"title":"t","points":98}})");
  EXPECT_EQ(FirstError("DOCUMENT_PATCH_V1", R"({"collection":"tasks","id":"t","patch":{"title":7}})"), "patch.title");
  EXPECT_EQ(FirstError("DOCUMENT_PATCH_V1", R"({"collection":"tasks","id":"t","patch":{"title":null}})"),
            "patch.title");
  EXPECT_EQ(FirstError("COUNTER_ADD_V1", R"({"collection":"tasks","id":"t","field":"points","delta":2})"),
            "doc.points");
  EXPECT_EQ(FirstError("LIST_APPEND_V1", R"({"collection":"tasks","id":"t","field":"more","values":[1]})"), "doc.more");
}

TEST_F(GenericDocuments, StatesAreKept) {
  const json::object task = world_.Must("DOCUMENT_CREATE_V1", R"({"collection":"tasks","id":"t","doc":{"title":"t"}})");
  EXPECT_EQ(Text(task, "status"), "OPEN");
  EXPECT_EQ(FirstError("DOCUMENT_CREATE_V1", R"({"collection":"tasks","doc":{"title":"t","status":"DONE"}})"),
            "doc.status");
  EXPECT_EQ(FirstError("DOCUMENT_PATCH_V1", R"({"collection":"tasks","id":"t","patch":{"status":"LOST"}})"),
            "patch.status");
  world_.Must("DOCUMENT_PATCH_V1", R"({"collection":"tasks","id":"t","patch":{"status":"DONE"}})");
  world_.Must("DOCUMENT_PATCH_V1", R"({"collection":"tasks","id":"t","patch":{"title":"u"}})");
  const Execution back =
      world_.Try("DOCUMENT_PATCH_V1", R"({"collection":"tasks","id":"t","patch":{"status":"OPEN"}})");
  EXPECT_EQ(No(back).problem.code, ProblemCode::kInvalidStateTransition);
  EXPECT_EQ(No(back).problem.extra.at("currentState"), json::value(world_.Get("tasks", "t")));
}

// Each strategy against an update based on an older version, with and without `was`.
TEST_F(GenericDocuments, StrategiesAgainstAnOlderVersion) {
  const auto code = [&](const char* collection, const char* more) -> std::string {
    const std::string where = std::string(R"({"collection":")") + collection + R"(","id":"d")";
    world_.expected_version.reset();
    if (world_.Get(collection, "d").empty()) world_.Must("DOCUMENT_PUT_V1", where + R"(,"doc":{"a":0,"b":0}})");
    world_.Must("DOCUMENT_PATCH_V1", where + R"(,"patch":{"a":1}})");
    world_.expected_version = Version(world_.VersionOf(collection, "d") - 1);
    const Execution execution = world_.Try("DOCUMENT_PATCH_V1", where + more + "}");
    if (std::holds_alternative<Executed>(execution.outcome)) return "";
    return ToJson(No(execution).problem.extra.at("diff"));
  };
  EXPECT_EQ(code("settings", R"(,"patch":{"a":2})"), "");
  EXPECT_EQ(code("settings", R"(,"patch":{"a":2},"was":{"a":0})"), "");
  EXPECT_EQ(code("plain", R"(,"patch":{"b":2})"), R"([{"field":"b","yours":2,"theirs":0}])");
  EXPECT_EQ(code("plain", R"(,"patch":{"b":2},"was":{"b":0})"), R"([{"field":"b","yours":2,"theirs":0}])");
  EXPECT_EQ(code("notes", R"(,"patch":{"b":2})"), R"([{"field":"b","yours":2,"theirs":0}])");
  EXPECT_EQ(code("notes", R"(,"patch":{"b":2},"was":{"b":0})"), "") << "other fields merge";
  EXPECT_EQ(code("notes", R"(,"patch":{"a":2,"b":2},"was":{"a":0,"b":0})"), R"([{"field":"a","yours":2,"theirs":1}])");
  EXPECT_EQ(code("notes", R"(,"patch":{"a":1},"was":{"a":0})"), "") << "both wanted the same";
}

TEST_F(GenericDocuments, AForcedPatchOverridesWhatOthersChanged) {
  world_.Must("DOCUMENT_PUT_V1", R"({"collection":"notes","id":"n","doc":{"a":1}})");
  const char* stale = R"({"collection":"notes","id":"n","patch":{"a":2},"was":{"a":0}})";
  EXPECT_EQ(world_.CodeOf("DOCUMENT_PATCH_V1", stale), ProblemCode::kVersionConflict);
  world_.context.forced = true;
  EXPECT_EQ(Number(world_.Must("DOCUMENT_PATCH_V1", stale), "a"), 2);
}

TEST_F(GenericDocuments, AppendOnlyCollectionsOnlyGrow) {
  world_.Must("DOCUMENT_CREATE_V1", R"({"collection":"journal","id":"j","doc":{"lines":["a"]}})");
  for (const auto& [type, more] : {std::pair("DOCUMENT_PUT_V1", R"(,"doc":{}})"),
                                   {"DOCUMENT_PATCH_V1", R"(,"patch":{}})"},
                                   {"DOCUMENT_DELETE_V1", "}"},
                                   {"COUNTER_ADD_V1", R"(,"field":"n","delta":1})"}}) {
    EXPECT_EQ(FirstError(type, std::string(R"({"collection":"journal","id":"j")") + more), "collection") << type;
  }
  world_.Must("LIST_APPEND_V1", R"({"collection":"journal","id":"j","field":"lines","values":["b","c"]})");
  EXPECT_EQ(ToJson(world_.Get("journal", "j").at("lines")), R"(["a","b","c"])");
}

TEST_F(GenericDocuments, CountersAddUpInAnyOrder) {
  EXPECT_EQ(Ok(world_.Do("COUNTER_ADD_V1", R"({"collection":"tallies","id":"t","field":"n","delta":5})")).http_status,
            201);
  EXPECT_EQ(Ok(world_.Do("COUNTER_ADD_V1", R"({"collection":"tallies","id":"t","field":"n","delta":-7})")).http_status,
            200);
  EXPECT_EQ(Number(world_.Get("tallies", "t"), "n"), -2);
  EXPECT_EQ(world_.CodeOf("COUNTER_ADD_V1", R"({"collection":"notes","id":"gone","field":"n","delta":1})"),
            ProblemCode::kNotFound);
  world_.Must("DOCUMENT_PUT_V1", R"({"collection":"notes","id":"n","doc":{"text":"a"}})");
  EXPECT_EQ(FirstError("COUNTER_ADD_V1", R"({"collection":"notes","id":"n","field":"text","delta":1})"), "field");
  EXPECT_EQ(FirstError("COUNTER_ADD_V1", R"({"collection":"notes","id":"n","field":"version","delta":1})"), "field");
  EXPECT_EQ(FirstError("LIST_APPEND_V1", R"({"collection":"notes","id":"n","field":"text","values":[1]})"), "field");
  const Execution add = world_.Try("COUNTER_ADD_V1", R"({"collection":"notes","id":"n","field":"n","delta":1})");
  EXPECT_EQ(AccessTo(add, "notes", "n"), Access::kCommutes);
}

TEST_F(GenericDocuments, ADeviceThatKnowsNoDeclarationsGuesses) {
  TestWorld device(TestWorld::Side::kDevice);
  device.Must("DOCUMENT_CREATE_V1", R"({"collection":"tasks","id":"t","doc":{"anything":1}})");
  device.Must("DOCUMENT_PATCH_V1", R"({"collection":"tasks","id":"t","patch":{"status":"LOST"}})");
  EXPECT_EQ(device.CodeOf("DOCUMENT_CREATE_V1", R"({"collection":"orders","doc":{}})"), ProblemCode::kValidationFailed);
}

}  // namespace
}  // namespace outpost::rules
