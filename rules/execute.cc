#include "rules/execute.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/assert.h"
#include "rules/apply_writes.h"
#include "rules/loaded_documents.h"
#include "rules/upcast.h"

namespace outpost::rules {
namespace {

// The collection a declared access is about; nullopt when the payload names none that a generic family may touch.
std::optional<CollectionName> CollectionOf(const DeclaredAccess& access, const json::object& payload) {
  if (access.collection_field.empty()) return access.collection;
  const std::string_view name = StringOr(payload, access.collection_field);
  if (!IsGenericName(name)) return std::nullopt;
  return CollectionName(std::string(name));
}

bool IsMissing(const json::object& payload, std::string_view field) {
  const json::value* value = Find(payload, field);
  return value == nullptr || value->is_null();
}

// The resource among the documents; null: it was not written.
const NewDocument* WrittenAs(const Executed& executed) {
  const auto at = std::find_if(executed.documents.begin(), executed.documents.end(),
                               [&](const NewDocument& document) { return document.key == executed.resource; });
  return at == executed.documents.end() ? nullptr : &*at;
}

// One execution of one command.
class Run {
 public:
  Run(const ExecutionRequest& request, DocumentSource& source)
      : type_(request.type), request_(request), payload_(request.payload), source_(source) {}

  Result<Execution> Execute();

 private:
  using Step = std::optional<Refused>;  // nullopt: passed

  Result<Step> Check();
  bool IsAuthorised() const;
  void TouchDeclared();
  Step CheckTargets();
  Step CheckSchema();
  void SayInNewestWords();
  Step CheckVersion();
  Result<std::variant<Applied, Refused>> RunRule();
  Result<Execution> Apply(Applied&& applied);
  std::vector<std::pair<DocumentKey, Add>> AddedBy(const std::vector<Write>& writes);

  Refused Refuse(Refusal&& refusal);
  void ShowCurrent(const DocumentKey& key, json::object& extra) const;
  json::object Unwritten(const Executed& executed) const;
  Execution End(std::variant<Executed, Refused> outcome) { return {std::move(outcome), documents_.TakeTouched(), {}}; }

  // As sent, until its schema has been checked; from then on the newest version and its payload.
  const CommandType* type_;
  const ExecutionRequest& request_;
  const json::object* payload_;
  json::object upcast_;
  DocumentSource& source_;
  LoadedDocuments documents_;
  std::optional<DocumentKey> target_;
};

Result<Execution> Run::Execute() {
  target_ = TargetOf(*type_, request_.context.command, *payload_);
  TouchDeclared();
  OUTPOST_TRY(Step refused, Check());
  if (refused) return End(*std::move(refused));
  OUTPOST_TRY(auto outcome, RunRule());
  if (auto* no = std::get_if<Refused>(&outcome)) return End(std::move(*no));
  return Apply(std::get<Applied>(std::move(outcome)));
}

// The protocol's order: authorisation, target exists, schema, version. State and rule are the rule's own.
Result<Run::Step> Run::Check() {
  if (!IsAuthorised()) {
    return Step(Refuse({{ProblemCode::kForbidden, "None of the author's roles may do this."}, std::nullopt}));
  }
  OUTPOST_CHECK(documents_.LoadMissing(source_));
  if (Step refused = CheckTargets()) return refused;
  if (Step refused = CheckSchema()) return refused;
  SayInNewestWords();
  return CheckVersion();
}

bool Run::IsAuthorised() const {
  if (request_.roles.empty()) return true;
  return std::any_of(request_.roles.begin(), request_.roles.end(), [this](const std::string& role) {
    return role == "admin" || std::find(type_->roles.begin(), type_->roles.end(), role) != type_->roles.end();
  });
}

void Run::TouchDeclared() {
  bool first = true;
  for (const DeclaredAccess& access : type_->accesses) {
    const std::optional<DocumentKey> key = first ? target_ : DeclaredKey(access, *payload_);
    if (key) documents_.Touch(*key, access.access);
    first = false;
  }
}

Run::Step Run::CheckTargets() {
  for (const DeclaredAccess& access : type_->accesses) {
    if (!access.must_exist) continue;
    const std::optional<DocumentKey> key = DeclaredKey(access, *payload_);
    if (!key) continue;
    documents_.LookAt(*key);
    const StoredDocument& stored = *documents_.Stored(*key);
    if (stored.holding == Holding::kFound) continue;
    // What the schema refuses is refused whatever the document says: a device may rely on it.
    if (stored.holding == Holding::kNotHeld) {
      if (Step refused = CheckSchema()) return refused;
    }
    Refused refused =
        Refuse({{ProblemCode::kNotFound, "There is no " + key->id.value + " in " + key->collection.value + "."},
                std::nullopt});
    refused.met_not_held = stored.holding == Holding::kNotHeld;
    return refused;
  }
  return std::nullopt;
}

Run::Step Run::CheckSchema() {
  std::vector<FieldError> errors = type_->validate(*payload_);
  if (errors.empty() && type_->check != nullptr) errors = type_->check(request_.context, *payload_);
  if (errors.empty()) return std::nullopt;
  return Refuse({{ProblemCode::kValidationFailed, "The payload is not as this command wants it.", std::move(errors)},
                 std::nullopt});
}

void Run::SayInNewestWords() {
  if (type_->upcast == nullptr) return;
  upcast_ = Upcast(*type_, *payload_);
  payload_ = &upcast_;
  type_ = &NewestVersion(*type_);
}

Run::Step Run::CheckVersion() {
  if (!request_.expected_version || !type_->checks_version || !target_) return std::nullopt;
  documents_.LookAt(*target_);
  const StoredDocument& stored = *documents_.Stored(*target_);
  if (stored.holding == Holding::kNotHeld) return std::nullopt;
  const bool found = stored.holding == Holding::kFound;
  const Version expected = *request_.expected_version;
  const Snapshot current{stored.holding, found ? stored.version : Version(0), found ? &stored.body : nullptr};
  const bool conflicts = type_->version_conflict != nullptr
                             ? type_->version_conflict(request_.context, *payload_, current, expected)
                             : current.version != expected;
  if (!conflicts) return std::nullopt;
  Refused refused = Refuse(
      {{ProblemCode::kVersionConflict, "The document has changed since the version this was based on."}, target_});
  json::object yours = type_->proposed != nullptr ? type_->proposed(*payload_) : *payload_;
  if (type_->proposed == nullptr) yours.erase(type_->accesses.front().field);
  refused.problem.extra["diff"] = DiffFields(yours, found ? stored.body : json::object());
  return refused;
}

Result<std::variant<Applied, Refused>> Run::RunRule() {
  using Ruling = std::variant<Applied, Refused>;
  for (int run = 1;; ++run) {
    Outcome outcome = type_->apply(request_.context, *payload_, documents_);
    if (auto* applied = std::get_if<Applied>(&outcome)) return Ruling(std::move(*applied));
    if (auto* refusal = std::get_if<Refusal>(&outcome)) return Ruling(Refuse(std::move(*refusal)));
    // A rule that asks once too often, or for nothing it has not got, is a bug.
    OUTPOST_ASSERT(run < kRuleRunsMax && documents_.HasMissing());
    OUTPOST_CHECK(documents_.LoadMissing(source_));
  }
}

Result<Execution> Run::Apply(Applied&& applied) {
  for (const Write& write : applied.writes) documents_.Touch(write.key, write.access);
  // What is written without having been looked at needs its version and its creation all the same.
  if (documents_.PositionOf(applied.resource) == documents_.size()) documents_.Touch(applied.resource, Access::kReads);
  OUTPOST_CHECK(documents_.LoadMissing(source_));
  std::vector<std::pair<DocumentKey, Add>> added;
  if (request_.tell_added) added = AddedBy(applied.writes);
  auto written = ApplyWrites(std::move(applied.writes), documents_, request_.context);
  if (auto* refusal = std::get_if<Refusal>(&written)) return End(Refuse(std::move(*refusal)));
  Executed executed;
  executed.documents = std::get<std::vector<NewDocument>>(std::move(written));
  executed.resource = std::move(applied.resource);
  executed.unwritten = Unwritten(executed);
  executed.http_status = applied.http_status;
  Execution execution = End(std::move(executed));
  execution.added = std::move(added);
  return execution;
}

// Several additions of one command to one document are one.
std::vector<std::pair<DocumentKey, Add>> Run::AddedBy(const std::vector<Write>& writes) {
  std::map<DocumentKey, Add> sums;
  std::set<DocumentKey> others;
  for (const Write& write : writes) {
    const auto* add = std::get_if<Add>(&write.change);
    if (add == nullptr || documents_.LookedAt(write.key)) {
      others.insert(write.key);
      continue;
    }
    const auto [sum, first] = sums.try_emplace(write.key, *add);
    if (first) continue;
    for (const auto& [field, delta] : add->deltas) sum->second.deltas[field] += delta;
    for (const auto& constant : add->constants) sum->second.constants[constant.key()] = constant.value();
  }
  std::vector<std::pair<DocumentKey, Add>> added;
  for (auto& [key, add] : sums) {
    if (others.count(key) == 0) added.emplace_back(key, std::move(add));
  }
  return added;
}

// A conflict always shows the state it conflicts with, whether the rule thought of it or not.
Refused Run::Refuse(Refusal&& refusal) {
  if (!refusal.current && IsConflict(refusal.problem.code)) refusal.current = target_;
  if (refusal.current) ShowCurrent(*refusal.current, refusal.problem.extra);
  return {std::move(refusal.problem), documents_.met_not_held()};
}

void Run::ShowCurrent(const DocumentKey& key, json::object& extra) const {
  const StoredDocument* stored = documents_.Stored(key);
  const bool found = stored != nullptr && stored->holding == Holding::kFound;
  extra["currentState"] = found ? json::value(stored->body) : json::value(nullptr);
  extra["currentVersion"] = found ? stored->version.value : std::int64_t{0};
}

json::object Run::Unwritten(const Executed& executed) const {
  const DocumentKey& key = executed.resource;
  if (const NewDocument* written = WrittenAs(executed)) {
    if (!written->deleted) return {};
    return {{"id", key.id.value}, {"version", written->version.value}};
  }
  const StoredDocument* stored = documents_.Stored(key);
  return stored != nullptr && stored->holding == Holding::kFound ? stored->body : json::object();
}

}  // namespace

const json::object& Executed::resource_body() const {
  const NewDocument* written = WrittenAs(*this);
  return written != nullptr && !written->deleted ? written->body : unwritten;
}

Result<Execution> Execute(const ExecutionRequest& request, DocumentSource& source) {
  OUTPOST_ASSERT(request.type != nullptr && request.payload != nullptr);
  return Run(request, source).Execute();
}

std::optional<DocumentKey> DeclaredKey(const DeclaredAccess& access, const json::object& payload) {
  const std::string_view id = StringOr(payload, access.field);
  std::optional<CollectionName> collection = CollectionOf(access, payload);
  if (!IsValidId(id) || !collection) return std::nullopt;
  return DocumentKey{*std::move(collection), DocumentId(std::string(id))};
}

std::optional<DocumentKey> TargetOf(const CommandType& type, const CommandId& command, const json::object& payload) {
  if (type.accesses.empty()) return std::nullopt;
  const DeclaredAccess& target = type.accesses.front();
  if (target.access == Access::kCreates && IsMissing(payload, target.field)) {
    std::optional<CollectionName> collection = CollectionOf(target, payload);
    if (!collection) return std::nullopt;
    return DocumentKey{*std::move(collection), DocumentId(command.value)};
  }
  return DeclaredKey(target, payload);
}

}  // namespace outpost::rules
