// Batch: one command through the checks that come before its rule.
#include <algorithm>

#include "base/mutant.h"
#include "server/core/batch.h"

namespace outpost::server {
namespace {

bool MayForce(const AuthorRights& rights) {
  return std::any_of(rights.roles.begin(), rights.roles.end(),
                     [](const std::string& role) { return role == "staff" || role == "admin"; });
}

// Whether a stored refusal was about the version only.
bool WasVersionConflict(const KeyRecord& stored) {
  const auto document = ParseJson(stored.body);
  return document.ok() && document.value().is_object() &&
         StringOr(document.value().get_object(), "code") == Name(ProblemCode::kVersionConflict);
}

}  // namespace

Status Batch::Execute(PreparedCommand& prepared, WorkingSet& working) {
  const Command& command = *prepared.command;
  if (prepared.rights == nullptr) {
    Fail(prepared, {ProblemCode::kForbidden, "this device may not speak for " + prepared.key.author.value});
    return {};
  }
  if (!command.envelope_errors.empty()) {
    Fail(prepared,
         {ProblemCode::kValidationFailed, "the command is not as the protocol wants it", command.envelope_errors});
    return {};
  }
  OUTPOST_TRY(const bool answered, AnsweredByKey(prepared, working));
  if (answered) return {};
  OUTPOST_TRY(const bool held_back, HeldBack(prepared, working));
  if (held_back) return {};
  if (prepared.discards()) return Discard(prepared, working);
  if (prepared.type == nullptr) {
    Refuse(prepared, {ProblemCode::kUnknownCommandType, "this server knows no command type " + command.type}, working);
    return {};
  }
  OUTPOST_TRY(const bool refused, RefusedAsReplacement(prepared, working));
  if (refused) return {};
  OUTPOST_TRY(const KeyRecord* const stored, working.FindKey(prepared.key));
  if (RefusedAsForce(prepared, stored)) return {};
  OUTPOST_TRY(const std::optional<Version> expected, ExpectedVersionOf(prepared, working));
  if (prepared.result.problem) return {};
  return RunRule(prepared, expected, working);
}

Result<bool> Batch::AnsweredByKey(PreparedCommand& prepared, WorkingSet& working) {
  OUTPOST_TRY(const KeyRecord* const record, working.FindKey(prepared.key));
  if (record == nullptr) return AnsweredAsUnknownKey(prepared, working);
  if (record->state == KeyState::kBurnt) {
    Fail(prepared, {ProblemCode::kIdempotencyKeyExpired, "this operation was discarded"});
    return true;
  }
  if (record->fingerprint != prepared.fingerprint && !OUTPOST_MUTANT("fingerprint-ignored")) {
    Fail(prepared, {ProblemCode::kIdempotencyKeyReused, "the key belongs to another request"});
    return true;
  }
  if (record->state == KeyState::kSucceeded) {
    OUTPOST_CHECK(Replay(prepared, *record, working));
    return true;
  }
  // A refusal had no effect: one whose problem is no longer kept is simply evaluated again.
  const bool evaluated_anew = prepared.command->revision > record->revision && !OUTPOST_MUTANT("refusal-for-ever");
  if (evaluated_anew || record->outcome_purged) return false;
  const auto document = ParseJson(record->body);
  if (!document.ok() || !document.value().is_object())
    return Error{ErrorCode::kCorrupt, "a stored refusal is no problem document"};
  Fail(prepared, ProblemFromDocument(document.value().get_object()));
  prepared.result.http_status = record->http_status;
  prepared.result.replayed = true;
  return true;
}

Result<bool> Batch::AnsweredAsUnknownKey(PreparedCommand& prepared, WorkingSet& working) {
  const Command& command = *prepared.command;
  if (incarnation_ && command.n && *command.n <= keys_purged_below_ && !OUTPOST_MUTANT("old-numbers-are-new")) {
    Fail(prepared,
         {ProblemCode::kIdempotencyKeyExpired, "keys of that age are no longer kept: it may have been applied"});
    return true;
  }
  OUTPOST_TRY(const CommandRecord* const known, working.FindCommand(command.id));
  if (known == nullptr) return false;
  if (known->state == KeyState::kBurnt) {
    Fail(prepared, {ProblemCode::kIdempotencyKeyExpired, "this operation was discarded"});
    return true;
  }
  const bool same_key = known->key == prepared.key.key && known->family == prepared.key.family;
  if (known->author != prepared.key.author || same_key) return false;
  Fail(prepared, {ProblemCode::kIdempotencyKeyReused, "the command's id belongs to another request"});
  return true;
}

Result<bool> Batch::HeldBack(PreparedCommand& prepared, WorkingSet& working) {
  const Command& command = *prepared.command;
  if (prepared.node.on_cycle) {
    Refuse(prepared, {ProblemCode::kDependencyCycle, "the command depends on itself"}, working);
    return true;
  }
  std::vector<CommandId> blocked_by;
  const auto add = [&blocked_by](const CommandId& id) {
    if (std::find(blocked_by.begin(), blocked_by.end(), id) == blocked_by.end()) blocked_by.push_back(id);
  };
  const rules::Nature nature = prepared.type == nullptr ? rules::Nature::kRequest : prepared.type->nature;
  for (const Edge& edge : prepared.node.predecessors) {
    const PreparedCommand& before = commands_[edge.from];
    if (!before.succeeded() && HoldsBack(edge, before.refused(), nature)) add(before.command->id);
  }
  std::vector<CommandId> outside = command.depends_on;
  if (const auto* after = std::get_if<AfterCommand>(&command.expected_version)) outside.push_back(after->id);
  for (const CommandId& id : outside) {
    if (by_id_.count(id) > 0) continue;
    OUTPOST_TRY(const CommandRecord* const known, working.FindCommand(id));
    if (OUTPOST_MUTANT("unknown-cause-passes") && known == nullptr) continue;
    if (known == nullptr || known->state != KeyState::kSucceeded) add(id);
  }
  if (blocked_by.empty() && prepared.knows_all_ids) return false;
  Block(prepared, std::move(blocked_by),
        prepared.knows_all_ids ? "a predecessor did not succeed" : "a local id is not known yet");
  return true;
}

// An edited command takes the place of one that was refused or burnt, and burns it, so that never both take effect.
Result<bool> Batch::RefusedAsReplacement(PreparedCommand& prepared, WorkingSet& working) {
  if (!prepared.command->replaces) return false;
  const CommandId& replaced = *prepared.command->replaces;
  OUTPOST_TRY(const CommandRecord* const known, working.FindCommand(replaced));
  if (known == nullptr) return false;
  if (known->author != prepared.key.author && !MayForce(*prepared.rights)) {
    Fail(prepared, {ProblemCode::kForbidden, "the replaced command is somebody else's"});
    return true;
  }
  if (known->state != KeyState::kSucceeded) return false;
  OUTPOST_TRY(const KeyRecord* const stored, working.FindKey({known->author, known->family, known->key}));
  Refuse(prepared, AlreadyApplied(prepared, replaced, *known, stored), working);
  return true;
}

// A higher revision without expectedVersion after a VERSION_CONFLICT overrides what others did.
bool Batch::RefusedAsForce(PreparedCommand& prepared, const KeyRecord* stored) {
  const bool checks = !std::holds_alternative<std::monostate>(prepared.command->expected_version);
  if (stored == nullptr || checks || MayForce(*prepared.rights) || !WasVersionConflict(*stored)) return false;
  Fail(prepared, {ProblemCode::kForbidden, "overriding another version is for staff and admin"});
  return true;
}

Result<std::optional<Version>> Batch::ExpectedVersionOf(PreparedCommand& prepared, WorkingSet& working) {
  const ExpectedVersion& expected = prepared.command->expected_version;
  if (const auto* version = std::get_if<Version>(&expected)) return std::optional(*version);
  const auto* after = std::get_if<AfterCommand>(&expected);
  if (after == nullptr) return std::optional<Version>();
  std::optional<DocumentKey> resource;
  Version version;
  if (const auto here = by_id_.find(after->id); here != by_id_.end()) {
    resource = commands_[here->second].resource;
    version = commands_[here->second].resource_version;
  } else {
    OUTPOST_TRY(const CommandRecord* const known, working.FindCommand(after->id));
    OUTPOST_ASSERT(known != nullptr);  // HeldBack has seen to it
    resource = known->resource;
    version = known->resource_version;
  }
  const auto& accesses = prepared.node.accesses;
  if (resource && !accesses.empty() && accesses.front().first == *resource) return std::optional(version);
  Refuse(prepared,
         {ProblemCode::kValidationFailed,
          "expectedVersion names a command that wrote another document",
          {{"expectedVersion.after", "must name a command that wrote the same document"}}},
         working);
  return std::optional<Version>();
}

}  // namespace outpost::server
