#include "rules/loaded_documents.h"

#include "base/assert.h"

namespace outpost::rules {
namespace {

int Strength(Access access) {
  switch (access) {
    case Access::kCreates:
      return 3;
    case Access::kUpdates:
      return 2;
    case Access::kCommutes:
      return 1;
    case Access::kReads:
      return 0;
  }
  return 0;
}

}  // namespace

bool IsInternal(const CollectionName& collection) { return !collection.value.empty() && collection.value[0] == '_'; }

std::size_t LoadedDocuments::PositionOf(const DocumentKey& key) const {
  if (!index_.empty()) {
    const auto found = index_.find(key);
    return found == index_.end() ? entries_.size() : found->second;
  }
  std::size_t i = 0;
  while (i < entries_.size() && entries_[i].key != key) ++i;
  return i;
}

LoadedDocuments::Entry& LoadedDocuments::EntryOf(const DocumentKey& key) {
  const std::size_t index = PositionOf(key);
  if (index < entries_.size()) return entries_[index];
  entries_.push_back({key, Access::kReads, nullptr, false});
  ++missing_count_;
  if (!index_.empty()) {
    index_.emplace(key, index);
  } else if (entries_.size() > kScannedMax) {
    for (std::size_t i = 0; i < entries_.size(); ++i) index_.emplace(entries_[i].key, i);
  }
  return entries_.back();
}

std::optional<Snapshot> LoadedDocuments::Find(const DocumentKey& key) {
  Entry& entry = EntryOf(key);
  entry.looked_at = true;
  if (entry.stored == nullptr) return std::nullopt;
  const StoredDocument& stored = *entry.stored;
  if (stored.holding == Holding::kNotHeld && !IsInternal(key.collection)) met_not_held_ = true;
  return Snapshot{stored.holding, stored.version, stored.holding == Holding::kFound ? &stored.body : nullptr};
}

void LoadedDocuments::Touch(const DocumentKey& key, Access access) {
  Entry& entry = EntryOf(key);
  if (Strength(access) > Strength(entry.access)) entry.access = access;
}

Status LoadedDocuments::LoadMissing(DocumentSource& source) {
  if (missing_count_ == 0) return {};
  std::vector<DocumentKey> keys;
  std::vector<std::size_t> places;
  keys.reserve(missing_count_);
  places.reserve(missing_count_);
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].stored != nullptr) continue;
    keys.push_back(entries_[i].key);
    places.push_back(i);
  }
  std::vector<const StoredDocument*> found;
  OUTPOST_CHECK(source.Load(keys, found));
  OUTPOST_ASSERT(found.size() == keys.size());
  for (std::size_t i = 0; i < places.size(); ++i) {
    OUTPOST_ASSERT(found[i] != nullptr);
    entries_[places[i]].stored = found[i];
  }
  missing_count_ = 0;
  return {};
}

const StoredDocument* LoadedDocuments::Stored(const DocumentKey& key) const {
  const std::size_t index = PositionOf(key);
  return index < entries_.size() ? entries_[index].stored : nullptr;
}

std::vector<std::pair<DocumentKey, Access>> LoadedDocuments::TakeTouched() {
  std::vector<std::pair<DocumentKey, Access>> touched;
  touched.reserve(entries_.size());
  for (Entry& entry : entries_) touched.emplace_back(std::move(entry.key), entry.access);
  entries_.clear();
  index_.clear();
  return touched;
}

}  // namespace outpost::rules
