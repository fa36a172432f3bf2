#include <algorithm>
#include <array>

#include "protocol/json_span.h"
#include "protocol/push.h"
#include "protocol/trace_context.h"

namespace outpost {
namespace {

constexpr std::array<std::string_view, 5> kStatusNames = {"SUCCEEDED", "CONFLICT", "FAILED", "BLOCKED", "RETRY"};

// What a conflict's result repeats from its problem document, so that a simple client finds it at once.
constexpr std::array<std::string_view, 4> kConflictMembers = {"conflictType", "currentState", "currentVersion", "diff"};

constexpr std::size_t kParseMemoryMin = 4096;

// ---- writing ----

void AppendChanges(std::string& out, const std::vector<Change>& changes) {
  out += ",\"changes\":[";
  for (std::size_t i = 0; i < changes.size(); ++i) {
    if (i > 0) out.push_back(',');
    AppendChangeJson(out, changes[i]);
  }
  out.push_back(']');
}

void AppendIds(std::string& out, const std::vector<std::pair<std::string, std::string>>& ids) {
  out += ",\"ids\":{";
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (i > 0) out.push_back(',');
    AppendJsonString(out, ids[i].first);
    out.push_back(':');
    AppendJsonString(out, ids[i].second);
  }
  out.push_back('}');
}

void AppendMember(std::string& out, const json::object& document, std::string_view name) {
  const json::value* member = Find(document, name);
  if (member == nullptr) return;
  out.push_back(',');
  AppendJsonString(out, name);
  out.push_back(':');
  AppendJson(out, *member);
}

// What a result that is no success carries.
void AppendProblem(std::string& out, const CommandResult& result) {
  if (result.problem.has_value()) {
    const json::object document = ToProblemDocument(*result.problem, result.http_status);
    AppendMember(out, document, "code");
    if (result.status == WireStatus::kConflict) {
      for (const std::string_view name : kConflictMembers) AppendMember(out, document, name);
    }
    if (result.status == WireStatus::kBlocked) AppendMember(out, document, "blockedBy");
    out += ",\"problem\":";
    AppendJson(out, document);
  }
  if (result.status == WireStatus::kRetry) {
    out += ",\"retryAfterMs\":";
    out += std::to_string(result.retry_after_ms);
  }
}

void AppendResult(std::string& out, const CommandResult& result, std::string_view trace_id) {
  const bool succeeded = result.status == WireStatus::kSucceeded;
  out += "{\"id\":";
  AppendJsonString(out, result.id.value);
  out += ",\"fingerprint\":";
  AppendJsonString(out, result.fingerprint);
  if (!trace_id.empty()) {
    out += ",\"traceId\":";
    AppendJsonString(out, trace_id);
  }
  out += ",\"status\":\"";
  out += Name(result.status);
  out += "\",\"httpStatus\":";
  out += std::to_string(result.http_status);
  out += result.replayed ? ",\"replayed\":true" : ",\"replayed\":false";
  if (result.redacted) out += ",\"redacted\":true";
  if (succeeded || result.seq.has_value()) {
    out += ",\"seq\":";
    out += result.seq.has_value() ? std::to_string(result.seq->value) : "null";
  }
  if (succeeded || !result.body.empty()) {
    out += ",\"body\":";
    out += result.body.empty() ? std::string_view("null") : std::string_view(result.body);
  }
  if (succeeded || !result.changes.empty()) AppendChanges(out, result.changes);
  if (succeeded || !result.ids.empty()) AppendIds(out, result.ids);
  if (!succeeded) AppendProblem(out, result);
  out.push_back('}');
}

std::size_t SizeOf(const PushResponse& response) {
  std::size_t size = 256;
  for (const CommandResult& result : response.results) {
    size += 320 + result.body.size();
    for (const Change& change : result.changes) size += 128 + change.doc.size();
  }
  return size;
}

// ---- reading ----

Error Malformed(std::string what) { return Error{ErrorCode::kInvalidArgument, "no push response: " + std::move(what)}; }

std::optional<WireStatus> StatusFromName(std::string_view name) {
  const auto found = std::find(kStatusNames.begin(), kStatusNames.end(), name);
  if (found == kStatusNames.end()) return std::nullopt;
  return static_cast<WireStatus>(found - kStatusNames.begin());
}

ProblemCode DefaultCode(WireStatus status) {
  switch (status) {
    case WireStatus::kConflict:
      return ProblemCode::kVersionConflict;
    case WireStatus::kBlocked:
      return ProblemCode::kDependencyFailed;
    case WireStatus::kRetry:
      return ProblemCode::kUnavailable;
    case WireStatus::kSucceeded:
    case WireStatus::kFailed:
      break;
  }
  return ProblemCode::kValidationFailed;
}

// The result's problem; one without a document is known by its code, or at least by its status.
Problem ReadProblem(const json::object& object, WireStatus status) {
  const json::value* document = Find(object, "problem");
  if (document != nullptr && document->is_object()) return ProblemFromDocument(document->get_object());
  return Problem{.code = ProblemCodeFromName(StringOr(object, "code")).value_or(DefaultCode(status))};
}

Status ReadChanges(const json::object& object, std::string_view text, std::vector<Change>& changes) {
  const json::value* member = Find(object, "changes");
  if (member == nullptr) return {};
  if (!member->is_array()) return Malformed("changes is no array");
  ElementTexts texts(MemberTail(text, "changes").value_or(std::string_view()));
  changes.reserve(member->get_array().size());
  for (const json::value& element : member->get_array()) {
    OUTPOST_TRY(Change change, ChangeFromJson(element, texts.Next().value_or(std::string_view())));
    changes.push_back(std::move(change));
  }
  return {};
}

Status ReadIds(const json::object& object, std::vector<std::pair<std::string, std::string>>& ids) {
  const json::value* member = Find(object, "ids");
  if (member == nullptr) return {};
  if (!member->is_object()) return Malformed("ids is no object");
  for (const json::key_value_pair& pair : member->get_object()) {
    if (!pair.value().is_string()) return Malformed("ids holds something else than texts");
    ids.emplace_back(pair.key(), pair.value().get_string());
  }
  return {};
}

std::string ReadBody(const json::object& object, std::string_view text) {
  const json::value* body = Find(object, "body");
  if (body == nullptr || body->is_null()) return {};
  if (const auto body_text = MemberText(text, "body")) return std::string(*body_text);
  return ToJson(*body);
}

bool BooleanOr(const json::object& object, std::string_view name, bool fallback) {
  const json::value* member = Find(object, name);
  return member != nullptr && member->is_bool() ? member->get_bool() : fallback;
}

Result<CommandResult> ReadResult(const json::value& value, std::string_view text) {
  if (!value.is_object()) return Malformed("a result is no object");
  const json::object& object = value.get_object();
  CommandResult result;
  result.id = CommandId(std::string(StringOr(object, "id")));
  const json::value* fingerprint = Find(object, "fingerprint");
  const std::optional<WireStatus> status = StatusFromName(StringOr(object, "status"));
  const std::int64_t http_status = IntegerOr(object, "httpStatus", 0);
  if (!IsValidId(result.id.value)) return Malformed("a result without a valid id");
  if (fingerprint == nullptr || !fingerprint->is_string()) return Malformed("a result without a fingerprint");
  if (!status.has_value()) return Malformed("a result without a known status");
  if (http_status < 100 || http_status > 599) return Malformed("a result without an HTTP status");
  result.fingerprint = StringOr(object, "fingerprint");
  result.status = *status;
  result.http_status = static_cast<int>(http_status);
  result.replayed = BooleanOr(object, "replayed", false);
  result.redacted = BooleanOr(object, "redacted", false);
  if (const std::int64_t seq = IntegerOr(object, "seq", -1); seq >= 0) result.seq = Sequence(seq);
  result.body = ReadBody(object, text);
  OUTPOST_CHECK(ReadChanges(object, text, result.changes));
  OUTPOST_CHECK(ReadIds(object, result.ids));
  if (*status != WireStatus::kSucceeded) result.problem = ReadProblem(object, *status);
  result.retry_after_ms = std::max<std::int64_t>(0, IntegerOr(object, "retryAfterMs", 0));
  return result;
}

}  // namespace

std::string_view Name(WireStatus status) { return kStatusNames[static_cast<std::size_t>(status)]; }

std::string ToJson(const PushResponse& response) { return ToJson(response, {}); }

std::string ToJson(const PushResponse& response, std::span<const std::string> trace_ids) {
  OUTPOST_ASSERT(trace_ids.empty() || trace_ids.size() == response.results.size());
  std::string out;
  out.reserve(SizeOf(response));
  out += "{\"epoch\":";
  AppendJsonString(out, response.epoch.value);
  if (response.head.has_value()) {
    out += ",\"head\":";
    AppendJsonString(out, response.head->value);
  }
  if (response.highest_n.has_value()) {
    out += ",\"highestN\":";
    out += std::to_string(response.highest_n->value);
  }
  out += ",\"results\":[";
  for (std::size_t i = 0; i < response.results.size(); ++i) {
    if (i > 0) out.push_back(',');
    AppendResult(out, response.results[i], trace_ids.empty() ? std::string_view() : trace_ids[i]);
  }
  out += "]}";
  return out;
}

Result<PushResponse> PushResponseFromJson(std::string_view text) {
  json::monotonic_resource memory(std::max(kParseMemoryMin, 3 * text.size()));
  OUTPOST_TRY(const json::value tree, ParseJson(text, &memory));
  if (!tree.is_object()) return Malformed("not an object");
  const json::object& object = tree.get_object();
  PushResponse response;
  response.epoch = Epoch(std::string(StringOr(object, "epoch")));
  if (response.epoch.value.empty()) return Malformed("no epoch");
  if (const std::string_view head = StringOr(object, "head"); !head.empty()) response.head = Cursor(std::string(head));
  if (const std::int64_t n = IntegerOr(object, "highestN", -1); n >= 0) response.highest_n = CommandNumber(n);
  const json::value* results = Find(object, "results");
  if (results == nullptr || !results->is_array()) return Malformed("no results");
  ElementTexts texts(MemberTail(text, "results").value_or(std::string_view()));
  response.results.reserve(results->get_array().size());
  for (const json::value& element : results->get_array()) {
    OUTPOST_TRY(CommandResult result, ReadResult(element, texts.Next().value_or(std::string_view())));
    response.results.push_back(std::move(result));
  }
  return response;
}

}  // namespace outpost
