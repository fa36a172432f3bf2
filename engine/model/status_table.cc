#include "engine/model/status_table.h"

#include <array>

#include "base/assert.h"

namespace outpost::engine {
namespace {

using Next = std::optional<CommandStatus>;
constexpr Next kNone = std::nullopt;
constexpr Next kPending = CommandStatus::kPending;
constexpr Next kSucceeded = CommandStatus::kSucceeded;
constexpr Next kFailed = CommandStatus::kFailed;
constexpr Next kConflict = CommandStatus::kConflict;
constexpr Next kBlocked = CommandStatus::kBlocked;
constexpr Next kDiscarding = CommandStatus::kDiscarding;
constexpr Next kDiscarded = CommandStatus::kDiscarded;

using Row = std::array<Next, kCommandStatusCount>;

// A row per change, a column per status, both in the order of their enumerations.
constexpr std::array<Row, kStatusChangeCount> kTable = {
    // PENDING, SUCCEEDED, FAILED, CONFLICT, BLOCKED, DISCARDING, DISCARDED
    Row{kSucceeded, kNone, kSucceeded, kSucceeded, kSucceeded, kSucceeded, kSucceeded},  // applied
    Row{kConflict, kNone, kNone, kNone, kNone, kNone, kNone},                            // conflict
    Row{kFailed, kNone, kNone, kNone, kNone, kNone, kNone},                              // failed
    Row{kPending, kNone, kNone, kNone, kNone, kNone, kNone},                             // put off
    Row{kBlocked, kNone, kNone, kNone, kBlocked, kNone, kNone},                          // predecessor refused
    Row{kNone, kNone, kNone, kNone, kPending, kNone, kNone},                             // predecessor retried
    Row{kPending, kNone, kPending, kPending, kNone, kNone, kNone},                       // retried
    Row{kDiscarded, kNone, kNone, kNone, kDiscarded, kNone, kNone},                      // dropped unsent
    Row{kDiscarding, kNone, kDiscarding, kDiscarding, kDiscarding, kNone, kNone},        // discard asked
    Row{kNone, kNone, kNone, kNone, kNone, kDiscarded, kDiscarded},                      // burnt
    Row{kNone, kNone, kNone, kNone, kNone, kFailed, kDiscarded},                         // discard refused
    Row{kDiscarded, kNone, kNone, kNone, kNone, kNone, kNone},                           // pointless
    Row{kNone, kPending, kNone, kNone, kNone, kNone, kNone},                             // offered again
};

constexpr std::array<std::string_view, kCommandStatusCount> kStatusNames = {
    "PENDING", "SUCCEEDED", "FAILED", "CONFLICT", "BLOCKED", "DISCARDING", "DISCARDED"};
constexpr std::array<std::string_view, kStatusChangeCount> kChangeNames = {
    "applied", "conflict",      "failed", "put off",         "predecessor refused", "predecessor retried", "retried",
    "dropped", "discard asked", "burnt",  "discard refused", "pointless",           "offered again"};

}  // namespace

std::string_view Name(CommandStatus status) { return kStatusNames[static_cast<std::size_t>(status)]; }
std::string_view Name(StatusChange change) { return kChangeNames[static_cast<std::size_t>(change)]; }

std::optional<CommandStatus> TryAdvance(CommandStatus from, StatusChange change) {
  return kTable[static_cast<std::size_t>(change)][static_cast<std::size_t>(from)];
}

CommandStatus Advance(CommandStatus from, StatusChange change) {
  const auto next = TryAdvance(from, change);
  OUTPOST_ASSERT(next.has_value());
  return *next;
}

bool IsQuarantined(CommandStatus status) {
  return status == CommandStatus::kFailed || status == CommandStatus::kConflict || status == CommandStatus::kBlocked;
}

bool IsDiscarded(CommandStatus status) {
  return status == CommandStatus::kDiscarding || status == CommandStatus::kDiscarded;
}

}  // namespace outpost::engine
