// Documents as a rule running on this device finds them: what is visible, and "not held" where absence proves nothing.
// During a rebase, the documents being made anew start from base and grow in a scratch overlay, command by command;
// what the commands in between only add is put in as sums (see engine/model/effect_index.h).
#pragma once

#include <map>
#include <optional>
#include <set>

#include "engine/model/command_record.h"
#include "engine/store/documents.h"
#include "rules/execute.h"

namespace outpost::engine {

struct DeviceState;

// What a rebase makes anew.
struct RebasePlan {
  std::set<DocumentKey> remade;
  // Of these, documents whose additions have to be run one after the other: a sum of theirs might leave its range.
  std::set<DocumentKey> one_by_one;
};

class VisibleDocuments : public rules::DocumentSource {
 public:
  explicit VisibleDocuments(DeviceState& state) : state_(state) {}
  // For a rebase: these documents are seen as base plus what came before the present command.
  VisibleDocuments(DeviceState& state, const RebasePlan& plan) : state_(state), plan_(&plan) {}

  Status Load(std::span<const DocumentKey> keys, std::vector<const rules::StoredDocument*>& found) override;

  // The next command of a rebase, in order of execution; what was handed out for the last one is forgotten.
  void MoveTo(Position position);
  // A command's new document; the next one sees it.
  void Put(OverlayDocument document);
  // After the last command: the additions that are left. Scratch then holds every overlay there is to be.
  Status AddTheRest(const DocumentKey& key);

  const std::map<DocumentKey, OverlayDocument>& scratch() const { return scratch_; }
  // Documents whose sums might leave their range: they belong into RebasePlan::one_by_one, and the rebase starts again.
  const std::set<DocumentKey>& unsummable() const { return unsummable_; }

 private:
  bool IsRemade(const DocumentKey& key) const { return plan_ != nullptr && plan_->remade.count(key) != 0; }
  bool IsSummed(const DocumentKey& key) const { return IsRemade(key) && plan_->one_by_one.count(key) == 0; }
  Result<std::optional<VisibleRow>> Read(const DocumentKey& key);
  Result<rules::StoredDocument> Stored(const DocumentKey& key);
  Status AddUpTo(const DocumentKey& key, Position before);

  DeviceState& state_;
  const RebasePlan* plan_ = nullptr;
  Position position_;
  std::map<DocumentKey, OverlayDocument> scratch_;
  std::map<DocumentKey, Position> added_up_to_;
  std::set<DocumentKey> unsummable_;
  std::map<DocumentKey, rules::StoredDocument> loaded_;
};

}  // namespace outpost::engine
