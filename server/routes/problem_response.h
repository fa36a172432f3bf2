// Problems (RFC 9457) as HTTP answers. An answer never carries the text of an exception or of the database.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "http/message.h"
#include "protocol/problem.h"

namespace outpost::server {

inline constexpr int kRetryAfterSeconds = 1;

Problem MakeProblem(ProblemCode code, std::string detail);
// `status` overrides the code's own (412). Adds WWW-Authenticate to a 401 and Retry-After to 429 and 503.
http::Response ToResponse(const Problem& problem, std::optional<int> status = std::nullopt);
http::Response ProblemResponse(ProblemCode code, std::string detail);
// What the store could not do just now.
Problem StoreProblem(const Error& error);

// A JSON answer of text that is JSON already.
http::Response JsonResponse(std::string body, int status = 200);

}  // namespace outpost::server
