// A command as the device keeps it: the immutable command, its frozen context, and where it stands.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/tagged.h"
#include "base/time.h"
#include "protocol/command.h"
#include "rules/rule.h"

namespace outpost::engine {

// Order of execution on this device; never reused.
using Position = Tagged<struct PositionTag, std::int64_t>;

//            | answer SUCCEEDED | CONFLICT  | FAILED  | BLOCKED / RETRY | predecessor refused | predecessor retried
// PENDING    | SUCCEEDED        | CONFLICT  | FAILED  | PENDING         | BLOCKED             | –
// BLOCKED    | –                | –         | –       | –               | BLOCKED             | PENDING
// CONFLICT,
// FAILED     | – (until a person retries, edits, forces or discards: then PENDING or DISCARDING)
// "In flight" is memory, reported and not stored: after a crash the command is sent again.
enum class CommandStatus {
  kPending = 0,
  kSucceeded = 1,
  kFailed = 2,
  kConflict = 3,
  kBlocked = 4,
  kDiscarding = 5,
  kDiscarded = 6
};
std::string_view Name(CommandStatus status);

struct CommandRecord {
  Position position;
  CommandId id;
  Incarnation incarnation;
  CommandNumber n;
  UserId author;
  std::string type;
  std::string payload;  // JSON text, immutable
  IdempotencyKey key;
  Revision revision;
  ExpectedVersion expected_version;
  std::vector<CommandId> depends_on;
  Digest fingerprint{};
  CommandStatus status = CommandStatus::kPending;
  bool covered = false;       // base contains its effect: it left the rebase set
  bool doubtful = false;      // its rule would refuse on the present base; only the server refuses
  std::int64_t attempts = 0;  // verified RETRY answers only
  Timestamp next_attempt_at;
  Timestamp created_at;
  Timestamp updated_at;
  std::string traceparent;
  std::optional<DocumentKey> resource;
  std::optional<Sequence> seq;  // once applied
  Version result_version;       // of the resource, once applied
  std::string problem;          // last error: problem document, JSON text
};

// The commands it names as having to succeed first: dependsOn, and the one whose version it builds on.
std::vector<CommandId> NamedPredecessors(const CommandRecord& command);

}  // namespace outpost::engine
