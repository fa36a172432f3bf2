#include "engine/device/visible_documents.h"

#include <limits>

#include "engine/device/device_state.h"

namespace outpost::engine {

Result<std::optional<VisibleRow>> VisibleDocuments::Read(const DocumentKey& key) {
  ++state_.work.documents_read;
  const auto made = scratch_.find(key);
  if (made != scratch_.end()) {
    if (!made->second.body) return std::optional<VisibleRow>();
    return std::optional<VisibleRow>({key, made->second.version, *made->second.body, true});
  }
  if (!IsRemade(key)) return state_.store->documents().Current(key);
  OUTPOST_TRY(auto base, state_.store->documents().Base(key));
  if (!base) return std::optional<VisibleRow>();
  return std::optional<VisibleRow>({key, base->version, std::move(base->body), false});
}

Result<rules::StoredDocument> VisibleDocuments::Stored(const DocumentKey& key) {
  rules::StoredDocument document;
  OUTPOST_TRY(const auto row, Read(key));
  if (!row) {
    document.holding = state_.Holds(key.collection) ? rules::Holding::kAbsent : rules::Holding::kNotHeld;
    return document;
  }
  auto parsed = ParseJson(row->body);
  if (!parsed.ok() || !parsed.value().is_object()) {
    return Error{ErrorCode::kCorrupt, "document " + key.collection.value + "/" + key.id.value + " is unreadable"};
  }
  document.holding = rules::Holding::kFound;
  document.version = row->version;
  document.body = std::move(parsed.value().get_object());
  return document;
}

Status VisibleDocuments::Load(std::span<const DocumentKey> keys, std::vector<const rules::StoredDocument*>& found) {
  for (const DocumentKey& key : keys) {
    auto [slot, inserted] = loaded_.try_emplace(key);
    found.push_back(&slot->second);
    if (!inserted) continue;
    // A command that only adds needs no sum of those before it.
    if (IsSummed(key) && state_.effects.IsLink(key, position_)) OUTPOST_CHECK(AddUpTo(key, position_));
    OUTPOST_TRY(slot->second, Stored(key));
  }
  return {};
}

void VisibleDocuments::MoveTo(Position position) {
  position_ = position;
  loaded_.clear();
}

void VisibleDocuments::Put(OverlayDocument document) {
  if (!state_.MayStore(document.key.collection)) return;
  const DocumentKey key = document.key;
  scratch_.insert_or_assign(key, std::move(document));
}

Status VisibleDocuments::AddUpTo(const DocumentKey& key, Position before) {
  Position& from = added_up_to_[key];
  const std::vector<rules::Sum> sums = state_.effects.SumsBetween(key, from, before);
  from = before;
  for (const rules::Sum& sum : sums) {
    OUTPOST_TRY(const rules::StoredDocument stored, Stored(key));
    if (stored.holding == rules::Holding::kNotHeld) return {};
    ++state_.work.sums_added;
    auto document = rules::ApplySum(key, stored, sum);
    if (!document) {
      unsummable_.insert(key);
      return {};
    }
    Put({key, document->version, ToJson(document->body)});
  }
  return {};
}

Status VisibleDocuments::AddTheRest(const DocumentKey& key) {
  if (!IsSummed(key)) return {};
  return AddUpTo(key, Position(std::numeric_limits<std::int64_t>::max()));
}

}  // namespace outpost::engine
