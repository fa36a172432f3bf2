// Batch: COMMAND_DISCARD_V1 {"id"}, which burns the key of a command that was not applied, so that it never will be.
#include <algorithm>

#include "base/mutant.h"
#include "server/core/batch.h"

namespace outpost::server {
namespace {

std::vector<FieldError> CheckPayload(const json::object& payload) {
  std::vector<FieldError> errors;
  for (const auto& member : payload) {
    if (member.key() != "id") errors.push_back({std::string(member.key()), "is not known"});
  }
  if (!IsValidId(StringOr(payload, "id"))) errors.push_back({"id", "must be a command id"});
  return errors;
}

bool MayDiscardOthers(const AuthorRights& rights) {
  return std::any_of(rights.roles.begin(), rights.roles.end(),
                     [](const std::string& role) { return role == "staff" || role == "admin" || role == "terminal"; });
}

}  // namespace

Status Batch::Discard(PreparedCommand& prepared, WorkingSet& working) {
  const json::object& payload = prepared.payload();
  if (auto errors = CheckPayload(payload); !errors.empty()) {
    Refuse(prepared, {ProblemCode::kValidationFailed, "a discard names one command", std::move(errors)}, working);
    return {};
  }
  const CommandId id{std::string(StringOr(payload, "id"))};
  OUTPOST_TRY(const CommandRecord* const known, working.FindCommand(id));
  if (known != nullptr && known->author != prepared.key.author && !MayDiscardOthers(*prepared.rights)) {
    Fail(prepared, {ProblemCode::kForbidden, "the command is somebody else's"});
    return {};
  }
  if (known != nullptr && known->state == KeyState::kSucceeded) {
    OUTPOST_TRY(const KeyRecord* const stored, working.FindKey({known->author, known->family, known->key}));
    Refuse(prepared, AlreadyApplied(prepared, id, *known, stored), working);
    return {};
  }
  if (!OUTPOST_MUTANT("discard-burns-nothing")) OUTPOST_CHECK(Burn(id, prepared.key.author, working));
  KeyRecord record;
  record.body = ToJson(json::object{{"id", id.value}});
  prepared.result.status = WireStatus::kSucceeded;
  prepared.result.http_status = 200;
  prepared.result.body = record.body;
  Remember(prepared, std::move(record), working);
  return {};
}

Status Batch::Burn(const CommandId& id, const UserId& by, WorkingSet& working) {
  OUTPOST_TRY(const CommandRecord* const known, working.FindCommand(id));
  if (known == nullptr) {
    // It may still be on its way: its id is burnt before it comes.
    KeyRecord record;
    record.state = KeyState::kBurnt;
    record.command = id;
    working.RecordCommandOnly(
        {{by, std::string(kDiscardFamily), IdempotencyKey()}, std::move(record), std::nullopt, std::nullopt});
    return {};
  }
  if (known->state == KeyState::kBurnt) return {};
  KeyRef key{known->author, known->family, known->key};
  OUTPOST_TRY(const KeyRecord* const stored, working.FindKey(key));
  KeyRecord record;
  if (stored != nullptr) record = *stored;
  record.state = KeyState::kBurnt;
  record.command = id;
  record.body.clear();
  working.Record({std::move(key), std::move(record), std::nullopt, std::nullopt});
  return {};
}

}  // namespace outpost::server
