// Query parameters and headers with a meaning, read strictly: what cannot be understood is 400 INVALID_PARAMETER, never
// a default in silence.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "protocol/problem.h"
#include "server/core/collections.h"
#include "server/core/store.h"

namespace outpost::server {

// 1–10,000, or the fallback when the parameter is absent.
std::variant<int, Problem> ReadLimit(std::string_view text, int fallback);
// "25s", "500ms" or whole seconds; at most kLongPollMax, empty: zero.
std::variant<std::chrono::milliseconds, Problem> ReadWait(std::string_view text);
// "orders,tickets"; empty: all.
std::variant<std::vector<CollectionName>, Problem> ReadCollections(std::string_view text, const Collections& known);
// "<deviceId> <incarnation>" of the Outpost-Device header; empty: none.
std::variant<std::optional<DeviceRef>, Problem> ReadDevice(std::string_view text);

}  // namespace outpost::server
