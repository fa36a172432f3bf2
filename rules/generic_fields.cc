// COUNTER_ADD_V1 {collection, id, field, delta} and LIST_APPEND_V1 {collection, id, field, values}: they commute, so
// that what two devices added while apart all lands. Here too: what the generic families share.
#include "rules/apply_writes.h"
#include "rules/document_schema.h"
#include "rules/generic_document.h"
#include "rules/types.h"

namespace outpost::rules {

const DeclaredCollection* DeclaredFor(const Context& context, const json::object& payload) {
  return context.collections == nullptr ? nullptr : context.collections->Find(StringOr(payload, "collection"));
}

DocumentKey GenericKey(const json::object& payload) {
  return {CollectionName(std::string(StringOr(payload, "collection"))),
          DocumentId(std::string(StringOr(payload, "id")))};
}

void CheckNames(PayloadReader& reader, Presence id) {
  reader.Id("collection", Presence::kRequired);
  reader.Id("id", id);
}

std::vector<FieldError> CheckDeclared(const Context& context, const json::object& payload) {
  if (!IsGenericName(StringOr(payload, "collection"))) {
    return {{"collection", "is no collection that documents are written to directly"}};
  }
  if (context.collections == nullptr || DeclaredFor(context, payload) != nullptr) return {};
  return {{"collection", "is not declared here"}};
}

json::object FieldsOf(const json::object& body) {
  json::object fields;
  fields.reserve(body.size() + 5);
  for (const auto& member : body) {
    if (!IsMetadata(member.key())) fields.emplace(member.key(), member.value());
  }
  return fields;
}

std::optional<Refusal> RefusedAsAppendOnly(const DeclaredCollection* collection, const DocumentKey& key) {
  if (collection == nullptr || collection->strategy != Strategy::kAppendOnly) return std::nullopt;
  return Refusal{{ProblemCode::kValidationFailed,
                  "Documents of " + key.collection.value + " are added and never changed.",
                  {{"collection", "only takes new documents"}}},
                 std::nullopt};
}

namespace {

std::optional<Refusal> CheckStates(const StateRules& states, const DocumentKey& key, const json::object* before,
                                   json::object& after, const std::string& path) {
  if (states.empty()) return std::nullopt;
  if (before == nullptr && states.initial.size() == 1 && Find(after, states.field) == nullptr) {
    after[states.field] = states.initial.front();
  }
  const std::string_view to = StringOr(after, states.field);
  const FieldError wrong{path + "." + states.field, "must be a state in which a document may be made"};
  if (before == nullptr) {
    if (states.IsInitial(to)) return std::nullopt;
    return Refusal{{ProblemCode::kValidationFailed, "A document cannot begin in that state.", {wrong}}, std::nullopt};
  }
  if (states.next.count(std::string(to)) == 0) {
    const FieldError unknown{path + "." + states.field, "must be one of the declared states"};
    return Refusal{{ProblemCode::kValidationFailed, "There is no such state.", {unknown}}, std::nullopt};
  }
  const std::string_view from = StringOr(*before, states.field);
  if (states.MayFollow(from, to)) return std::nullopt;
  return Refusal{{ProblemCode::kInvalidStateTransition,
                  "From " + std::string(from) + " nothing leads to " + std::string(to) + "."},
                 key};
}

std::vector<FieldError> ValidateAdd(const json::object& payload) {
  PayloadReader reader(payload);
  CheckNames(reader, Presence::kRequired);
  reader.Id("field", Presence::kRequired);
  reader.Integer("delta", Presence::kRequired, kSigned);
  if (IsMetadata(StringOr(payload, "field"))) reader.Fail("field", "is the server's own");
  return reader.Finish();
}

std::vector<FieldError> ValidateAppend(const json::object& payload) {
  PayloadReader reader(payload);
  CheckNames(reader, Presence::kRequired);
  reader.Id("field", Presence::kRequired);
  reader.AnyArray("values", Presence::kRequired, {1, static_cast<std::int64_t>(kListValuesPerCommandMax)});
  if (IsMetadata(StringOr(payload, "field"))) reader.Fail("field", "is the server's own");
  return reader.Finish();
}

Refusal Invalid(std::string detail, std::vector<FieldError> errors) {
  return {{ProblemCode::kValidationFailed, std::move(detail), std::move(errors)}, std::nullopt};
}

// The document to add to; NOT_FOUND unless counters make their own. Whether they do, a device that was not told leaves
// to the server.
struct Base {
  std::optional<Snapshot> snapshot;
  std::optional<Refusal> refusal;
};

Base FindBase(const Context& context, const DocumentKey& key, Documents& documents) {
  Base base{documents.Find(key), std::nullopt};
  const DeclaredCollection* collection =
      context.collections == nullptr ? nullptr : context.collections->Find(key.collection.value);
  const bool makes =
      context.collections == nullptr || (collection != nullptr && collection->strategy == Strategy::kCounters);
  if (base.snapshot && base.snapshot->holding == Holding::kAbsent && !makes) {
    base.refusal = Refusal{
        {ProblemCode::kNotFound, "There is no " + key.id.value + " in " + key.collection.value + "."}, std::nullopt};
  }
  return base;
}

Outcome AddToCounter(const Context& context, const json::object& payload, Documents& documents) {
  const DocumentKey key = GenericKey(payload);
  const DeclaredCollection* collection = DeclaredFor(context, payload);
  Base base = FindBase(context, key, documents);
  if (!base.snapshot) return NeedsDocuments{};
  if (base.refusal) return *std::move(base.refusal);
  if (auto refusal = RefusedAsAppendOnly(collection, key)) return *std::move(refusal);
  const std::string field(StringOr(payload, "field"));
  const std::int64_t delta = IntegerOr(payload, "delta", 0);
  json::object after = base.snapshot->body != nullptr ? FieldsOf(*base.snapshot->body) : json::object();
  const json::value* present = Find(after, field);
  if (present != nullptr && !IsInteger(*present))
    return Invalid("Only whole numbers can be added to.", {{"field", "holds no whole number"}});
  after[field] = IntegerOr(after, field, 0) + delta;
  if (auto refusal = CheckResult(collection, key, base.snapshot->body, after, "doc")) return *std::move(refusal);
  if (auto refusal = CheckSchema(collection, after, "doc")) return *std::move(refusal);
  Add add;
  add.deltas.emplace(field, delta);
  after.erase(field);
  if (base.snapshot->body == nullptr) add.defaults = std::move(after);
  Applied applied;
  applied.resource = key;
  applied.http_status = base.snapshot->holding == Holding::kAbsent ? 201 : 200;
  applied.writes.push_back({key, Access::kCommutes, std::move(add)});
  return applied;
}

Outcome AppendToList(const Context& context, const json::object& payload, Documents& documents) {
  const DocumentKey key = GenericKey(payload);
  const DeclaredCollection* collection = DeclaredFor(context, payload);
  const std::optional<Snapshot> before = documents.Find(key);
  if (!before) return NeedsDocuments{};
  json::object after = FieldsOf(*before->body);
  json::value& list = after[StringOr(payload, "field")];
  if (list.is_null()) list = json::array();
  if (!list.is_array()) return Invalid("Only lists can be appended to.", {{"field", "holds no list"}});
  const json::array& values = payload.at("values").get_array();
  if (list.get_array().size() + values.size() > kListEntriesMax) {
    return Invalid("The list would be too long.",
                   {{"values", "a list holds at most " + std::to_string(kListEntriesMax) + " entries"}});
  }
  for (const json::value& value : values) list.get_array().push_back(value);
  if (auto refusal = CheckSchema(collection, after, "doc")) return *std::move(refusal);
  Applied applied;
  applied.resource = key;
  applied.writes.push_back({key, Access::kCommutes, Put{std::move(after)}});
  return applied;
}

}  // namespace

std::optional<Refusal> CheckSchema(const DeclaredCollection* collection, const json::object& after,
                                   const std::string& path) {
  if (collection == nullptr || collection->schema.empty()) return std::nullopt;
  std::vector<FieldError> errors;
  CheckDocument(collection->schema, after, path, errors);
  if (errors.empty()) return std::nullopt;
  return Invalid("The document would not be as its collection wants it.", std::move(errors));
}

std::optional<Refusal> CheckResult(const DeclaredCollection* collection, const DocumentKey& key,
                                   const json::object* before, json::object& after, const std::string& path) {
  if (collection == nullptr) return std::nullopt;
  return CheckStates(collection->states, key, before, after, path);
}

std::optional<Refusal> CheckWas(const DocumentKey& key, const json::object& current, const json::object& was,
                                const json::object& wanted) {
  const json::value absent;
  json::object contested;
  for (const auto& member : was) {
    const json::value* now = Find(current, member.key());
    const json::value* want = Find(wanted, member.key());
    if (want == nullptr || CanonicalJson(now != nullptr ? *now : absent) == CanonicalJson(member.value())) continue;
    contested.emplace(member.key(), *want);
  }
  json::array diff = DiffFields(contested, current);
  if (diff.empty()) return std::nullopt;
  Refusal refusal{{ProblemCode::kVersionConflict, "Somebody else changed the same fields."}, key};
  refusal.problem.extra["diff"] = std::move(diff);
  return refusal;
}

CommandType GenericType(std::string_view family, Access access, bool must_exist) {
  CommandType type;
  type.family = family;
  type.accesses = {{CollectionName(), "id", access, must_exist, "collection"}};
  type.roles = StaffRoles();
  type.check = CheckDeclared;
  return type;
}

CommandType CounterAddType() {
  CommandType type = GenericType("COUNTER_ADD", Access::kCommutes, false);
  type.checks_version = false;
  type.validate = ValidateAdd;
  type.apply = AddToCounter;
  return type;
}

CommandType ListAppendType() {
  CommandType type = GenericType("LIST_APPEND", Access::kCommutes, true);
  type.checks_version = false;
  type.validate = ValidateAppend;
  type.apply = AppendToList;
  return type;
}

}  // namespace outpost::rules
