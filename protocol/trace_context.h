// W3C trace context, version 00: what joins a command's first try, its retries, its log lines and its result.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "protocol/push.h"

namespace outpost {

// 00-<32 hex>-<16 hex>-<2 hex>, neither id all zeros.
bool IsTraceparent(std::string_view text);
// The 32 hexadecimal digits of the trace; empty when the text is no traceparent.
std::string_view TraceIdOf(std::string_view traceparent);

// The response with each result's `traceId`; one a result, empty where it has none.
std::string ToJson(const PushResponse& response, std::span<const std::string> trace_ids);

}  // namespace outpost
