// DOCUMENT_CREATE_V1 {collection, id?, doc}, DOCUMENT_PUT_V1 {collection, id, doc} (made when absent),
// DOCUMENT_PATCH_V1 {collection, id, patch, was?} (RFC 7396) and DOCUMENT_DELETE_V1 {collection, id}.
//
// strategy         | another expectedVersion    | a patch with `was`
// reject           | conflict                   | a field changed by others too is a conflict
// merge, counters  | conflict, unless `was`     | the same; other fields merge
// last-write-wins  | ignored                    | ignored
// append-only      | create, and lists that grow
#include "rules/generic_document.h"

#include "rules/apply_writes.h"
#include "rules/document_schema.h"
#include "rules/types.h"

namespace outpost::rules {
namespace {

Strategy StrategyOf(const Context& context, const json::object& payload) {
  const DeclaredCollection* collection = DeclaredFor(context, payload);
  return collection != nullptr ? collection->strategy : Strategy::kReject;
}

const json::object* ObjectIn(const json::object& payload, std::string_view field) {
  const json::value* value = Find(payload, field);
  return value != nullptr && value->is_object() ? &value->get_object() : nullptr;
}

std::vector<FieldError> CheckDoc(const Context& context, const json::object& payload) {
  std::vector<FieldError> errors = CheckDeclared(context, payload);
  const DeclaredCollection* collection = DeclaredFor(context, payload);
  if (collection == nullptr || collection->schema.empty()) return errors;
  // A state that is filled in by itself may be required all the same.
  json::object doc = *ObjectIn(payload, "doc");
  const StateRules& states = collection->states;
  if (states.initial.size() == 1 && Find(doc, states.field) == nullptr) doc[states.field] = states.initial.front();
  CheckDocument(collection->schema, doc, "doc", errors);
  return errors;
}

std::vector<FieldError> ValidateCreate(const json::object& payload) {
  PayloadReader reader(payload);
  CheckNames(reader, Presence::kOptional);
  reader.AnyObject("doc", Presence::kRequired);
  return reader.Finish();
}

Applied Written(const DocumentKey& key, json::object&& fields, Access access, int http_status) {
  Applied applied;
  applied.resource = key;
  applied.http_status = http_status;
  applied.writes.push_back({key, access, Put{std::move(fields)}});
  return applied;
}

Outcome Create(const Context& context, const json::object& payload, Documents& documents) {
  DocumentKey key = GenericKey(payload);
  if (key.id.value.empty()) key.id = DocumentId(context.command.value);
  const std::optional<Snapshot> existing = documents.Find(key);
  if (!existing) return NeedsDocuments{};
  if (existing->holding == Holding::kFound) {
    return Refusal{{ProblemCode::kAlreadyExists, "There is already a document with this id."}, key};
  }
  json::object fields = FieldsOf(*ObjectIn(payload, "doc"));
  if (auto refusal = CheckResult(DeclaredFor(context, payload), key, nullptr, fields, "doc"))
    return *std::move(refusal);
  return Written(key, std::move(fields), Access::kCreates, 201);
}

std::vector<FieldError> ValidatePut(const json::object& payload) {
  PayloadReader reader(payload);
  CheckNames(reader, Presence::kRequired);
  reader.AnyObject("doc", Presence::kRequired);
  return reader.Finish();
}

Outcome PutWhole(const Context& context, const json::object& payload, Documents& documents) {
  const DocumentKey key = GenericKey(payload);
  const DeclaredCollection* collection = DeclaredFor(context, payload);
  const std::optional<Snapshot> before = documents.Find(key);
  if (!before) return NeedsDocuments{};
  const bool exists = before->holding == Holding::kFound;
  if (exists) {
    if (auto refusal = RefusedAsAppendOnly(collection, key)) return *std::move(refusal);
  }
  json::object fields = FieldsOf(*ObjectIn(payload, "doc"));
  if (auto refusal = CheckResult(collection, key, before->body, fields, "doc")) return *std::move(refusal);
  return Written(key, std::move(fields), Access::kUpdates, exists ? 200 : 201);
}

std::vector<FieldError> ValidatePatch(const json::object& payload) {
  PayloadReader reader(payload);
  CheckNames(reader, Presence::kRequired);
  reader.AnyObject("patch", Presence::kRequired);
  reader.AnyObject("was", Presence::kOptional);
  return reader.Finish();
}

// RFC 7396.
void MergePatch(json::object& target, const json::object& patch) {
  for (const auto& member : patch) {
    if (member.value().is_null()) {
      target.erase(member.key());
    } else if (member.value().is_object()) {
      json::value& slot = target[member.key()];
      if (!slot.is_object()) slot = json::object();
      MergePatch(slot.get_object(), member.value().get_object());
    } else {
      target[member.key()] = member.value();
    }
  }
}

Outcome Patch(const Context& context, const json::object& payload, Documents& documents) {
  const DocumentKey key = GenericKey(payload);
  const DeclaredCollection* collection = DeclaredFor(context, payload);
  const std::optional<Snapshot> before = documents.Find(key);
  if (!before) return NeedsDocuments{};
  if (auto refusal = RefusedAsAppendOnly(collection, key)) return *std::move(refusal);
  const json::object patch = FieldsOf(*ObjectIn(payload, "patch"));
  const json::object* was = ObjectIn(payload, "was");
  const bool minds = was != nullptr && !context.forced && StrategyOf(context, payload) != Strategy::kLastWrite;
  if (minds) {
    if (auto refusal = CheckWas(key, *before->body, *was, patch)) return *std::move(refusal);
  }
  json::object fields = FieldsOf(*before->body);
  MergePatch(fields, patch);
  if (auto refusal = CheckSchema(collection, fields, "patch")) return *std::move(refusal);
  if (auto refusal = CheckResult(collection, key, before->body, fields, "patch")) return *std::move(refusal);
  return Written(key, std::move(fields), Access::kUpdates, 200);
}

std::vector<FieldError> ValidateDelete(const json::object& payload) {
  PayloadReader reader(payload);
  CheckNames(reader, Presence::kRequired);
  return reader.Finish();
}

Outcome DeleteWhole(const Context& context, const json::object& payload, Documents&) {
  const DocumentKey key = GenericKey(payload);
  if (auto refusal = RefusedAsAppendOnly(DeclaredFor(context, payload), key)) return *std::move(refusal);
  Applied applied;
  applied.resource = key;
  applied.writes.push_back({key, Access::kUpdates, Delete{}});
  return applied;
}

bool ConflictsWith(const Context& context, const json::object& payload, const Snapshot& current, Version expected) {
  const Strategy strategy = StrategyOf(context, payload);
  if (strategy == Strategy::kLastWrite) return false;
  const bool merges = strategy == Strategy::kMerge || strategy == Strategy::kCounters;
  if (merges && ObjectIn(payload, "was") != nullptr) return false;
  return current.version != expected;
}

json::object ProposedDoc(const json::object& payload) { return *ObjectIn(payload, "doc"); }
json::object ProposedPatch(const json::object& payload) { return *ObjectIn(payload, "patch"); }
json::object ProposedNothing(const json::object&) { return {}; }

}  // namespace

CommandType DocumentCreateType() {
  CommandType type = GenericType("DOCUMENT_CREATE", Access::kCreates, false);
  type.validate = ValidateCreate;
  type.check = CheckDoc;
  type.apply = Create;
  type.proposed = ProposedDoc;
  return type;
}

CommandType DocumentPutType() {
  CommandType type = GenericType("DOCUMENT_PUT", Access::kUpdates, false);
  type.validate = ValidatePut;
  type.check = CheckDoc;
  type.apply = PutWhole;
  type.version_conflict = ConflictsWith;
  type.proposed = ProposedDoc;
  return type;
}

CommandType DocumentPatchType() {
  CommandType type = GenericType("DOCUMENT_PATCH", Access::kUpdates, true);
  type.validate = ValidatePatch;
  type.apply = Patch;
  type.version_conflict = ConflictsWith;
  type.proposed = ProposedPatch;
  return type;
}

CommandType DocumentDeleteType() {
  CommandType type = GenericType("DOCUMENT_DELETE", Access::kUpdates, true);
  type.validate = ValidateDelete;
  type.apply = DeleteWhole;
  type.version_conflict = ConflictsWith;
  type.proposed = ProposedNothing;
  return type;
}

}  // namespace outpost::rules
