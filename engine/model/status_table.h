// Where a command may go from where it stands (law 5). One table, and the only way a status changes: the outbox asks it
// before every write, and a change that is not in it is a bug and asserts. "In flight" is memory, reported and not
// stored: after a crash the command is sent again.
//
// A dash is a change that cannot happen.
//
//                      PENDING     SUCCEEDED  FAILED      CONFLICT    BLOCKED     DISCARDING  DISCARDED
// applied              SUCCEEDED   –          SUCCEEDED   SUCCEEDED   SUCCEEDED   SUCCEEDED   SUCCEEDED
// conflict             CONFLICT    –          –           –           –           –           –
// failed               FAILED      –          –           –           –           –           –
// put off              PENDING     –          –           –           –           –           –
// predecessor refused  BLOCKED     –          –           –           BLOCKED     –           –
// predecessor retried  –           –          –           –           PENDING     –           –
// retried              PENDING     –          PENDING     PENDING     –           –           –
// dropped unsent       DISCARDED   –          –           –           DISCARDED   –           –
// discard asked        DISCARDING  –          DISCARDING  DISCARDING  DISCARDING  –           –
// burnt                –           –          –           –           –           DISCARDED   DISCARDED
// discard refused      –           –          –           –           –           FAILED      DISCARDED
// pointless            DISCARDED   –          –           –           –           –           –
// offered again        –           PENDING    –           –           –           –           –
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace outpost::engine {

enum class CommandStatus {
  kPending = 0,
  kSucceeded = 1,
  kFailed = 2,
  kConflict = 3,
  kBlocked = 4,
  kDiscarding = 5,
  kDiscarded = 6
};
inline constexpr int kCommandStatusCount = 7;
std::string_view Name(CommandStatus status);

enum class StatusChange {
  kApplied,             // a verified answer or a page says so, whatever was thought of it before
  kConflict,            // verified refusals
  kFailed,              //
  kPutOff,              // verified RETRY or BLOCKED: tried again later
  kPredecessorRefused,  // falls with it along a failure edge
  kPredecessorRetried,  // what it fell with is tried again or replaced, or was applied after all
  kRetried,             // a person: retry, retry with latest, force
  kDroppedUnsent,       // a person: discarded before it ever left the device
  kDiscardAsked,        // a person: discarded, but it may be on its way
  kBurnt,               // the server will never apply it
  kDiscardRefused,      // the server refuses to burn it
  kPointless,           // a discard that came too late or was refused: it asks for nothing any more
  kOfferedAgain,        // the server lost it with its store
};
inline constexpr int kStatusChangeCount = 13;
std::string_view Name(StatusChange change);

// How often each cell of the table was taken: by change, then by the status it was taken from.
using StatusMoves = std::array<std::array<std::int64_t, kCommandStatusCount>, kStatusChangeCount>;

// Nullopt: no such change.
std::optional<CommandStatus> TryAdvance(CommandStatus from, StatusChange change);
// Asserts that the change is in the table.
CommandStatus Advance(CommandStatus from, StatusChange change);

// Refused, or blocked behind what was refused: waits for a person (B1).
bool IsQuarantined(CommandStatus status);
// Given up by a person, whether the server has said so yet or not.
bool IsDiscarded(CommandStatus status);

}  // namespace outpost::engine
