#include "server/routes/rest_key.h"

#include <charconv>

#include "server/routes/problem_response.h"

namespace outpost::server {
namespace {

constexpr const char* kKeyFields[] = {"_idempotencyKey", "clientRequestId"};

Problem InvalidKey() {
  return MakeProblem(ProblemCode::kIdempotencyKeyInvalid,
                     "an idempotency key is 1 to 255 visible ASCII characters, given once");
}

Problem InvalidVersion() {
  return MakeProblem(ProblemCode::kInvalidParameter,
                     "If-Match is \"<version>\" or *, expectedVersion a version or {\"after\":\"<command id>\"}");
}

bool IsQuoted(std::string_view text) { return text.size() >= 2 && text.front() == '"' && text.back() == '"'; }

// The key as meant; empty when the header's value is neither a token nor a plain quoted string.
std::string_view KeyFromHeader(std::string_view value) {
  if (IsQuoted(value)) value = value.substr(1, value.size() - 2);
  return value.find_first_of("\"\\") == std::string_view::npos ? value : std::string_view();
}

std::optional<Version> VersionFromTag(std::string_view tag) {
  if (!IsQuoted(tag)) return std::nullopt;
  tag = tag.substr(1, tag.size() - 2);
  std::int64_t number = 0;
  const auto [stop, error] = std::from_chars(tag.data(), tag.data() + tag.size(), number);
  if (error != std::errc() || stop != tag.data() + tag.size() || number < 0 || number > kIntegerMax)
    return std::nullopt;
  return Version(number);
}

std::optional<ExpectedVersion> VersionFromBody(const json::value& value) {
  if (value.is_null()) return ExpectedVersion();
  if (IsInteger(value) && AsInteger(value) >= 0) return Version(AsInteger(value));
  if (!value.is_object()) return std::nullopt;
  const std::string_view after = StringOr(value.get_object(), "after");
  if (!IsValidId(after)) return std::nullopt;
  return AfterCommand{CommandId(std::string(after))};
}

}  // namespace

std::variant<std::optional<IdempotencyKey>, Problem> TakeKey(const http::Headers& headers, json::object& body) {
  std::optional<std::string> key;
  bool valid = headers.Count("Idempotency-Key") <= 1;
  if (const std::string* header = headers.Find("Idempotency-Key")) key = std::string(KeyFromHeader(*header));
  for (const char* field : kKeyFields) {
    const json::value* value = Find(body, field);
    if (value == nullptr) continue;
    if (!key && !value->is_null()) {
      valid = valid && value->is_string();
      key = std::string(StringOr(body, field));
    }
    body.erase(field);
  }
  if (!key) return std::optional<IdempotencyKey>();
  if (!valid || !IsValidKey(*key)) return InvalidKey();
  return std::optional<IdempotencyKey>(IdempotencyKey(*std::move(key)));
}

std::variant<Guard, Problem> TakeGuard(const http::Headers& headers, json::object& body) {
  Guard guard;
  const json::value* in_body = Find(body, "expectedVersion");
  if (const std::string* tag = headers.Find("If-Match")) {
    guard.by_header = true;
    guard.force = *tag == "*";
    const std::optional<Version> version = VersionFromTag(*tag);
    if (!guard.force && !version) return InvalidVersion();
    if (version) guard.expected = *version;
  } else if (const std::string* none = headers.Find("If-None-Match")) {
    // Only if there is nothing yet: version 0.
    if (*none != "*") return MakeProblem(ProblemCode::kInvalidParameter, "If-None-Match of a write is *");
    guard.by_header = true;
    guard.expected = Version(0);
  } else if (in_body != nullptr) {
    const std::optional<ExpectedVersion> expected = VersionFromBody(*in_body);
    if (!expected) return InvalidVersion();
    guard.expected = *expected;
  }
  if (in_body != nullptr) body.erase("expectedVersion");
  return guard;
}

}  // namespace outpost::server
