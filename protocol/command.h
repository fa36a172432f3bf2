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
};

// SHA-256 over the canonical {"family","payload"}, local ids as sent: the same operation has the same fingerprint
// whichever way and however often it comes.
Digest FingerprintOf(std::string_view family, const json::object& payload);

// Reads one entry. kInvalidArgument names the field; an entry that is no object or has no valid id makes the whole
// request malformed, so the caller adds the index. Unknown fields are ignored (protocol: envelope entries).
Result<Command> CommandFromJson(const json::value& entry);
void AppendCommandJson(std::string& out, const Command& command, std::string_view payload_text);

}  // namespace outpost
