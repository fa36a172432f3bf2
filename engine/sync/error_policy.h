// What one exchange meant, decided once. An exhaustive switch over everything that can come back: by code where the
// answer is ours, by kind of failure where it is not. A bare status is never enough (B2, O7).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/sync/exchange.h"
#include "protocol/push.h"

namespace outpost::engine {

enum class Verdict {
  kVerified,       // ours: the body holds what was asked for
  kUnreachable,    // no response, or one that did not come from an Outpost server (portal, proxy): the connection's
                   // failure
  kServerTrouble,  // 5xx, 429, 408: reached, but not now
  kSignInNeeded,   // 401: pauses until a new token
  kBatchRefused,   // the request whole was refused (400, 413, 422): split down to one command
  kEpochChanged,   // the server is another life of itself
  kCursorExpired,  // 410, or a cursor this server does not know: resync
  kDeviceCloned,   // 409: our numbers are used by somebody else: take a new incarnation
  kForbidden,      // 403: rights; nothing to do until they or the token change
};
std::string_view Name(Verdict verdict);

struct ExchangeVerdict {
  Verdict verdict = Verdict::kUnreachable;
  std::optional<std::int64_t> retry_after_ms;
  std::string reason;              // for a person
  std::optional<Problem> problem;  // when the server sent one
};

// For POST /sync/commands and GET /sync/changes alike. kVerified here means "status 200 and JSON by content type": the
// caller still has to read the body and downgrades to kUnreachable when it is not what was asked for.
ExchangeVerdict Classify(const HttpOutcome& outcome);

// What a verified result means for its command.
enum class CommandVerdict {
  kApplied,   // now or earlier
  kConflict,  // a person decides between theirs and mine
  kRefused,   // final: a person decides
  kHeldBack,  // a predecessor did not succeed
  kTryAgain,  // not now: charged to the command, never final
};
std::string_view Name(CommandVerdict verdict);

// By status, and where that says "refused", by code: a server that calls a passing trouble FAILED refuses nothing.
CommandVerdict Judge(const CommandResult& result);

// The whole server is in trouble, not these commands: every one of several is put off for a reason that is not its own.
bool AsksForPatience(const PushResponse& response);

}  // namespace outpost::engine
