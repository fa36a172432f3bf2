// A command as the device keeps it: the immutable command, its frozen context, and where it stands.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/tagged.h"
#include "base/time.h"
#include "engine/model/status_table.h"
#include "protocol/command.h"
#include "rules/rule.h"

namespace outpost::engine {

// Order of execution on this device; never reused.
using Position = Tagged<struct PositionTag, std::int64_t>;

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
  std::optional<CommandId> replaces;  // an edit: the command it takes the place of
  Digest fingerprint{};
  CommandStatus status = CommandStatus::kPending;
  bool sent = false;          // it left this device at least once; see also Outbox's sent mark
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

// Family of the command that burns another's key; the server's own, no business rule.
inline constexpr std::string_view kDiscardFamily = "COMMAND_DISCARD";
inline constexpr std::string_view kDiscardType = "COMMAND_DISCARD_V1";

// The commands it names as having to succeed first: dependsOn, and the one whose version it builds on.
std::vector<CommandId> NamedPredecessors(const CommandRecord& command);

// A list of ids as one column.
std::string EncodeIds(const std::vector<CommandId>& ids);
std::vector<CommandId> DecodeIds(std::string_view text);

}  // namespace outpost::engine
