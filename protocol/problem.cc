#include "protocol/problem.h"

#include <algorithm>
#include <array>

namespace outpost {
namespace {

struct CodeRow {
  ProblemCode code;
  std::string_view name;
  int status;
  std::string_view title;
};

// In the order of the enumeration.
constexpr std::array kCodes = {
    CodeRow{ProblemCode::kMalformedJson, "MALFORMED_JSON", 400, "The body is not JSON as this server takes it"},
    CodeRow{ProblemCode::kInvalidParameter, "INVALID_PARAMETER", 400, "A parameter is not valid"},
    CodeRow{ProblemCode::kIdempotencyKeyInvalid, "IDEMPOTENCY_KEY_INVALID", 400, "The idempotency key is not valid"},
    CodeRow{ProblemCode::kCursorInvalid, "CURSOR_INVALID", 400, "The cursor is not valid"},
    CodeRow{ProblemCode::kCursorMismatch, "CURSOR_MISMATCH", 400, "The cursor belongs to another filter"},
    CodeRow{ProblemCode::kUnauthenticated, "UNAUTHENTICATED", 401, "Sign in first"},
    CodeRow{ProblemCode::kForbidden, "FORBIDDEN", 403, "Not allowed"},
    CodeRow{ProblemCode::kNotFound, "NOT_FOUND", 404, "Not found"},
    CodeRow{ProblemCode::kMethodNotAllowed, "METHOD_NOT_ALLOWED", 405, "Method not allowed"},
    CodeRow{ProblemCode::kIdempotencyKeyReused, "IDEMPOTENCY_KEY_REUSED", 409, "The key was used for another request"},
    CodeRow{ProblemCode::kIdempotencyKeyExpired, "IDEMPOTENCY_KEY_EXPIRED", 409, "The key is too old to be known"},
    CodeRow{ProblemCode::kIdempotencyDuplicate, "IDEMPOTENCY_DUPLICATE", 409, "Already done; its answer is gone"},
    CodeRow{ProblemCode::kRequestInProgress, "REQUEST_IN_PROGRESS", 409, "The same request is still running"},
    CodeRow{ProblemCode::kAlreadyExists, "ALREADY_EXISTS", 409, "The id is taken"},
    CodeRow{ProblemCode::kVersionConflict, "VERSION_CONFLICT", 409, "Somebody else changed it meanwhile"},
    CodeRow{ProblemCode::kInvalidStateTransition, "INVALID_STATE_TRANSITION", 409, "Not possible in its present state"},
    CodeRow{ProblemCode::kAlreadyApplied, "ALREADY_APPLIED", 409, "The command was already applied"},
    CodeRow{ProblemCode::kDeviceCloned, "DEVICE_CLONED", 409, "Two devices use one identity"},
    CodeRow{ProblemCode::kEpochChanged, "EPOCH_CHANGED", 409, "The server's store was replaced"},
    CodeRow{ProblemCode::kCursorExpired, "CURSOR_EXPIRED", 410, "The cursor is too old"},
    CodeRow{ProblemCode::kBodyTooLarge, "BODY_TOO_LARGE", 413, "The body is too large"},
    CodeRow{ProblemCode::kBatchTooLarge, "BATCH_TOO_LARGE", 413, "Too many commands in one batch"},
    CodeRow{ProblemCode::kUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE", 415, "Unsupported media type"},
    CodeRow{ProblemCode::kValidationFailed, "VALIDATION_FAILED", 422, "Validation failed"},
    CodeRow{ProblemCode::kUnknownCommandType, "UNKNOWN_COMMAND_TYPE", 422, "Unknown command type"},
    CodeRow{ProblemCode::kDependencyCycle, "DEPENDENCY_CYCLE", 422, "Commands wait for each other in a circle"},
    CodeRow{ProblemCode::kOnlineOnly, "ONLINE_ONLY", 422, "Possible only while online"},
    CodeRow{ProblemCode::kDependencyFailed, "DEPENDENCY_FAILED", 424, "A command it depends on did not succeed"},
    CodeRow{ProblemCode::kRateLimited, "RATE_LIMITED", 429, "Too many requests"},
    CodeRow{ProblemCode::kInternalError, "INTERNAL_ERROR", 500, "Internal error"},
    CodeRow{ProblemCode::kUnavailable, "UNAVAILABLE", 503, "Try again later"},
    CodeRow{ProblemCode::kPaymentUnavailable, "PAYMENT_UNAVAILABLE", 503, "No payment gateway is available"},
};

constexpr bool InOrder() {
  for (std::size_t i = 0; i < kCodes.size(); ++i) {
    if (static_cast<std::size_t>(kCodes[i].code) != i) return false;
  }
  return true;
}
static_assert(InOrder() && static_cast<std::size_t>(ProblemCode::kPaymentUnavailable) + 1 == kCodes.size());

// Members that ToProblemDocument makes from the problem's own fields.
constexpr std::array<std::string_view, 9> kOwnMembers = {"type",       "title",   "status", "detail",      "code",
                                                         "statusCode", "message", "errors", "conflictType"};

// What every resource carries and no person edited.
constexpr std::array<std::string_view, 7> kMetadataFields = {"id",        "version",   "createdAt",      "createdBy",
                                                             "updatedAt", "updatedBy", "expectedVersion"};

template <std::size_t kSize>
bool Contains(const std::array<std::string_view, kSize>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

const CodeRow& RowOf(ProblemCode code) { return kCodes[static_cast<std::size_t>(code)]; }

std::string TypeUri(ProblemCode code) {
  std::string uri = "/problems/";
  for (const char c : Name(code)) uri.push_back(c == '_' ? '-' : static_cast<char>(c | 0x20));
  return uri;
}

json::array ErrorsToJson(const std::vector<FieldError>& errors) {
  json::array array;
  array.reserve(errors.size());
  for (const FieldError& error : errors)
    array.push_back(json::object{{"field", error.field}, {"message", error.message}});
  return array;
}

std::vector<FieldError> ErrorsFromJson(const json::object& document) {
  std::vector<FieldError> errors;
  const json::value* member = Find(document, "errors");
  if (member == nullptr || !member->is_array()) return errors;
  for (const json::value& entry : member->get_array()) {
    if (!entry.is_object()) continue;
    const json::object& object = entry.get_object();
    errors.push_back({std::string(StringOr(object, "field")), std::string(StringOr(object, "message"))});
  }
  return errors;
}

// What a code that this build does not know means to it: never a success, and final only if the status says so.
ProblemCode UnknownCode(std::int64_t status) {
  if (status == 409 || status == 412) return ProblemCode::kVersionConflict;
  if (status == 429) return ProblemCode::kRateLimited;
  if (status >= 500) return ProblemCode::kUnavailable;
  return ProblemCode::kValidationFailed;
}

}  // namespace

std::string_view Name(ProblemCode code) { return RowOf(code).name; }

std::optional<ProblemCode> ProblemCodeFromName(std::string_view name) {
  const auto row = std::find_if(kCodes.begin(), kCodes.end(), [&](const CodeRow& r) { return r.name == name; });
  if (row == kCodes.end()) return std::nullopt;
  return row->code;
}

int HttpStatus(ProblemCode code) { return RowOf(code).status; }

bool IsConflict(ProblemCode code) {
  return code == ProblemCode::kAlreadyExists || code == ProblemCode::kVersionConflict ||
         code == ProblemCode::kInvalidStateTransition;
}

json::object ToProblemDocument(const Problem& problem, std::optional<int> status) {
  const CodeRow& row = RowOf(problem.code);
  const int shown_status = status.value_or(row.status);
  json::object document;
  document.reserve(kOwnMembers.size() + problem.extra.size());
  document.emplace("type", TypeUri(problem.code));
  document.emplace("title", row.title);
  document.emplace("status", shown_status);
  if (!problem.detail.empty()) document.emplace("detail", problem.detail);
  document.emplace("code", row.name);
  document.emplace("statusCode", shown_status);
  document.emplace("message", problem.detail.empty() ? row.title : std::string_view(problem.detail));
  if (!problem.errors.empty()) document.emplace("errors", ErrorsToJson(problem.errors));
  if (shown_status == 409 || shown_status == 412) document.emplace("conflictType", row.name);
  // emplace leaves what is there: an extra member never hides one of the fixed ones.
  for (const json::key_value_pair& member : problem.extra) document.emplace(member.key(), member.value());
  return document;
}

Problem ProblemFromDocument(const json::object& document) {
  Problem problem;
  const std::int64_t status = IntegerOr(document, "status", IntegerOr(document, "statusCode", 0));
  problem.code = ProblemCodeFromName(StringOr(document, "code")).value_or(UnknownCode(status));
  problem.detail = StringOr(document, "detail");
  const std::string_view message = StringOr(document, "message");
  if (problem.detail.empty() && message != RowOf(problem.code).title) problem.detail = message;
  problem.errors = ErrorsFromJson(document);
  for (const json::key_value_pair& member : document) {
    if (!Contains(kOwnMembers, member.key())) problem.extra.emplace(member.key(), member.value());
  }
  return problem;
}

json::array DiffFields(const json::object& yours, const json::object& theirs) {
  const json::value absent;
  json::array diff;
  for (const json::key_value_pair& member : yours) {
    if (Contains(kMetadataFields, member.key())) continue;
    const json::value* their_value = Find(theirs, member.key());
    if (their_value == nullptr) their_value = &absent;
    if (CanonicalJson(member.value()) == CanonicalJson(*their_value)) continue;
    diff.push_back(json::object{{"field", member.key()}, {"yours", member.value()}, {"theirs", *their_value}});
  }
  return diff;
}

}  // namespace outpost
