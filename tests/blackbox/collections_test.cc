// Declared collections from outside: a server with a configuration, the REST routes and the commands behind them.
#include <fstream>

#include "tests/blackbox/server_fixture.h"

namespace outpost::blackbox {
namespace {

constexpr const char* kConfig = R"(
[collections.tasks]
strategy = "merge"
scope = "branch"
schema = { title = "text", points = "integer?", status = "text?", branch = "text?", log = "list?" }
states = { initial = "OPEN", OPEN = ["DONE"], DONE = [] }
[collections.journal]
strategy = "append-only"
[collections.tallies]
strategy = "counters"
[collections.drafts]
)";

class Declared : public testing::Test {
 protected:
  Declared() {
    std::ofstream(folder_.path() + "/outpost.toml") << kConfig;
    server_ = std::make_unique<RunningServer>(folder_.path() + "/data",
                                              std::vector<std::string>{"--config", folder_.path() + "/outpost.toml"});
  }
  void SetUp() override { ASSERT_TRUE(server_->ready()) << server_->process().Wait().errors; }
  Client As(const std::string& user, std::vector<std::string> roles = {"staff"}) const {
    return Client(server_->port(), Token(Who{.workspace = "shop", .user = user, .roles = std::move(roles)}));
  }

  Folder folder_;
  std::unique_ptr<RunningServer> server_;
};

TEST_F(Declared, ADocumentGoesItsWay) {
  const Client ann = As("ann");
  const Answer made = ann.Post("/collections/tasks", R"({"id":"t1","doc":{"title":"Sweep","branch":"north"}})");
  ASSERT_EQ(made.status, 201) << made.text;
  EXPECT_EQ(made.headers.Get("Location"), "/collections/tasks/t1");
  EXPECT_EQ(made.headers.Get("ETag"), "\"1\"");
  EXPECT_EQ(made.At("status"), "OPEN");
  EXPECT_EQ(made.At("createdBy"), "ann");
  EXPECT_EQ(ann.Get("/collections/tasks/t1").text, made.text);
  EXPECT_EQ(ann.Get("/collections/tasks").At("items.0.id"), "t1");

  const Answer patched = ann.Send("PATCH", "/collections/tasks/t1", R"({"patch":{"status":"DONE"}})");
  EXPECT_EQ(patched.status, 200) << patched.text;
  const Answer back = ann.Send("PATCH", "/collections/tasks/t1", R"({"patch":{"status":"OPEN"}})");
  EXPECT_EQ(back.status, 409);
  EXPECT_EQ(back.code(), "INVALID_STATE_TRANSITION");
  EXPECT_EQ(back.At("currentState.status"), "DONE");

  const Answer added = ann.Post("/collections/tasks/t1/counters/points", R"({"delta":3})");
  EXPECT_EQ(added.At("points"), "3") << added.text;
  const Answer appended = ann.Post("/collections/tasks/t1/lists/log", R"({"values":["a",{"b":1}]})");
  EXPECT_EQ(appended.At("log.1.b"), "1") << appended.text;

  const Answer gone = ann.Send("DELETE", "/collections/tasks/t1", "");
  EXPECT_EQ(gone.status, 200) << gone.text;
  EXPECT_EQ(gone.text, R"({"id":"t1","version":5})");
  EXPECT_EQ(ann.Get("/collections/tasks/t1").status, 404);
  EXPECT_EQ(ann.Send("PUT", "/collections/tasks/t1", R"({"doc":{"title":"Again"}})").headers.Get("ETag"), "\"6\"")
      << "versions of a re-created id go on";
}

TEST_F(Declared, PutIsAnIdempotentUpsert) {
  const Client ann = As("ann");
  const Answer made = ann.Send("PUT", "/collections/drafts/d", R"({"doc":{"a":1}})", {{"If-None-Match", "*"}});
  EXPECT_EQ(made.status, 201) << made.text;
  EXPECT_EQ(made.headers.Get("Location"), "/collections/drafts/d");
  const Answer taken = ann.Send("PUT", "/collections/drafts/d", R"({"doc":{"a":2}})", {{"If-None-Match", "*"}});
  EXPECT_EQ(taken.status, 412) << taken.text;
  EXPECT_EQ(taken.At("currentState.a"), "1");
  EXPECT_EQ(ann.Send("PUT", "/collections/drafts/d", R"({"doc":{"a":3}})").status, 200);
  const Answer stale = ann.Send("PUT", "/collections/drafts/d", R"({"doc":{"a":4}})", {{"If-Match", "\"1\""}});
  EXPECT_EQ(stale.status, 412);
  EXPECT_EQ(stale.At("diff.0.field"), "a") << stale.text;
  EXPECT_EQ(stale.At("diff.0.yours"), "4");
  EXPECT_EQ(stale.At("diff.0.theirs"), "3");
  EXPECT_EQ(ann.Send("PUT", "/collections/drafts/d", R"({"doc":{"a":4}})", {{"If-Match", "\"2\""}}).status, 200);
  EXPECT_EQ(ann.Send("PUT", "/collections/drafts/d", R"({"doc":{"a":5}})", {{"If-Match", "*"}}).status, 200);
}

TEST_F(Declared, AReadThatIsStillFreshIs304) {
  const Client ann = As("ann");
  const Answer made = ann.Send("PUT", "/collections/drafts/d", R"({"doc":{"a":1}})");
  const std::string tag(made.headers.Get("ETag"));
  for (const std::string& header : {tag, "W/" + tag, "\"77\", " + tag, std::string("*")}) {
    const Answer fresh = ann.Get("/collections/drafts/d", {{"If-None-Match", header}});
    EXPECT_EQ(fresh.status, 304) << header;
    EXPECT_EQ(fresh.text, "");
    EXPECT_EQ(fresh.headers.Get("ETag"), tag);
  }
  EXPECT_EQ(ann.Get("/collections/drafts/d", {{"If-None-Match", "\"77\""}}).status, 200);
}

TEST_F(Declared, DisjointFieldsMergeAndTheSameFieldConflicts) {
  const Client ann = As("ann");
  const Client bob = As("bob");
  ann.Post("/collections/tasks", R"({"id":"t","doc":{"title":"a","points":1}})");
  EXPECT_EQ(bob.Send("PATCH", "/collections/tasks/t", R"({"patch":{"points":2},"was":{"points":1}})").status, 200);
  const Answer merged =
      ann.Send("PATCH", "/collections/tasks/t", R"({"patch":{"title":"b"},"was":{"title":"a"},"expectedVersion":1})");
  EXPECT_EQ(merged.status, 200) << merged.text;
  const Answer torn =
      ann.Send("PATCH", "/collections/tasks/t", R"({"patch":{"points":3},"was":{"points":1},"expectedVersion":1})");
  EXPECT_EQ(torn.status, 409) << torn.text;
  EXPECT_EQ(torn.code(), "VERSION_CONFLICT");
  EXPECT_EQ(torn.At("diff.0.field"), "points");
  EXPECT_EQ(torn.At("currentVersion"), "3");
}

TEST_F(Declared, SettingsAreLastWriteWins) {
  const Client ann = As("ann");
  ann.Send("PUT", "/collections/settings/tax", R"({"doc":{"rate":10}})");
  ann.Send("PUT", "/collections/settings/tax", R"({"doc":{"rate":11}})");
  const Answer late =
      ann.Push({CommandText(Ulid(1), "DOCUMENT_PUT_V1", R"({"collection":"settings","id":"tax","doc":{"rate":12}})",
                            R"(,"expectedVersion":1)")});
  EXPECT_EQ(late.At("results.0.status"), "SUCCEEDED") << late.text;
  EXPECT_EQ(ann.Get("/collections/settings/tax").At("rate"), "12");
}

TEST_F(Declared, CountersAndListsOfTwoDevicesAllLand) {
  const Client ann = As("ann");
  const Client bob = As("bob");
  EXPECT_EQ(ann.Post("/collections/tallies/visitors/counters/n", R"({"delta":2})").status, 201);
  EXPECT_EQ(bob.Post("/collections/tallies/visitors/counters/n", R"({"delta":5})", {{"If-Match", "\"77\""}}).status,
            200);
  EXPECT_EQ(ann.Get("/collections/tallies/visitors").At("n"), "7");
  ann.Post("/collections/journal", R"({"id":"j","doc":{"lines":["a"]}})");
  EXPECT_EQ(bob.Post("/collections/journal/j/lists/lines", R"({"values":["b"]})").status, 200);
  EXPECT_EQ(bob.Send("PUT", "/collections/journal/j", R"({"doc":{}})").code(), "VALIDATION_FAILED");
  EXPECT_EQ(bob.Send("DELETE", "/collections/journal/j", "").code(), "VALIDATION_FAILED");
  EXPECT_EQ(ann.Get("/collections/journal/j").At("lines"), R"(["a","b"])");
}

TEST_F(Declared, AWriteTriedByRestAndReplayedAsACommandIsDoneOnce) {
  const Client ann = As("ann");
  const Answer rest = ann.Post("/collections/tallies/t/counters/n", R"({"delta":2})", {{"Idempotency-Key", Ulid(5)}});
  ASSERT_EQ(rest.status, 201);
  const std::string receipt(rest.headers.Get("Outpost-Receipt"));
  const Answer replay =
      ann.Push({CommandText(Ulid(5), "COUNTER_ADD_V1", R"({"collection":"tallies","id":"t","field":"n","delta":2})")});
  EXPECT_EQ(replay.At("results.0.status"), "SUCCEEDED") << replay.text;
  EXPECT_EQ(replay.At("results.0.replayed"), "true");
  EXPECT_EQ(Ulid(5) + " " + replay.At("results.0.fingerprint"), receipt);
  EXPECT_EQ(ann.Get("/collections/tallies/t").At("n"), "2");
}

TEST_F(Declared, TheFeedIsScopedByTheDeclaredField) {
  const Client ann = As("ann");
  ann.Post("/collections/tasks", R"({"id":"n","doc":{"title":"a","branch":"north"}})");
  ann.Post("/collections/tasks", R"({"id":"s","doc":{"title":"a","branch":"south"}})");
  const std::string filter = "collections=tasks&scope=branch:north";
  const Answer first = ann.Get("/sync/changes?" + filter);
  EXPECT_EQ(first.At("changes.0.id"), "n") << first.text;
  EXPECT_EQ(first.At("changes.1.id"), "");
  ann.Send("PATCH", "/collections/tasks/n", R"({"patch":{"branch":"south"}})");
  const Answer left = ann.Get("/sync/changes?" + filter + "&cursor=" + first.At("cursor"));
  EXPECT_EQ(left.At("changes.0.reason"), "left") << left.text;
  EXPECT_EQ(left.At("changes.0.doc"), "");
  ann.Send("DELETE", "/collections/tasks/s", "");
  const std::string south = "collections=tasks&scope=branch:south";
  const Answer all = ann.Get("/sync/changes?" + south);
  EXPECT_EQ(all.body.at("changes").as_array().size(), 1u) << "no tombstones without a cursor";
  EXPECT_EQ(ann.Get("/sync/changes?" + south + "&cursor=" + first.At("cursor")).code(), "CURSOR_MISMATCH");
}

TEST_F(Declared, WhatIsDeclaredIsTold) {
  const Answer list = As("ann").Get("/collections");
  ASSERT_EQ(list.status, 200);
  EXPECT_NE(list.text.find(R"("name":"tasks","strategy":"merge")"), std::string::npos) << list.text;
  EXPECT_NE(list.text.find(R"("name":"settings","strategy":"last-write-wins")"), std::string::npos);
  EXPECT_EQ(As("gil", {"guest"}).Get("/collections").At("items"), "[]");
  EXPECT_EQ(As("gil", {"guest"}).Post("/collections/drafts", R"({"doc":{}})").code(), "FORBIDDEN");
  EXPECT_EQ(As("kit", {"kitchen"}).Get("/collections/drafts").code(), "FORBIDDEN");
}

}  // namespace
}  // namespace outpost::blackbox
