// What guards a REST write: its idempotency key and the version it expects, wherever a client put them.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "http/message.h"
#include "protocol/command.h"
#include "protocol/problem.h"

namespace outpost::server {

// The Idempotency-Key header (a token or a quoted string), else _idempotencyKey or clientRequestId of the body; both
// are removed from the body in any case. Nullopt: no key. Problem: IDEMPOTENCY_KEY_INVALID.
std::variant<std::optional<IdempotencyKey>, Problem> TakeKey(const http::Headers& headers, json::object& body);

struct Guard {
  ExpectedVersion expected;
  bool by_header = false;  // If-Match: a conflict is answered with 412
  bool force = false;      // If-Match: *
};

// If-Match, If-None-Match: * (there must be nothing yet), else expectedVersion of the body, which is removed. Problem:
// INVALID_PARAMETER.
std::variant<Guard, Problem> TakeGuard(const http::Headers& headers, json::object& body);

}  // namespace outpost::server
