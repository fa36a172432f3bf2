#include "server/routes/rest_key.h"

#include <gtest/gtest.h>

namespace outpost::server {
namespace {

json::object Body(std::string_view text) { return ParseJson(text).value().get_object(); }

std::optional<std::string> KeyOf(const http::Headers& headers, json::object& body) {
  auto key = TakeKey(headers, body);
  const auto* taken = std::get_if<std::optional<IdempotencyKey>>(&key);
  if (taken == nullptr) return "INVALID";
  return *taken ? std::optional<std::string>((*taken)->value) : std::nullopt;
}

TEST(TakeKey, HeaderAsTokenOrQuotedString) {
  for (const char* value : {"abc-1", "\"abc-1\""}) {
    http::Headers headers;
    headers.Add("idempotency-key", value);
    json::object body;
    EXPECT_EQ(KeyOf(headers, body), "abc-1") << value;
  }
}

TEST(TakeKey, TheHeaderComesFirstAndBothFieldsLeaveTheBody) {
  http::Headers headers;
  headers.Add("Idempotency-Key", "header");
  json::object body = Body(R"({"_idempotencyKey":"a","clientRequestId":"b","tableId":"7"})");
  EXPECT_EQ(KeyOf(headers, body), "header");
  EXPECT_EQ(body, Body(R"({"tableId":"7"})"));
}

TEST(TakeKey, TheBodysFieldsInTheirOrder) {
  json::object both = Body(R"({"clientRequestId":"b","_idempotencyKey":"a"})");
  EXPECT_EQ(KeyOf({}, both), "a");
  json::object second = Body(R"({"clientRequestId":"b"})");
  EXPECT_EQ(KeyOf({}, second), "b");
  EXPECT_TRUE(second.empty());
  for (const char* text : {"{}", R"({"clientRequestId":null})"}) {
    json::object none = Body(text);
    EXPECT_EQ(KeyOf({}, none), std::nullopt) << text;
    EXPECT_TRUE(none.empty());
  }
}

TEST(TakeKey, RefusesWhatIsNoKey) {
  for (const std::string& value : {std::string(), std::string("\"\""), std::string("a b"), std::string("a\"b"),
                                   std::string(256, 'k'), std::string("\xc3\xa9")}) {
    http::Headers headers;
    headers.Add("Idempotency-Key", value);
    json::object body;
    EXPECT_EQ(KeyOf(headers, body), "INVALID") << value;
  }
  json::object number = Body(R"({"clientRequestId":7})");
  EXPECT_EQ(KeyOf({}, number), "INVALID");
  http::Headers twice;
  twice.Add("Idempotency-Key", "a");
  twice.Add("Idempotency-Key", "b");
  json::object body;
  EXPECT_EQ(KeyOf(twice, body), "INVALID");
}

TEST(TakeGuard, IfMatchBeforeTheBody) {
  http::Headers headers;
  headers.Add("If-Match", "\"7\"");
  json::object body = Body(R"({"expectedVersion":3})");
  const Guard guard = std::get<Guard>(TakeGuard(headers, body));
  EXPECT_EQ(std::get<Version>(guard.expected).value, 7);
  EXPECT_TRUE(guard.by_header);
  EXPECT_TRUE(body.empty());
}

TEST(TakeGuard, AStarForces) {
  http::Headers headers;
  headers.Add("If-Match", "*");
  json::object body;
  const Guard guard = std::get<Guard>(TakeGuard(headers, body));
  EXPECT_TRUE(guard.force);
  EXPECT_TRUE(std::holds_alternative<std::monostate>(guard.expected));
}

TEST(TakeGuard, AVersionOrACommandInTheBody) {
  json::object version = Body(R"({"expectedVersion":3})");
  EXPECT_EQ(std::get<Version>(std::get<Guard>(TakeGuard({}, version)).expected).value, 3);
  json::object after = Body(R"({"expectedVersion":{"after":"c1"}})");
  EXPECT_EQ(std::get<AfterCommand>(std::get<Guard>(TakeGuard({}, after)).expected).id.value, "c1");
}

TEST(TakeGuard, RefusesWhatIsNoVersion) {
  for (const char* tag : {"7", "W/\"7\"", "\"x\"", "\"\"", "\"-1\"", "\"7\", \"8\""}) {
    http::Headers headers;
    headers.Add("If-Match", tag);
    json::object body;
    EXPECT_TRUE(std::holds_alternative<Problem>(TakeGuard(headers, body))) << tag;
  }
  for (const char* text :
       {R"({"expectedVersion":"3"})", R"({"expectedVersion":-1})", R"({"expectedVersion":{"after":"a b"}})"}) {
    json::object body = Body(text);
    EXPECT_TRUE(std::holds_alternative<Problem>(TakeGuard({}, body))) << text;
  }
}

}  // namespace
}  // namespace outpost::server
