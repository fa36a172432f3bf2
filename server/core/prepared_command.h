// One command of a batch from its arrival to its answer: what is worked out before anything is loaded, then its place
// in the causal order, then what became of it.
#pragma once

#include "protocol/push.h"
#include "rules/rule.h"
#include "server/core/predecessors.h"
#include "server/core/rights.h"
#include "server/core/store.h"

namespace outpost::server {

inline constexpr std::string_view kDiscardFamily = "COMMAND_DISCARD";
inline constexpr std::int64_t kRetryAfterMs = 1000;

// Whose rights a command is executed with.
struct AuthorRights {
  std::vector<std::string> roles;  // never empty: the rules take that as "not checked"
  ReadRights read;
};

struct PreparedCommand {
  // Without a known fingerprint it is worked out.
  explicit PreparedCommand(const Command& sent, const Digest* known_fingerprint = nullptr);

  const json::object& payload() const { return rewritten ? *rewritten : command->payload; }
  bool discards() const { return key.family == kDiscardFamily && version == 1; }
  // Refused for good, or held back by one that is.
  bool refused() const { return result.status != WireStatus::kSucceeded && result.status != WireStatus::kRetry; }
  bool succeeded() const { return result.status == WireStatus::kSucceeded; }

  const Command* command;
  KeyRef key;  // its author is filled in by the batch
  int version = 0;
  const rules::CommandType* type = nullptr;  // null: unknown, or a discard
  Digest fingerprint{};
  const AuthorRights* rights = nullptr;  // null: the bearer may not speak for this author

  // Local ids.
  std::optional<json::object> rewritten;  // the payload with server ids in their place
  std::vector<std::pair<std::string, std::string>> made;
  bool knows_all_ids = true;

  BatchNode node;
  // What it wrote, for {"after"}.
  std::optional<DocumentKey> resource;
  Version resource_version;
  CommandResult result;
};

// The documents a command's type declares for its payload, with what it does to them.
std::vector<std::pair<DocumentKey, rules::Access>> DeclaredDocuments(const PreparedCommand& prepared);

void Fail(PreparedCommand& prepared, Problem problem);
void Block(PreparedCommand& prepared, std::vector<CommandId> blocked_by, std::string detail);
void Retry(PreparedCommand& prepared, Problem problem);
// 401, 403, 429 and 5xx, and what says nothing of the command itself, are never remembered.
bool IsRemembered(ProblemCode code);

}  // namespace outpost::server
