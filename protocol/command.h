// A command as it travels: what a person did, immutable but for revision and expectedVersion.
// Wire shape: an entry of "commands" in POST /sync/commands.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/sha256.h"
#include "protocol/ids.h"
#include "protocol/json.h"
#include "protocol/problem.h"

namespace outpost {

// "the version that command produced": chains two offline edits of one document.
struct AfterCommand {
  CommandId id;
};
using ExpectedVersion = std::variant<std::monostate, Version, AfterCommand>;

// "ORDER_CREATE_V1" = family ORDER_CREATE, version 1.
struct TypeName {
  std::string family;
  int version = 1;
};
// kInvalidArgument unless the text ends in _V<number>.
Result<TypeName> ParseTypeName(std::string_view text);
std::string ToString(const TypeName& type);

struct Command {
  CommandId id;
  std::optional<CommandNumber> n;
  std::optional<UserId> author;  // absent: the bearer
  std::string type;              // as sent, e.g. "ORDER_CREATE_V1"
  json::object payload;
  IdempotencyKey key;
  Revision revision;
  ExpectedVersion expected_version;
  std::vector<CommandId> depends_on;
  std::optional<CommandId> replaces;
  std::string created_at;   // the device's clock, recorded, not trusted
  std::string traceparent;  // W3C trace context, empty if none
  // Fields of the entry that were malformed and are left at their defaults. Not empty: FAILED 422 VALIDATION_FAILED.
  std::vector<FieldError> envelope_errors;
};

// SHA-256 over the canonical {"family","payload"}, local ids as sent: the same operation has the same fingerprint
// whichever way and however often it comes.
Digest FingerprintOf(std::string_view family, const json::object& payload);

// Reads one entry. kInvalidArgument when it is no object or has no valid id: that makes the whole request malformed,
// and the caller adds the index. Any other malformed field is noted in envelope_errors. Unknown fields are ignored.
Result<Command> CommandFromJson(const json::value& entry);
// The same, moving the payload out: it goes on living in the entry's storage, which must outlive the command.
Result<Command> CommandFromJson(json::value&& entry);
// An entry as a device sends it; `payload_text` stands for command.payload. Absent and default fields are left out.
void AppendCommandJson(std::string& out, const Command& command, std::string_view payload_text);

}  // namespace outpost
