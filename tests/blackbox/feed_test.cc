// GET /sync/changes clause by clause: filters, what left and what was deleted, joins, own commands, how it is packed,
// and cursors that no longer fit.
#include <csignal>
#include <filesystem>
#include <fstream>

#include "tests/blackbox/server_fixture.h"

namespace outpost::blackbox {
namespace {

// What is kept for a millisecond may be that young when the first purge looks at it.
constexpr int kPurgesMax = 100;

class Feed : public testing::Test {
 protected:
  void SetUp() override {
    if (std::getenv("OUTPOST_TEST_POSTGRES") != nullptr) file_ = false;
    std::ofstream(folder_.path() + "/c.toml") << "[collections.tasks]\nscope = \"branch\"\n[collections.notes]\n"
                                                 "[keep]\ntombstones = \"1ms\"\nkeys = \"1ms\"\noutcomes = \"1ms\"\n";
    Start();
  }

  void Start() {
    server_ = std::make_unique<RunningServer>(Data(), std::vector<std::string>{"--config", folder_.path() + "/c.toml"});
    ASSERT_TRUE(server_->ready()) << server_->process().Wait().errors;
    ann_ = As("ann", {"staff"});
  }

  std::string Data() const { return folder_.path() + "/data"; }
  Client As(const std::string& user, const std::vector<std::string>& roles, const std::string& workspace = "shop") {
    return Client(server_->port(), Token(Who{.workspace = workspace, .user = user, .roles = roles}));
  }
  void Task(const std::string& id, const std::string& branch) {
    ann_.Post("/collections/tasks", R"({"id":")" + id + R"(","doc":{"branch":")" + branch + "\"}}");
  }
  void Note(const std::string& id) { ann_.Post("/collections/notes", R"({"id":")" + id + R"(","doc":{}})"); }
  Answer Changes(const std::string& query, const HeaderList& headers = {}) const {
    return ann_.Get("/sync/changes?" + query, headers);
  }
  static std::string Ids(const Answer& page) {
    std::string ids;
    for (const json::value& change : page.body.at("changes").as_array())
      ids += (ids.empty() ? "" : " ") + std::string(change.at("id").as_string());
    return ids;
  }
  // Runs the purge to its end.
  void Purge() {
    const Client admin = As("root", {"admin"});
    const std::string before = admin.Get("/admin/jobs").At("items.0.runs");
    ASSERT_EQ(admin.Post("/admin/jobs/purge/run", "").status, 200);
    for (int i = 0; i < 1000 && admin.Get("/admin/jobs").At("items.0.runs") == before; ++i) {
    }
  }

  Folder folder_;
  std::unique_ptr<RunningServer> server_;
  Client ann_{0, ""};
  bool file_ = true;
  int purges_ = 0;
};

TEST_F(Feed, AScopeNarrowsOnlyCollectionsThatHaveIt) {
  Task("north", "north");
  Task("south", "south");
  Note("note");
  EXPECT_EQ(Ids(Changes("scope=branch:north")), "north note");
  EXPECT_EQ(Ids(Changes("scope=branch:north&collections=tasks")), "north");
  const std::string cursor = Changes("scope=branch:north&collections=tasks,notes").At("cursor");
  EXPECT_EQ(Changes("scope=branch:north&collections=notes,tasks&cursor=" + cursor).status, 200) << "a set, not a list";
  for (const char* other : {"scope=branch:south&collections=tasks,notes", "collections=tasks,notes",
                            "scope=branch:north", "scope=branch:north&collections=tasks"}) {
    const Answer answer = Changes(std::string(other) + "&cursor=" + cursor);
    EXPECT_EQ(answer.status, 400) << other;
    EXPECT_EQ(answer.code(), "CURSOR_MISMATCH") << other;
  }
}

TEST_F(Feed, WhatLeftAndWhatWasDeletedIsTold) {
  for (const char* id : {"a", "b", "c"}) Task(id, "north");
  const Answer first = Changes("scope=branch:north");
  ann_.Send("PATCH", "/collections/tasks/a", R"({"patch":{"branch":"south"}})");
  ann_.Send("DELETE", "/collections/tasks/b", "");
  const Answer then = Changes("scope=branch:north&cursor=" + first.At("cursor"));
  ASSERT_EQ(Ids(then), "a b") << then.text;
  const json::array& changes = then.body.at("changes").as_array();
  EXPECT_EQ(changes.at(0).at("reason"), json::value("left"));
  EXPECT_EQ(changes.at(1).at("reason"), json::value("deleted"));
  for (const json::value& change : changes) EXPECT_TRUE(change.at("doc").is_null()) << "there, and null";
  EXPECT_EQ(Ids(Changes("scope=branch:north")), "c") << "neither is told to who begins";
}

TEST_F(Feed, AJoinPullsUpToTheCursorOfWhatIsHeldAndGoesOnWithIt) {
  for (const char* id : {"a", "b", "c"}) Task(id, "north");
  Note("held");
  const std::string held = Changes("collections=notes").At("cursor");
  Task("late", "north");
  std::string cursor, seen;
  int pages = 0;
  for (bool more = true; more && pages < 10; ++pages) {
    const Answer page = Changes("collections=tasks&limit=1&join=" + held + (cursor.empty() ? "" : "&cursor=" + cursor));
    ASSERT_EQ(page.status, 200) << page.text;
    seen += Ids(page);
    cursor = page.At("cursor");
    more = page.At("more") == "true";
  }
  EXPECT_EQ(seen, "abc") << "up to that cursor, and no further";
  EXPECT_EQ(Ids(Changes("collections=tasks,notes&cursor=" + cursor)), "late");
  EXPECT_EQ(Changes("collections=tasks&join=nonsense").code(), "CURSOR_INVALID");
}

TEST_F(Feed, APageEndsWhereACommitDoes) {
  const std::string order = ann_.Post("/pos/orders", OrderBody()).At("id");
  const std::string cursor = Changes("").At("cursor");
  ann_.Post("/pos/orders/" + order + "/send-to-kitchen", "");
  const Answer page = Changes("limit=1&cursor=" + cursor);
  EXPECT_EQ(page.body.at("changes").as_array().size(), 3u) << "the order and two tickets have one number";
  EXPECT_EQ(page.At("changes.0.seq"), page.At("changes.2.seq"));
  EXPECT_EQ(page.At("more"), "false");
}

TEST_F(Feed, OwnAreTheDevicesCommandsInThePagesRange) {
  const std::string device = R"("deviceId":"till-1","incarnation":"i1",)";
  const Answer pushed = ann_.Push(
      {CommandText(Ulid(1), "ORDER_CREATE_V1", OrderBody(), R"(,"n":1)"),
       CommandText(Ulid(2), "ORDER_CREATE_V1", OrderBody(), R"(,"n":2)"), CommandText(Ulid(3), "NO_V1", "{}")},
      device);
  const HeaderList till = {{"Outpost-Device", "till-1 i1"}};
  const Answer first = Changes("limit=1", till);
  EXPECT_EQ(first.body.at("own").as_array().size(), 1u) << first.text;
  EXPECT_EQ(first.At("own.0.id"), Ulid(1));
  EXPECT_EQ(first.At("own.0.seq"), first.At("changes.0.seq"));
  EXPECT_EQ(first.At("own.0.fingerprint"), pushed.At("results.0.fingerprint"));
  const Answer second = Changes("cursor=" + first.At("cursor"), till);
  EXPECT_EQ(second.body.at("own").as_array().size(), 1u) << "what was refused has no place in the feed";
  EXPECT_EQ(second.At("own.0.id"), Ulid(2));
}

TEST_F(Feed, NdjsonCarriesTheSameAndEndsWithTheRest) {
  Note("a");
  Note("b");
  const Answer page = Changes("limit=1");
  const Answer lines = Changes("limit=1", {{"Accept", "application/x-ndjson"}});
  const std::size_t end = lines.text.find('\n');
  EXPECT_EQ(json::parse(lines.text.substr(0, end)), page.body.at("changes").at(0));
  json::object rest = page.body.as_object();
  rest.erase("changes");
  EXPECT_EQ(lines.text.substr(end + 1), R"({"epoch":")" + page.At("epoch") + R"(","cursor":")" + page.At("cursor") +
                                            R"(","more":true,"own":[]})" + "\n");
  EXPECT_EQ(json::parse(lines.text.substr(end + 1)), json::value(rest));
}

TEST_F(Feed, ACursorOfAnotherListOrWorkspaceIsNone) {
  Note("a");
  Note("b");
  const std::string feed = Changes("limit=1").At("cursor");
  const std::string list = ann_.Get("/collections/notes?limit=1").At("cursor");
  EXPECT_EQ(Changes("cursor=" + list).code(), "CURSOR_INVALID");
  EXPECT_EQ(ann_.Get("/collections/notes?cursor=" + feed).code(), "CURSOR_INVALID");
  EXPECT_EQ(ann_.Get("/collections/tasks?cursor=" + list).code(), "CURSOR_MISMATCH");
  const Client foreign = As("ann", {"staff"}, "elsewhere");
  EXPECT_EQ(foreign.Get("/sync/changes?cursor=" + feed).code(), "CURSOR_INVALID");
  EXPECT_EQ(foreign.Get("/collections/notes?cursor=" + list).code(), "CURSOR_INVALID");
}

TEST_F(Feed, ACursorOlderThanTheTombstonesIs410) {
  Note("a");
  const std::string cursor = Changes("").At("cursor");
  ann_.Send("DELETE", "/collections/notes/a", "");
  Note("b");
  EXPECT_EQ(Ids(Changes("cursor=" + cursor)), "a b");
  Answer expired;
  do {
    Purge();
    expired = Changes("cursor=" + cursor);
  } while (expired.status == 200 && ++purges_ < kPurgesMax);
  EXPECT_EQ(expired.status, 410) << expired.text;
  EXPECT_EQ(expired.code(), "CURSOR_EXPIRED");
  EXPECT_EQ(Ids(Changes("")), "b");
}

TEST_F(Feed, ANumberWhoseKeysArePurgedIsNotApplied) {
  const std::string device = R"("deviceId":"till-1","incarnation":"i1",)";
  const auto push = [&](int id, int n) {
    return ann_.Push({CommandText(Ulid(id), "ORDER_CREATE_V1", OrderBody(), ",\"n\":" + std::to_string(n))}, device);
  };
  ASSERT_EQ(push(1, 1).At("results.0.status"), "SUCCEEDED");
  ASSERT_EQ(push(2, 2).At("results.0.status"), "SUCCEEDED");
  Note("at-the-head");  // that row stays
  Answer old;
  do {
    Purge();
    old = push(1, 1);
  } while (old.At("results.0.status") == "SUCCEEDED" && ++purges_ < kPurgesMax);
  EXPECT_EQ(old.At("results.0.status"), "FAILED") << old.text;
  EXPECT_EQ(old.At("results.0.httpStatus"), "409");
  EXPECT_EQ(old.At("results.0.problem.code"), "IDEMPOTENCY_KEY_EXPIRED");
  EXPECT_EQ(push(3, 3).At("results.0.status"), "SUCCEEDED") << "the next number is new";
  EXPECT_EQ(ann_.Get("/pos/orders").body.at("items").as_array().size(), 3u);
}

// The data directory was put back from a copy of its files, as backup tools do that know nothing of epochs.
TEST_F(Feed, ACursorAheadOfAStorePutBackIs410) {
  if (!file_) GTEST_SKIP() << "copies a directory";
  const auto stop = [this] {
    server_->process().Signal(SIGTERM);
    ASSERT_EQ(server_->process().Wait().exit_code, 0);
  };
  Note("a");
  stop();
  std::filesystem::copy(Data(), folder_.path() + "/copy", std::filesystem::copy_options::recursive);
  Start();
  Note("lost");
  const std::string ahead = Changes("").At("cursor");
  stop();
  std::filesystem::remove_all(Data());
  std::filesystem::rename(folder_.path() + "/copy", Data());
  Start();
  EXPECT_EQ(Changes("cursor=" + ahead).code(), "CURSOR_EXPIRED") << "ahead of the head";
  Note("another");
  const Answer other_history = Changes("cursor=" + ahead);
  EXPECT_EQ(other_history.status, 410) << "the same number, another command";
  EXPECT_EQ(other_history.code(), "CURSOR_EXPIRED");
}

}  // namespace
}  // namespace outpost::blackbox
