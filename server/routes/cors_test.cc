#include "server/routes/cors.h"

#include <gtest/gtest.h>

namespace outpost::server {
namespace {

http::Request Preflight(const char* origin) {
  http::Request head;
  head.method = "OPTIONS";
  head.headers.Add("Origin", origin);
  head.headers.Add("Access-Control-Request-Method", "POST");
  return head;
}

TEST(Cors, SaysNothingUnlessConfigured) {
  http::Headers headers;
  AddCorsHeaders({}, "https://app.example", headers);
  EXPECT_TRUE(headers.list().empty());
  EXPECT_FALSE(PreflightAnswer({}, Preflight("https://app.example"), "POST").has_value());
}

TEST(Cors, NamesTheOriginThatIsAllowed) {
  const HttpPolicy policy{.cors_origins = {"https://app.example"}};
  http::Headers headers;
  AddCorsHeaders(policy, "https://app.example", headers);
  EXPECT_EQ(headers.Get("Access-Control-Allow-Origin"), "https://app.example");
  EXPECT_EQ(headers.Get("Vary"), "Origin");
  for (const char* name : {"ETag", "Location", "Retry-After", "Idempotency-Replayed", "Outpost-Receipt"}) {
    EXPECT_NE(headers.Get("Access-Control-Expose-Headers").find(name), std::string_view::npos) << name;
  }
  http::Headers other;
  AddCorsHeaders(policy, "https://evil.example", other);
  EXPECT_EQ(other.Find("Access-Control-Allow-Origin"), nullptr);
  EXPECT_EQ(other.Get("Vary"), "Origin") << "a cache must not show one page's answer to another";
}

TEST(Cors, AnswersAPreflight) {
  const HttpPolicy policy{.cors_origins = {"https://app.example"}};
  const auto answer = PreflightAnswer(policy, Preflight("https://app.example"), "GET, HEAD, POST");
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 204);
  EXPECT_EQ(answer->headers.Get("Access-Control-Allow-Methods"), "GET, HEAD, POST");
  for (const char* name : {"Authorization", "Content-Type", "Idempotency-Key", "If-Match", "Last-Event-ID",
                           "Outpost-Device", "traceparent"}) {
    EXPECT_NE(answer->headers.Get("Access-Control-Allow-Headers").find(name), std::string_view::npos) << name;
  }
  EXPECT_FALSE(PreflightAnswer(policy, Preflight("https://evil.example"), "POST").has_value());
}

}  // namespace
}  // namespace outpost::server
