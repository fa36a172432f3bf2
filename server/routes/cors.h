// Cross-origin requests by configuration: which headers an answer carries for a page of another origin, and the answer
// to a preflight. Without a configured origin nothing is said and browsers keep other pages out.
#pragma once

#include <optional>
#include <string_view>

#include "http/message.h"
#include "server/routes/http_policy.h"

namespace outpost::server {

bool IsAllowedOrigin(const HttpPolicy& policy, std::string_view origin);
// Adds to any answer for a request that came with this Origin.
void AddCorsHeaders(const HttpPolicy& policy, std::string_view origin, http::Headers& headers);
// The answer to an OPTIONS request of a browser that asks first; nullopt when it is no such request.
std::optional<http::Response> PreflightAnswer(const HttpPolicy& policy, const http::Request& head,
                                              std::string_view methods);

}  // namespace outpost::server
