// Batch: the rule's run, and what is remembered and answered after it.
#include <algorithm>

#include "base/mutant.h"
#include "server/core/batch.h"

namespace outpost::server {
namespace {

bool IsFed(const DocumentKey& key) { return !key.collection.value.starts_with('_'); }

// Nobody is shown an internal document, and one is written with every order: it is kept small.
void StripMetadata(json::object& body) {
  for (const std::string_view name : {"id", "version", "createdAt", "updatedAt", "createdBy"}) body.erase(name);
}

Version VersionOf(const rules::Executed& executed) {
  for (const rules::NewDocument& document : executed.documents) {
    if (document.key == executed.resource) return document.version;
  }
  return Version(IntegerOr(executed.resource_body(), "version", 0));
}

json::value ParsedOrNull(const std::string& text) {
  auto parsed = ParseJson(text);
  return parsed.ok() ? std::move(parsed).value() : json::value();
}

}  // namespace

Status Batch::RunRule(PreparedCommand& prepared, const std::optional<Version>& expected, WorkingSet& working) {
  rules::ExecutionRequest request;
  request.type = prepared.type;
  request.context = {prepared.command->id,
                     prepared.key.author,
                     context_.now,
                     context_.settings.currency,
                     context_.settings.require_catalog,
                     &context_.settings.collections->declared()};
  // A higher revision that names no version any more: whoever sent it has seen what others did.
  request.context.forced = prepared.command->revision.value > 0 &&
                           std::holds_alternative<std::monostate>(prepared.command->expected_version);
  request.payload = &prepared.payload();
  if (!OUTPOST_MUTANT("version-not-checked")) request.expected_version = expected;
  request.roles = prepared.rights->roles;
  OUTPOST_TRY(rules::Execution execution, rules::Execute(request, working));
  if (auto* refused = std::get_if<rules::Refused>(&execution.outcome)) {
    Refuse(prepared, std::move(refused->problem), working);
    return {};
  }
  Succeed(prepared, std::get<rules::Executed>(std::move(execution.outcome)), working);
  if (prepared.command->replaces && !OUTPOST_MUTANT("replaced-not-burnt"))
    return Burn(*prepared.command->replaces, prepared.key.author, working);
  return {};
}

void Batch::Succeed(PreparedCommand& prepared, rules::Executed&& executed, WorkingSet& working) {
  CommandResult& result = prepared.result;
  const ReadRights& read = prepared.rights->read;
  prepared.resource = executed.resource;
  prepared.resource_version = VersionOf(executed);
  result.redacted = !read.MayRead(executed.resource.collection, executed.resource_body());
  const bool fed = std::any_of(executed.documents.begin(), executed.documents.end(),
                               [](const rules::NewDocument& document) { return IsFed(document.key); });
  const Sequence seq = fed ? working.NextSequence(prepared.command->id) : Sequence(0);
  std::string body;
  for (rules::NewDocument& document : executed.documents) {
    const Sequence at = IsFed(document.key) ? seq : Sequence(0);
    if (!IsFed(document.key)) StripMetadata(document.body);
    std::string text = document.deleted ? std::string() : ToJson(document.body);
    if (document.key == executed.resource && !document.deleted) body = text;
    if (read.MayRead(document.key.collection, document.body)) {
      result.changes.push_back({at, document.key, document.version, text, document.deleted ? "deleted" : ""});
    }
    working.Put(std::move(document), at, std::move(text));
  }
  if (body.empty()) body = ToJson(executed.unwritten);
  result.status = WireStatus::kSucceeded;
  result.http_status = executed.http_status;
  if (fed) result.seq = seq;
  result.ids = prepared.made;
  if (!result.redacted) result.body = body;
  if (device_) {
    for (const auto& [local, id] : prepared.made) working.AddLocalId(*device_, local, DocumentId(id));
  }
  KeyRecord record;
  record.seq = seq;
  record.http_status = executed.http_status;
  record.resource = std::move(executed.resource);
  record.resource_version = prepared.resource_version;
  record.body = std::move(body);
  record.ids = prepared.made;
  Remember(prepared, std::move(record), working);
}

void Batch::Refuse(PreparedCommand& prepared, Problem problem, WorkingSet& working) {
  const bool transient = HttpStatus(problem.code) >= 500 || problem.code == ProblemCode::kRateLimited;
  if (transient) return Retry(prepared, std::move(problem));
  const bool remembered = IsRemembered(problem.code) && !OUTPOST_MUTANT("refusal-not-stored");
  if (OUTPOST_MUTANT("refusal-takes-a-sequence")) working.NextSequence(prepared.command->id);
  Fail(prepared, std::move(problem));
  if (!remembered) return;
  KeyRecord record;
  record.state = KeyState::kRefused;
  record.http_status = prepared.result.http_status;
  record.body = ToJson(ToProblemDocument(*prepared.result.problem));
  Remember(prepared, std::move(record), working);
}

void Batch::Remember(PreparedCommand& prepared, KeyRecord&& record, WorkingSet& working) {
  if (OUTPOST_MUTANT("success-not-stored") && record.state == KeyState::kSucceeded) return;
  record.fingerprint = prepared.fingerprint;
  record.revision = prepared.command->revision;
  record.command = prepared.command->id;
  record.device_known = incarnation_.has_value();
  last_remembered_ = record.command;
  working.Record(OutcomeOf(prepared, std::move(record)));
}

Outcome Batch::OutcomeOf(const PreparedCommand& prepared, KeyRecord&& record) const {
  return {prepared.key, std::move(record), incarnation_, prepared.command->n};
}

Status Batch::Replay(PreparedCommand& prepared, const KeyRecord& record, WorkingSet& working) {
  CommandResult& result = prepared.result;
  result.status = WireStatus::kSucceeded;
  result.http_status = record.http_status;
  result.replayed = true;
  if (record.seq.value > 0) result.seq = record.seq;
  result.ids = record.ids;
  prepared.resource = record.resource;
  prepared.resource_version = record.resource_version;
  result.outcome_purged = record.outcome_purged;
  std::string body = record.body;
  if (record.outcome_purged && record.resource) {
    std::vector<const rules::StoredDocument*> now;
    OUTPOST_CHECK(working.Load({&*record.resource, 1}, now));
    body = now.front()->holding == rules::Holding::kFound ? ToJson(now.front()->body) : std::string();
  }
  result.redacted = !body.empty() && record.resource &&
                    !prepared.rights->read.MayRead(record.resource->collection, std::string_view(body));
  if (!result.redacted) result.body = std::move(body);
  last_remembered_ = prepared.command->id;
  // A write tried over REST and sent again from the queue: the device's number, and the id it knows it by, are noted.
  const bool other_id = record.command != prepared.command->id;
  if (!other_id && (record.device_known || !incarnation_)) return {};
  if (other_id) {
    OUTPOST_TRY(const CommandRecord* const known, working.FindCommand(prepared.command->id));
    if (known != nullptr) return {};
  }
  KeyRecord alias = record;
  alias.command = prepared.command->id;
  working.RecordCommandOnly(OutcomeOf(prepared, std::move(alias)));
  return {};
}

Problem Batch::AlreadyApplied(const PreparedCommand& prepared, const CommandId& id, const CommandRecord& known,
                              const KeyRecord* stored) const {
  Problem problem{ProblemCode::kAlreadyApplied, "the command " + id.value + " was applied"};
  json::object outcome{{"status", Name(WireStatus::kSucceeded)}};
  outcome["seq"] = known.seq.value > 0 ? json::value(known.seq.value) : json::value();
  outcome["resource"] = nullptr;
  outcome["body"] = nullptr;
  if (known.resource) {
    outcome["resource"] =
        json::object{{"collection", known.resource->collection.value}, {"id", known.resource->id.value}};
    const bool visible = stored != nullptr && !stored->body.empty() &&
                         prepared.rights->read.MayRead(known.resource->collection, std::string_view(stored->body));
    if (visible) outcome["body"] = ParsedOrNull(stored->body);
  }
  problem.extra["outcome"] = std::move(outcome);
  return problem;
}

}  // namespace outpost::server
