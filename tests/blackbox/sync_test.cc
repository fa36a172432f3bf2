// POST /sync/commands and GET /sync/changes from outside.
#include <algorithm>
#include <thread>

#include "tests/blackbox/server_fixture.h"

namespace outpost::blackbox {
namespace {

class Sync : public ServerTest {};

TEST_F(Sync, ABatchAnswersEachCommandInOrder) {
  const std::string order = Ulid(1);
  const Answer answer = client_.Push({CommandText(order, "ORDER_CREATE_V1", OrderBody()),
                                      CommandText(Ulid(2), "ORDER_SEND_TO_KITCHEN_V1", R"({"id":")" + order + "\"}"),
                                      CommandText(Ulid(3), "NO_SUCH_V1", "{}"),
                                      CommandText(Ulid(4), "ORDER_CREATE_V1", R"({"items":[]})")});
  ASSERT_EQ(answer.status, 200) << answer.text;
  EXPECT_EQ(answer.At("results.0.status"), "SUCCEEDED");
  EXPECT_EQ(answer.At("results.0.httpStatus"), "201");
  EXPECT_EQ(answer.At("results.0.id"), order);
  EXPECT_EQ(answer.At("results.0.fingerprint").size(), 64u);
  EXPECT_EQ(answer.At("results.0.changes.0.collection"), "orders");
  EXPECT_EQ(answer.At("results.1.status"), "SUCCEEDED") << answer.text;
  EXPECT_EQ(answer.At("results.2.problem.code"), "UNKNOWN_COMMAND_TYPE") << answer.text;
  EXPECT_EQ(answer.At("results.3.problem.code"), "VALIDATION_FAILED") << answer.text;
  EXPECT_FALSE(answer.At("epoch").empty());
  EXPECT_FALSE(answer.At("head").empty());
}

TEST_F(Sync, WhatDependsOnARefusedCommandIsBlockedAndTheRestGoesOn) {
  const Answer answer =
      client_.Push({CommandText(Ulid(1), "ORDER_CREATE_V1", R"({"items":[]})"),
                    CommandText(Ulid(2), "ORDER_CREATE_V1", OrderBody(), R"(,"dependsOn":[")" + Ulid(1) + R"("])"),
                    CommandText(Ulid(3), "ORDER_CREATE_V1", OrderBody())});
  EXPECT_EQ(answer.At("results.0.status"), "FAILED") << answer.text;
  EXPECT_EQ(answer.At("results.1.status"), "BLOCKED") << answer.text;
  EXPECT_EQ(answer.At("results.1.httpStatus"), "424");
  EXPECT_EQ(answer.At("results.2.status"), "SUCCEEDED");
}

TEST_F(Sync, ChangesComeInPagesToAConsistentCut) {
  for (int i = 0; i < 5; ++i) client_.Post("/pos/orders", OrderBody());
  std::string cursor;
  std::size_t seen = 0;
  int pages = 0;
  for (bool more = true; more && pages < 10; ++pages) {
    const Answer page = client_.Get("/sync/changes?limit=2" + (cursor.empty() ? "" : "&cursor=" + cursor));
    ASSERT_EQ(page.status, 200) << page.text;
    seen += page.body.at("changes").as_array().size();
    cursor = page.At("cursor");
    more = page.At("more") == "true";
  }
  EXPECT_EQ(seen, 5u);
  EXPECT_GE(pages, 3);
  EXPECT_EQ(client_.Get("/sync/changes?cursor=" + cursor + "&limit=2").At("changes"), "[]");
}

TEST_F(Sync, AFilterShowsItsCollectionAndScopeOnly) {
  const Answer order = client_.Post("/pos/orders", OrderBody());
  client_.Post("/pos/orders/" + order.At("id") + "/send-to-kitchen", "");
  const Answer page = client_.Get("/sync/changes?collections=tickets&scope=station:grill");
  ASSERT_EQ(page.status, 200) << page.text;
  ASSERT_EQ(page.body.at("changes").as_array().size(), 1u) << page.text;
  EXPECT_EQ(page.At("changes.0.doc.station"), "grill");
}

TEST_F(Sync, OwnCommandsAreNamedToTheDeviceThatSentThem) {
  const std::string create = CommandText(Ulid(1), "ORDER_CREATE_V1", OrderBody(), R"(,"n":1)");
  client_.Push({create}, R"("deviceId":"till-1","incarnation":"i1",)");
  const Answer mine = client_.Get("/sync/changes", {{"Outpost-Device", "till-1 i1"}});
  EXPECT_EQ(mine.At("own.0.id"), Ulid(1)) << mine.text;
  EXPECT_EQ(client_.Get("/sync/changes", {{"Outpost-Device", "till-2 i1"}}).At("own"), "[]");
  EXPECT_EQ(client_.Get("/sync/changes", {{"Outpost-Device", "till-1"}}).code(), "INVALID_PARAMETER");
}

TEST_F(Sync, NdjsonIsALinePerChangeAndALastOne) {
  client_.Post("/pos/orders", OrderBody());
  client_.Post("/pos/orders", OrderBody());
  const Answer answer = client_.Get("/sync/changes", {{"Accept", "application/x-ndjson"}});
  EXPECT_EQ(answer.headers.Get("Content-Type"), "application/x-ndjson");
  EXPECT_EQ(std::count(answer.text.begin(), answer.text.end(), '\n'), 3) << answer.text;
  const std::size_t last = answer.text.rfind('\n', answer.text.size() - 2);
  EXPECT_EQ(answer.text.compare(last + 1, 9, "{\"epoch\":"), 0) << answer.text;
}

TEST_F(Sync, LargePagesAreCompressedWhenAsked) {
  for (int i = 0; i < 5; ++i) client_.Post("/pos/orders", OrderBody());
  const Answer plain = client_.Get("/sync/changes");
  const Answer packed = client_.Get("/sync/changes", {{"Accept-Encoding", "gzip"}});
  EXPECT_EQ(plain.headers.Find("Content-Encoding"), nullptr);
  EXPECT_EQ(packed.headers.Get("Content-Encoding"), "gzip");
  EXPECT_EQ(packed.text.substr(0, 2), "\x1f\x8b");
  EXPECT_LT(packed.text.size(), plain.text.size() / 2);
}

TEST_F(Sync, ALongPollEndsWithTheNextChange) {
  const std::string cursor = client_.Get("/sync/changes").At("cursor");
  Answer polled;
  std::thread poll([&] { polled = client_.Get("/sync/changes?wait=20s&cursor=" + cursor); });
  const Answer order = client_.Post("/pos/orders", OrderBody());
  poll.join();
  EXPECT_EQ(polled.At("changes.0.id"), order.At("id")) << polled.text;
  EXPECT_EQ(client_.Get("/sync/changes?wait=1ms&cursor=" + polled.At("cursor")).At("changes"), "[]");
}

TEST_F(Sync, ForgedForeignAndMisusedCursorsAreRefused) {
  client_.Post("/pos/orders", OrderBody());
  const std::string cursor = client_.Get("/sync/changes?collections=orders").At("cursor");
  EXPECT_EQ(client_.Get("/sync/changes?cursor=Zm9yZ2Vk").code(), "CURSOR_INVALID");
  EXPECT_EQ(client_.Get("/sync/changes?cursor=!!").code(), "CURSOR_INVALID");
  const Answer mismatch = client_.Get("/sync/changes?collections=tickets&cursor=" + cursor);
  EXPECT_EQ(mismatch.status, 400);
  EXPECT_EQ(mismatch.code(), "CURSOR_MISMATCH");
  const Client foreign(port(), Token(Who{.workspace = "elsewhere"}));
  EXPECT_EQ(foreign.Get("/sync/changes?collections=orders&cursor=" + cursor).code(), "CURSOR_INVALID");
  const Answer rights = As("ann", {"kitchen"}).Get("/sync/changes?collections=orders&cursor=" + cursor);
  EXPECT_EQ(rights.status, 410) << rights.text;
  EXPECT_EQ(rights.code(), "CURSOR_EXPIRED");
}

TEST_F(Sync, StrangeParametersAreRefused) {
  for (const char* query :
       {"limit=0", "limit=10001", "limit=ten", "collections=nothing", "wait=soon", "collections=_variant"}) {
    const Answer answer = client_.Get(std::string("/sync/changes?") + query);
    EXPECT_EQ(answer.status, 400) << query;
    EXPECT_EQ(answer.code(), "INVALID_PARAMETER") << query;
  }
}

TEST_F(Sync, AnotherEpochRefusesTheWholeRequest) {
  const Answer answer = client_.Push({CommandText(Ulid(1), "ORDER_CREATE_V1", OrderBody())}, R"("epoch":"another",)");
  EXPECT_EQ(answer.status, 409);
  EXPECT_EQ(answer.code(), "EPOCH_CHANGED");
  EXPECT_EQ(client_.Get("/pos/orders").At("items"), "[]");
}

TEST_F(Sync, ATokenBoundToADeviceSpeaksForThatDeviceOnly) {
  const Client bound(port(), Token(Who{.workspace = workspace(), .device = "till-1"}));
  const std::string create = CommandText(Ulid(1), "ORDER_CREATE_V1", OrderBody(), R"(,"n":1)");
  EXPECT_EQ(bound.Push({create}, R"("deviceId":"till-2","incarnation":"i1",)").code(), "FORBIDDEN");
  EXPECT_EQ(bound.Push({create}, R"("deviceId":"till-1","incarnation":"i1",)").status, 200);
}

}  // namespace
}  // namespace outpost::blackbox
