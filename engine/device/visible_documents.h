// Documents as a rule running on this device finds them: what is visible, and "not held" where absence proves nothing.
// During a rebase, the documents being made anew start from base and grow in a scratch overlay.
#pragma once

#include <map>
#include <optional>
#include <set>

#include "engine/store/documents.h"
#include "rules/execute.h"

namespace outpost::engine {

struct DeviceState;

class VisibleDocuments : public rules::DocumentSource {
 public:
  explicit VisibleDocuments(DeviceState& state) : state_(state) {}
  // For a rebase: these documents are seen as base plus what Put has brought.
  VisibleDocuments(DeviceState& state, std::set<DocumentKey> remade) : state_(state), remade_(std::move(remade)) {}

  Status Load(std::span<const DocumentKey> keys, std::vector<const rules::StoredDocument*>& found) override;

  // A command's new document; the next one sees it.
  void Put(OverlayDocument document);
  const std::map<DocumentKey, OverlayDocument>& scratch() const { return scratch_; }
  // Forgets what was handed out; between two commands.
  void Release() { loaded_.clear(); }

 private:
  Result<std::optional<VisibleRow>> Read(const DocumentKey& key);

  DeviceState& state_;
  std::set<DocumentKey> remade_;
  std::map<DocumentKey, OverlayDocument> scratch_;
  std::map<DocumentKey, rules::StoredDocument> loaded_;
};

}  // namespace outpost::engine
