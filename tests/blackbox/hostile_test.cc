// What an attacker or a broken client sends: refused with the right code, and nothing happened.
#include <ctime>

#include "http/raw_client.h"
#include "tests/blackbox/server_fixture.h"

namespace outpost::blackbox {
namespace {

class Hostile : public ServerTest {
 protected:
  void TearDown() override { EXPECT_EQ(client_.Get("/pos/orders").At("items"), "[]"); }
};

std::string Nested(int depth) {
  return std::string(static_cast<std::size_t>(depth), '[') + std::string(static_cast<std::size_t>(depth), ']');
}

TEST_F(Hostile, BrokenJsonIsMalformedOnEveryWay) {
  const std::string broken[] = {
      "{",
      "{\"a\":1,}",
      "nul",
      "{\"a\":NaN}",
      "{\"a\":Infinity}",
      "{\"a\":1}{}",
      "{\"a\":1,\"a\":2}",
      "{\"a\":9007199254740993}",
      "{\"a\":-9007199254740993}",
      "{\"a\":1e400}",
      "{\"a\":\"\\ud800\"}",
      "{\"a\":\"\\u0000\"}",
      std::string("{\"a\":\"\0\"}", 9),
      "{\"a\":\"\xff\"}",
      "{\"a\":" + Nested(40) + "}",
      "{\"a\":" + Nested(200000) + "}",
  };
  for (const std::string& body : broken) {
    for (const char* path : {"/pos/orders", "/sync/commands"}) {
      const Answer answer = client_.Post(path, body);
      EXPECT_EQ(answer.status, 400) << path << " " << body.substr(0, 60);
      EXPECT_EQ(answer.code(), "MALFORMED_JSON") << path << " " << body.substr(0, 60);
    }
  }
}

TEST_F(Hostile, BatchesHaveALimit) {
  std::vector<std::string> commands;
  for (int i = 0; i < 1001; ++i) commands.push_back(CommandText(Ulid(i), "ORDER_CREATE_V1", "{}"));
  const Answer answer = client_.Push(commands);
  EXPECT_EQ(answer.status, 413);
  EXPECT_EQ(answer.code(), "BATCH_TOO_LARGE");
}

TEST_F(Hostile, ABatchWithABrokenEntryNamesIt) {
  const Answer answer =
      client_.Push({CommandText(Ulid(1), "ORDER_CREATE_V1", OrderBody()), R"({"type":"ORDER_CREATE_V1"})"});
  EXPECT_EQ(answer.status, 400);
  EXPECT_NE(answer.At("detail").find("1"), std::string::npos);
}

TEST_F(Hostile, BodiesHaveALimitPerRoute) {
  const std::string mebibyte(1u << 20, ' ');
  const Answer order = client_.Post("/pos/orders", mebibyte + "{}");
  EXPECT_EQ(order.status, 413);
  EXPECT_EQ(order.code(), "BODY_TOO_LARGE");
  EXPECT_EQ(order.headers.Get("Connection"), "close");
  EXPECT_EQ(client_.Post("/sync/commands", mebibyte + R"({"commands":[]})").status, 200);
  const Answer batch = client_.Post("/sync/commands", std::string((8u << 20) + 1, ' '));
  EXPECT_EQ(batch.status, 413);
  EXPECT_EQ(batch.code(), "BODY_TOO_LARGE");
}

TEST_F(Hostile, OnlyJsonIsTaken) {
  EXPECT_EQ(client_.Post("/pos/orders", OrderBody(), {{"Content-Type", "text/plain"}}).code(),
            "UNSUPPORTED_MEDIA_TYPE");
  EXPECT_EQ(
      client_.Post("/pos/orders", OrderBody(), {{"Content-Type", "application/json"}, {"Content-Encoding", "gzip"}})
          .status,
      415);
  EXPECT_EQ(client_.Post("/pos/orders", "[]", {{"Content-Type", "application/json; charset=utf-8"}}).status, 422);
}

TEST_F(Hostile, TokensThatAreNoneAre401) {
  const std::string good = client_.token();
  const std::string payload = good.substr(good.find('.'), good.rfind('.') - good.find('.'));
  const std::string none = "eyJhbGciOiJub25lIn0" + payload + ".";
  const std::string expired = Token(Who{.workspace = workspace(), .expires_s = 1600000000});
  const std::string foreign =
      server::TokenAuthority("another-secret-of-more-than-32-bytes-x")
          .Make(server::Caller{
              WorkspaceId(workspace()), UserId("ann"), {"admin"}, std::nullopt, Timestamp{4102444800000}});
  for (const std::string& token :
       {std::string(), std::string("x"), none, expired, foreign, good + "x", std::string(9000, 'a')}) {
    const Answer answer = Client(port(), token).Get("/pos/orders");
    EXPECT_EQ(answer.status, 401) << token.substr(0, 80);
    EXPECT_EQ(answer.code(), "UNAUTHENTICATED");
    EXPECT_EQ(answer.headers.Get("WWW-Authenticate"), "Bearer");
  }
}

TEST_F(Hostile, ATokenOutlivesItsEndByAMinute) {
  const auto ended = [this](std::int64_t seconds_ago) {
    return Client(port(), Token(Who{.workspace = workspace(), .expires_s = std::time(nullptr) - seconds_ago}));
  };
  EXPECT_EQ(ended(30).Get("/pos/orders").status, 200);
  EXPECT_EQ(ended(90).Get("/pos/orders").status, 401);
}

TEST_F(Hostile, NothingIsReadForAStranger) {
  const Answer answer = Client(port(), "").Post("/sync/commands", std::string(200000, '['));
  EXPECT_EQ(answer.status, 401);
}

TEST_F(Hostile, AnotherWorkspacesResourcesAreNotThere) {
  const Client foreign(port(), Token(Who{.workspace = "foreign-workspace"}));
  const Answer order = foreign.Post("/pos/orders", OrderBody());
  ASSERT_EQ(order.status, 201);
  const std::string path = "/pos/orders/" + order.At("id");
  EXPECT_EQ(client_.Get(path).code(), "NOT_FOUND");
  EXPECT_EQ(client_.Post(path + "/cancel", "").code(), "NOT_FOUND");
  EXPECT_EQ(foreign.Get(path).At("status"), "NEW");
}

TEST_F(Hostile, NamesThatLookLikeCodeAreOnlyNames) {
  EXPECT_EQ(client_.Get("/pos/orders/'%20OR%201=1--").status, 404);
  EXPECT_EQ(client_.Get("/pos/orders?status='%20OR%201=1--").At("items"), "[]");
  EXPECT_EQ(client_.Get("/inventory/stock?sku=%27;DROP%20TABLE%20document").status, 404);
  EXPECT_EQ(client_.Post("/pos/orders", R"({"__proto__":{"a":1},"items":[]})").status, 422);
}

TEST_F(Hostile, SmugglingIsRefusedAndTheConnectionEnds) {
  http::RawClient connection(port());
  connection.Send(
      "POST /pos/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
      "POST /pos/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(connection.Read()->status, 400);
  connection.CloseSending();
  EXPECT_TRUE(connection.IsClosed());
}

}  // namespace
}  // namespace outpost::blackbox
