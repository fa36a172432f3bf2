// The documents one command has met: what a rule sees of the DocumentSource, and the record of what it touched. Keys
// that a run missed are gathered and loaded at once. Used by Execute only.
#pragma once

#include <cstddef>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "rules/execute.h"

namespace outpost::rules {

// Collections of the server's own book-keeping: never fed to a device, never held by one.
bool IsInternal(const CollectionName& collection);

class LoadedDocuments final : public Documents {
 public:
  std::optional<Snapshot> Find(const DocumentKey& key) override;

  // The command's outcome rests on the document as it is.
  void LookAt(const DocumentKey& key) { EntryOf(key).looked_at = true; }
  bool LookedAt(const DocumentKey& key) { return EntryOf(key).looked_at; }
  // Notes that the command accesses the document so; the strongest access of all calls counts.
  void Touch(const DocumentKey& key, Access access);
  bool HasMissing() const { return missing_count_ != 0; }
  // One Load for everything that is not there yet.
  Status LoadMissing(DocumentSource& source);
  // Null when nobody loaded it.
  const StoredDocument* Stored(const DocumentKey& key) const;

  // Every document met has a position below size(), in the order of first touch.
  std::size_t size() const { return entries_.size(); }
  std::size_t PositionOf(const DocumentKey& key) const;  // size() when it was not met
  const StoredDocument* StoredAt(std::size_t position) const { return entries_[position].stored; }
  Access AccessAt(std::size_t position) const { return entries_[position].access; }

  // Whether a look-up met something "not held" that a refusal could rest on.
  bool met_not_held() const { return met_not_held_; }
  // In the order of first touch. Ends the use of this object.
  std::vector<std::pair<DocumentKey, Access>> TakeTouched();

 private:
  struct Entry {
    DocumentKey key;
    Access access = Access::kReads;
    const StoredDocument* stored = nullptr;
    bool looked_at = false;
  };
  static constexpr std::size_t kScannedMax = 16;  // up to here looking through the list beats an index

  Entry& EntryOf(const DocumentKey& key);

  std::vector<Entry> entries_;
  std::unordered_map<DocumentKey, std::size_t> index_;  // filled beyond kScannedMax
  std::size_t missing_count_ = 0;
  bool met_not_held_ = false;
};

}  // namespace outpost::rules
