#include "engine/sync/error_policy.h"

#include <string_view>

#include "base/mutant.h"

namespace outpost::engine {
namespace {

// What a code of ours means for the exchange as a whole. No default: a new code does not compile until it is placed.
Verdict VerdictOf(ProblemCode code) {
  switch (code) {
    case ProblemCode::kUnauthenticated:
      return Verdict::kSignInNeeded;
    case ProblemCode::kForbidden:
      return Verdict::kForbidden;
    case ProblemCode::kEpochChanged:
      return Verdict::kEpochChanged;
    case ProblemCode::kDeviceCloned:
      return Verdict::kDeviceCloned;
    case ProblemCode::kCursorExpired:
    case ProblemCode::kCursorInvalid:
    case ProblemCode::kCursorMismatch:
      return Verdict::kCursorExpired;
    case ProblemCode::kMalformedJson:
    case ProblemCode::kInvalidParameter:
    case ProblemCode::kBodyTooLarge:
    case ProblemCode::kBatchTooLarge:
    case ProblemCode::kValidationFailed:
    case ProblemCode::kUnknownCommandType:
    case ProblemCode::kDependencyCycle:
    case ProblemCode::kOnlineOnly:
    case ProblemCode::kIdempotencyKeyInvalid:
      return Verdict::kBatchRefused;
    // The header of every request is the same: no command's fault, and splitting would refuse them all one by one.
    case ProblemCode::kUnsupportedMediaType:
    case ProblemCode::kRateLimited:
    case ProblemCode::kInternalError:
    case ProblemCode::kUnavailable:
    case ProblemCode::kPaymentUnavailable:
    case ProblemCode::kRequestInProgress:
      return Verdict::kServerTrouble;
    // Verdicts on one command; standing for a whole exchange they are no answer of this API: another server, a proxy.
    case ProblemCode::kNotFound:
    case ProblemCode::kMethodNotAllowed:
    case ProblemCode::kIdempotencyKeyReused:
    case ProblemCode::kIdempotencyKeyExpired:
    case ProblemCode::kIdempotencyDuplicate:
    case ProblemCode::kAlreadyExists:
    case ProblemCode::kVersionConflict:
    case ProblemCode::kInvalidStateTransition:
    case ProblemCode::kAlreadyApplied:
    case ProblemCode::kDependencyFailed:
      return Verdict::kUnreachable;
  }
  return Verdict::kUnreachable;
}

// What a code of ours means for the one command it answers. No default here either.
CommandVerdict CommandVerdictOf(ProblemCode code) {
  switch (code) {
    case ProblemCode::kIdempotencyDuplicate:  // done earlier, its answer is gone
      return CommandVerdict::kApplied;
    case ProblemCode::kAlreadyExists:
    case ProblemCode::kVersionConflict:
    case ProblemCode::kInvalidStateTransition:
      return CommandVerdict::kConflict;
    case ProblemCode::kDependencyFailed:
      return CommandVerdict::kHeldBack;
    // Troubles of the server, the line or the session, whatever the status beside them says.
    case ProblemCode::kUnauthenticated:
    case ProblemCode::kDeviceCloned:
    case ProblemCode::kEpochChanged:
    case ProblemCode::kCursorExpired:
    case ProblemCode::kCursorInvalid:
    case ProblemCode::kCursorMismatch:
    case ProblemCode::kRateLimited:
    case ProblemCode::kInternalError:
    case ProblemCode::kUnavailable:
    case ProblemCode::kPaymentUnavailable:
    case ProblemCode::kRequestInProgress:
      return CommandVerdict::kTryAgain;
    case ProblemCode::kMalformedJson:
    case ProblemCode::kInvalidParameter:
    case ProblemCode::kIdempotencyKeyInvalid:
    case ProblemCode::kForbidden:
    case ProblemCode::kNotFound:
    case ProblemCode::kMethodNotAllowed:
    case ProblemCode::kIdempotencyKeyReused:
    case ProblemCode::kIdempotencyKeyExpired:
    case ProblemCode::kAlreadyApplied:
    case ProblemCode::kBodyTooLarge:
    case ProblemCode::kBatchTooLarge:
    case ProblemCode::kUnsupportedMediaType:
    case ProblemCode::kValidationFailed:
    case ProblemCode::kUnknownCommandType:
    case ProblemCode::kDependencyCycle:
    case ProblemCode::kOnlineOnly:
      return CommandVerdict::kRefused;
  }
  return CommandVerdict::kRefused;
}

bool IsServersOwnTrouble(ProblemCode code) {
  return code == ProblemCode::kUnavailable || code == ProblemCode::kInternalError || code == ProblemCode::kRateLimited;
}

bool StartsWith(std::string_view text, std::string_view prefix) { return text.substr(0, prefix.size()) == prefix; }

bool IsJson(std::string_view content_type) {
  return StartsWith(content_type, "application/json") || StartsWith(content_type, "application/x-ndjson");
}

std::optional<Problem> ReadProblem(const HttpResponse& response) {
  if (!StartsWith(response.content_type, "application/problem+json")) return std::nullopt;
  const auto parsed = ParseJson(response.body);
  if (!parsed.ok() || !parsed.value().is_object()) return std::nullopt;
  if (!ProblemCodeFromName(StringOr(parsed.value().get_object(), "code"))) return std::nullopt;
  return ProblemFromDocument(parsed.value().get_object());
}

ExchangeVerdict ClassifyResponse(const HttpResponse& response) {
  ExchangeVerdict verdict;
  verdict.retry_after_ms = response.retry_after_ms;
  if (OUTPOST_MUTANT("not-found-is-refusal") && response.status == 404) {
    verdict.verdict = Verdict::kBatchRefused;
    verdict.problem = Problem{ProblemCode::kNotFound, "planted"};
    return verdict;
  }
  if (response.status == 200 && IsJson(response.content_type)) {
    verdict.verdict = Verdict::kVerified;
    return verdict;
  }
  verdict.problem = ReadProblem(response);
  if (verdict.problem) {
    verdict.verdict = VerdictOf(verdict.problem->code);
    verdict.reason = verdict.problem->detail;
    return verdict;
  }
  // Without a problem document of ours a status proves nothing but that somebody answered.
  const bool busy = response.status >= 500 || response.status == 429 || response.status == 408;
  verdict.verdict = busy ? Verdict::kServerTrouble : Verdict::kUnreachable;
  verdict.reason = "HTTP " + std::to_string(response.status) + " that is not from an Outpost server";
  return verdict;
}

}  // namespace

std::string_view Name(Verdict verdict) {
  switch (verdict) {
    case Verdict::kVerified:
      return "verified";
    case Verdict::kUnreachable:
      return "unreachable";
    case Verdict::kServerTrouble:
      return "server trouble";
    case Verdict::kSignInNeeded:
      return "sign-in needed";
    case Verdict::kBatchRefused:
      return "batch refused";
    case Verdict::kEpochChanged:
      return "epoch changed";
    case Verdict::kCursorExpired:
      return "cursor expired";
    case Verdict::kDeviceCloned:
      return "device cloned";
    case Verdict::kForbidden:
      return "forbidden";
  }
  return "unknown";
}

std::string_view Name(CommandVerdict verdict) {
  switch (verdict) {
    case CommandVerdict::kApplied:
      return "applied";
    case CommandVerdict::kConflict:
      return "conflict";
    case CommandVerdict::kRefused:
      return "refused";
    case CommandVerdict::kHeldBack:
      return "held back";
    case CommandVerdict::kTryAgain:
      return "try again";
  }
  return "unknown";
}

CommandVerdict Judge(const CommandResult& result) {
  switch (result.status) {
    case WireStatus::kSucceeded:
      return CommandVerdict::kApplied;
    case WireStatus::kConflict:
      return CommandVerdict::kConflict;
    case WireStatus::kBlocked:
      return CommandVerdict::kHeldBack;
    case WireStatus::kRetry:
      return CommandVerdict::kTryAgain;
    case WireStatus::kFailed:
      return result.problem ? CommandVerdictOf(result.problem->code) : CommandVerdict::kRefused;
  }
  return CommandVerdict::kTryAgain;
}

bool AsksForPatience(const PushResponse& response) {
  if (response.results.size() < 2) return false;
  for (const CommandResult& result : response.results) {
    if (Judge(result) != CommandVerdict::kTryAgain) return false;
    if (!result.problem || !IsServersOwnTrouble(result.problem->code)) return false;
  }
  return true;
}

ExchangeVerdict Classify(const HttpOutcome& outcome) {
  if (const auto* failure = std::get_if<NetworkFailure>(&outcome)) {
    ExchangeVerdict verdict;
    verdict.reason = failure->reason;
    return verdict;
  }
  return ClassifyResponse(std::get<HttpResponse>(outcome));
}

}  // namespace outpost::engine
