// What the engine asks of whoever does its network I/O. The host (libcurl, fetch, the simulator) adds the bearer token
// and the base URL, performs the request, and hands the outcome back under the same id. Exchanges may be performed in
// any order and at the same time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/tagged.h"
#include "base/time.h"

namespace outpost::engine {

using ExchangeId = Tagged<struct ExchangeIdTag, std::int64_t>;

struct HttpRequest {
  std::string method;  // "GET", "POST"
  std::string target;  // path and query: "/sync/changes?limit=1000"
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

struct HttpResponse {
  int status = 0;
  std::string content_type;
  std::optional<std::int64_t> retry_after_ms;
  std::string body;
};

// No HTTP response came: no route, refused, reset, truncated, timed out.
struct NetworkFailure {
  std::string reason;
  bool timed_out = false;
};

using HttpOutcome = std::variant<HttpResponse, NetworkFailure>;

}  // namespace outpost::engine
