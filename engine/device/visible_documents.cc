#include "engine/device/visible_documents.h"

#include "engine/device/device_state.h"

namespace outpost::engine {

Result<std::optional<VisibleRow>> VisibleDocuments::Read(const DocumentKey& key) {
  const auto made = scratch_.find(key);
  if (made != scratch_.end()) {
    if (!made->second.body) return std::optional<VisibleRow>();
    return std::optional<VisibleRow>({key, made->second.version, *made->second.body, true});
  }
  if (remade_.count(key) == 0) return state_.store->documents().Current(key);
  OUTPOST_TRY(auto base, state_.store->documents().Base(key));
  if (!base) return std::optional<VisibleRow>();
  return std::optional<VisibleRow>({key, base->version, std::move(base->body), false});
}

Status VisibleDocuments::Load(std::span<const DocumentKey> keys, std::vector<const rules::StoredDocument*>& found) {
  for (const DocumentKey& key : keys) {
    auto [slot, inserted] = loaded_.try_emplace(key);
    rules::StoredDocument& document = slot->second;
    found.push_back(&document);
    if (!inserted) continue;
    OUTPOST_TRY(const auto row, Read(key));
    if (!row) {
      document.holding = state_.Holds(key.collection) ? rules::Holding::kAbsent : rules::Holding::kNotHeld;
      continue;
    }
    auto parsed = ParseJson(row->body);
    if (!parsed.ok() || !parsed.value().is_object()) {
      return Error{ErrorCode::kCorrupt, "document " + key.collection.value + "/" + key.id.value + " is unreadable"};
    }
    document.holding = rules::Holding::kFound;
    document.version = row->version;
    document.body = std::move(parsed.value().get_object());
  }
  return {};
}

void VisibleDocuments::Put(OverlayDocument document) {
  const DocumentKey key = document.key;
  scratch_.insert_or_assign(key, std::move(document));
}

}  // namespace outpost::engine
