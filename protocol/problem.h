// Every error that crosses the wire: a closed set of codes, each with its HTTP status and title, carried in an RFC 9457
// problem document. The device switches on the code, never on the bare status.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/ids.h"
#include "protocol/json.h"

namespace outpost {

enum class ProblemCode {
  kMalformedJson,
  kInvalidParameter,
  kIdempotencyKeyInvalid,
  kCursorInvalid,
  kCursorMismatch,
  kUnauthenticated,
  kForbidden,
  kNotFound,
  kMethodNotAllowed,
  kIdempotencyKeyReused,
  kIdempotencyKeyExpired,
  kIdempotencyDuplicate,
  kRequestInProgress,
  kAlreadyExists,
  kVersionConflict,
  kInvalidStateTransition,
  kAlreadyApplied,
  kDeviceCloned,
  kEpochChanged,
  kCursorExpired,
  kBodyTooLarge,
  kBatchTooLarge,
  kUnsupportedMediaType,
  kValidationFailed,
  kUnknownCommandType,
  kDependencyCycle,
  kOnlineOnly,
  kDependencyFailed,
  kRateLimited,
  kInternalError,
  kUnavailable,  // database or overload: try again later
  kPaymentUnavailable,
};

// "VERSION_CONFLICT".
std::string_view Name(ProblemCode code);
std::optional<ProblemCode> ProblemCodeFromName(std::string_view name);
// The status the code is answered with (VERSION_CONFLICT: 409; 412 is the route's own affair).
int HttpStatus(ProblemCode code);
// A version, state or identity conflict that a person has to decide: device status CONFLICT.
bool IsConflict(ProblemCode code);

struct FieldError {
  std::string field;  // "items[0].quantity"
  std::string message;
};

struct Problem {
  ProblemCode code = ProblemCode::kInternalError;
  std::string detail;
  std::vector<FieldError> errors;
  // Further members, already in wire names: currentState, currentVersion, diff, blockedBy, existingResource, …
  json::object extra;
};

// The whole problem document. `status` overrides HttpStatus(code) (412 for If-Match).
json::object ToProblemDocument(const Problem& problem, std::optional<int> status = std::nullopt);
// Reads what ToProblemDocument wrote. An unknown code on a 409 or 412 counts as a conflict, on a 429 as rate limiting,
// on a 5xx as unavailable, any other as validation.
Problem ProblemFromDocument(const json::object& document);

// diff by top-level field, arrays whole: [{"field","yours","theirs"}], metadata fields left out. Only fields that
// `yours` names: a partial change says nothing of the others. A field `theirs` lacks counts as null.
json::array DiffFields(const json::object& yours, const json::object& theirs);

}  // namespace outpost
