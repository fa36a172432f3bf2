#include "server/routes/cors.h"

#include <algorithm>
#include <string>

namespace outpost::server {
namespace {

constexpr const char* kAllowedHeaders =
    "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, Outpost-Device, "
    "traceparent, "
    "X-Request-Id";
constexpr const char* kExposedHeaders =
    "ETag, Location, Retry-After, Idempotency-Replayed, Outpost-Receipt, X-Request-Id";

bool AllowsAll(const HttpPolicy& policy) {
  return std::find(policy.cors_origins.begin(), policy.cors_origins.end(), "*") != policy.cors_origins.end();
}

}  // namespace

bool IsAllowedOrigin(const HttpPolicy& policy, std::string_view origin) {
  if (origin.empty()) return false;
  return AllowsAll(policy) ||
         std::find(policy.cors_origins.begin(), policy.cors_origins.end(), origin) != policy.cors_origins.end();
}

void AddCorsHeaders(const HttpPolicy& policy, std::string_view origin, http::Headers& headers) {
  if (policy.cors_origins.empty()) return;
  headers.Add("Vary", "Origin");
  if (!IsAllowedOrigin(policy, origin)) return;
  // Tokens travel in a header, never in a cookie: credentials mode is not offered.
  headers.Add("Access-Control-Allow-Origin", AllowsAll(policy) ? "*" : std::string(origin));
  headers.Add("Access-Control-Expose-Headers", kExposedHeaders);
}

std::optional<http::Response> PreflightAnswer(const HttpPolicy& policy, const http::Request& head,
                                              std::string_view methods) {
  if (head.method != "OPTIONS" || head.headers.Find("Access-Control-Request-Method") == nullptr) return std::nullopt;
  if (!IsAllowedOrigin(policy, head.headers.Get("Origin"))) return std::nullopt;
  http::Response response;
  response.status = 204;
  response.headers.Add("Access-Control-Allow-Methods", std::string(methods));
  response.headers.Add("Access-Control-Allow-Headers", kAllowedHeaders);
  response.headers.Add("Access-Control-Max-Age", std::to_string(policy.cors_max_age_s));
  return response;
}

}  // namespace outpost::server
