#include "server/core/prepared_command.h"

#include "base/mutant.h"
#include "server/core/command_service.h"

namespace outpost::server {
namespace {

// What is no type's name is a family of its own, without versions.
TypeName NameOf(const Command& command) {
  auto name = ParseTypeName(command.type);
  return name.ok() ? std::move(name).value() : TypeName{command.type, 0};
}

}  // namespace

PreparedCommand::PreparedCommand(const Command& sent, const Digest* known_fingerprint) : command(&sent) {
  TypeName name = NameOf(sent);
  key.family = std::move(name.family);
  version = name.version;
  type = rules::FindType(key.family, version);
  if (OUTPOST_MUTANT("old-version-unknown") && type != nullptr && type->upcast != nullptr) type = nullptr;
  key.key = sent.key;
  fingerprint = known_fingerprint != nullptr ? *known_fingerprint : FingerprintOf(key.family, sent.payload);
  result.id = sent.id;
  result.fingerprint = ToHex(fingerprint);
}

void WorkOutFingerprints(Submission& submission) {
  submission.fingerprints.clear();
  submission.fingerprints.reserve(submission.request.commands.size());
  for (const Command& command : submission.request.commands) {
    submission.fingerprints.push_back(FingerprintOf(NameOf(command).family, command.payload));
  }
}

std::vector<std::pair<DocumentKey, rules::Access>> DeclaredDocuments(const PreparedCommand& prepared) {
  std::vector<std::pair<DocumentKey, rules::Access>> documents;
  if (prepared.type == nullptr) return documents;
  bool is_target = true;
  for (const rules::DeclaredAccess& access : prepared.type->accesses) {
    if (is_target) {
      auto target = rules::TargetOf(*prepared.type, prepared.command->id, prepared.payload());
      if (target) documents.emplace_back(*std::move(target), access.access);
    } else if (auto key = rules::DeclaredKey(access, prepared.payload())) {
      documents.emplace_back(*std::move(key), access.access);
    }
    is_target = false;
  }
  return documents;
}

void Fail(PreparedCommand& prepared, Problem problem) {
  CommandResult& result = prepared.result;
  result.status = IsConflict(problem.code) ? WireStatus::kConflict : WireStatus::kFailed;
  result.http_status = HttpStatus(problem.code);
  result.problem = std::move(problem);
}

void Block(PreparedCommand& prepared, std::vector<CommandId> blocked_by, std::string detail) {
  Problem problem{ProblemCode::kDependencyFailed, std::move(detail)};
  json::array ids;
  for (const CommandId& id : blocked_by) ids.emplace_back(id.value);
  problem.extra["blockedBy"] = std::move(ids);
  prepared.result.status = WireStatus::kBlocked;
  prepared.result.http_status = HttpStatus(problem.code);
  prepared.result.problem = std::move(problem);
}

void Retry(PreparedCommand& prepared, Problem problem) {
  prepared.result.status = WireStatus::kRetry;
  prepared.result.http_status = HttpStatus(problem.code);
  prepared.result.problem = std::move(problem);
  prepared.result.retry_after_ms = kRetryAfterMs;
}

bool IsRemembered(ProblemCode code) {
  switch (code) {
    case ProblemCode::kUnauthenticated:
    case ProblemCode::kForbidden:
    case ProblemCode::kRateLimited:
    case ProblemCode::kIdempotencyKeyReused:
    case ProblemCode::kIdempotencyKeyExpired:
    case ProblemCode::kDependencyFailed:
    case ProblemCode::kRequestInProgress:
    case ProblemCode::kOnlineOnly:  // says how it came, not what it asks
      return false;
    default:
      return HttpStatus(code) < 500;
  }
}

}  // namespace outpost::server
