#include "rules/apply_writes.h"

#include "base/assert.h"
#include "rules/apply_sum.h"
#include "rules/derived_fields.h"

namespace outpost::rules {
namespace {

// One document while the writes of one command are applied to it.
struct Draft {
  DocumentKey key;
  Access access = Access::kReads;
  const StoredDocument* stored = nullptr;
  bool exists = false;
  bool fresh = false;  // its present life began with this command
  json::object fields;
};

Draft BeginDraft(DocumentKey key, std::size_t position, const LoadedDocuments& documents) {
  Draft draft;
  draft.key = std::move(key);
  draft.access = documents.AccessAt(position);
  draft.stored = documents.StoredAt(position);
  OUTPOST_ASSERT(draft.stored != nullptr);
  draft.exists = draft.stored->holding == Holding::kFound;
  draft.fresh = !draft.exists;
  return draft;
}

std::optional<Refusal> ApplyAdd(Draft& draft, Add&& add, bool untouched) {
  if (!draft.exists) {
    draft.fields = std::move(add.defaults);
  } else if (untouched) {
    draft.fields = draft.stored->body;
  }
  draft.exists = true;
  for (const auto& [field, delta] : add.deltas) {
    const std::int64_t before = IntegerOr(draft.fields, field, 0);
    // Both are within ±2^53 on the wire; one command's own sums stay far below 2^62.
    const std::int64_t after = before + delta;
    if (after > kIntegerMax || after < -kIntegerMax) {
      return Refusal{{ProblemCode::kValidationFailed,
                      "A sum would pass the largest whole number that can be kept.",
                      {{field, "would leave the range of ±9007199254740991"}}}};
    }
    draft.fields[field] = after;
  }
  for (auto& member : add.constants) draft.fields[member.key()] = std::move(member.value());
  return std::nullopt;
}

std::optional<Refusal> ApplyWrite(Draft& draft, Write&& write, bool untouched) {
  if (auto* put = std::get_if<Put>(&write.change)) {
    draft.fields = std::move(put->body);
    draft.exists = true;
    return std::nullopt;
  }
  if (auto* add = std::get_if<Add>(&write.change)) return ApplyAdd(draft, std::move(*add), untouched);
  draft.fields.clear();
  draft.exists = false;
  draft.fresh = true;
  return std::nullopt;
}

// Who is written into a document, and when.
struct Stamps {
  Timestamp created_at;
  const UserId& created_by;
  Timestamp updated_at;
};

json::object Stamp(Draft& draft, Version version, const Stamps& stamps) {
  json::object body;
  body.reserve(draft.fields.size() + 5);
  body.emplace("id", draft.key.id.value);
  body.emplace("version", version.value);
  for (auto& member : draft.fields) {
    if (!IsMetadata(member.key())) body.emplace(member.key(), std::move(member.value()));
  }
  const json::object* before = draft.fresh ? nullptr : &draft.stored->body;
  const json::value* created_at = before != nullptr ? Find(*before, "createdAt") : nullptr;
  const json::value* created_by = before != nullptr ? Find(*before, "createdBy") : nullptr;
  body.emplace("createdAt", created_at != nullptr ? *created_at : json::value(ToRfc3339(stamps.created_at)));
  body.emplace("updatedAt", ToRfc3339(stamps.updated_at));
  body.emplace("createdBy", created_by != nullptr ? *created_by : json::value(stamps.created_by.value));
  return body;
}

// Whether the new state can be shown by somebody who may not hold the old one.
bool IsShown(const Draft& draft) {
  if (draft.stored->holding == Holding::kNotHeld) {
    return draft.access == Access::kCreates && !IsInternal(draft.key.collection);
  }
  return draft.exists || draft.stored->holding == Holding::kFound;
}

NewDocument Finish(Draft&& draft, const Context& context) {
  NewDocument document;
  document.access = draft.access;
  document.version = Version(draft.stored->version.value + 1);
  document.deleted = !draft.exists;
  if (draft.exists) {
    DeriveFields(draft.key.collection, draft.fields);
    document.body = Stamp(draft, document.version, {context.now, context.author, context.now});
  }
  document.key = std::move(draft.key);
  return document;
}

Refusal IdTaken(const DocumentKey& key) {
  return {{ProblemCode::kAlreadyExists,
           "There is already a document " + key.id.value + " in " + key.collection.value + "."},
          key};
}

}  // namespace

bool IsMetadata(std::string_view name) {
  return name == "id" || name == "version" || name == "createdAt" || name == "updatedAt" || name == "createdBy";
}

std::variant<std::vector<NewDocument>, Refusal> ApplyWrites(std::vector<Write> writes, const LoadedDocuments& documents,
                                                            const Context& context) {
  std::vector<Draft> drafts;
  drafts.reserve(writes.size());
  std::vector<std::size_t> draft_at(documents.size(),
                                    writes.size());  // by position of the document; writes.size() = none
  for (Write& write : writes) {
    const std::size_t position = documents.PositionOf(write.key);
    OUTPOST_ASSERT(position < draft_at.size());
    const bool untouched = draft_at[position] == writes.size();
    if (untouched) {
      draft_at[position] = drafts.size();
      drafts.push_back(BeginDraft(std::move(write.key), position, documents));
    }
    Draft& draft = drafts[draft_at[position]];
    if (untouched && write.access == Access::kCreates && draft.exists) return IdTaken(draft.key);
    if (auto refusal = ApplyWrite(draft, std::move(write), untouched)) return *std::move(refusal);
  }
  std::vector<NewDocument> result;
  result.reserve(drafts.size());
  for (Draft& draft : drafts) {
    if (IsShown(draft)) result.push_back(Finish(std::move(draft), context));
  }
  return result;
}

std::optional<NewDocument> ApplySum(const DocumentKey& key, const StoredDocument& stored, const Sum& sum) {
  Draft draft;
  draft.key = key;
  draft.stored = &stored;
  draft.fresh = stored.holding != Holding::kFound;
  draft.fields = draft.fresh ? sum.defaults : stored.body;
  for (const auto& [field, added] : sum.fields) {
    const std::int64_t before = IntegerOr(draft.fields, field, 0);
    const std::int64_t magnitude = before < 0 ? -before : before;
    if (added.reach > kIntegerMax - magnitude) return std::nullopt;
    draft.fields[field] = before + added.delta;
  }
  for (const auto& constant : sum.constants) draft.fields[constant.key()] = constant.value();
  DeriveFields(key.collection, draft.fields);
  NewDocument document;
  document.key = key;
  document.access = Access::kCommutes;
  document.version = Version(stored.version.value + sum.commands);
  document.body = Stamp(draft, document.version, {sum.first_at, sum.first_author, sum.last_at});
  return document;
}

}  // namespace outpost::rules
