// The parts of a request target: percent-decoding, query strings, path segments. Strict: a broken escape is an error,
// and a parameter given twice is one too, because "which of them counts" differs from proxy to proxy.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace outpost::http {

enum class PlusSign { kLiteral, kSpace };

// kInvalidArgument on a broken escape, a decoded control character or what is not UTF-8.
Result<std::string> PercentDecode(std::string_view text, PlusSign plus = PlusSign::kLiteral);
// Encodes everything but unreserved characters (RFC 3986).
std::string PercentEncode(std::string_view text);

// "a=1&b=x%20y". kInvalidArgument on a broken escape or a repeated name.
Result<std::map<std::string, std::string, std::less<>>> ParseQuery(std::string_view query);

// "/pos/orders/a%3Ab" → {"pos", "orders", "a:b"}.
Result<std::vector<std::string>> PathSegments(std::string_view path);

}  // namespace outpost::http
