#include "server/core/group_execution.h"

#include <deque>
#include <map>

#include "base/mutant.h"
#include "server/core/cursor.h"

namespace outpost::server {
namespace {

// Two that take what nobody foresaw to be absent, then one that looks each document up.
constexpr int kPassesMax = 3;

// Answers carry a cursor at the head, made for the unfiltered feed of the caller. Most callers of a group share one.
class HeadCursors {
 public:
  HeadCursors(WorkspaceId workspace, const Epoch& epoch, Sequence head, std::uint64_t tag)
      : workspace_(std::move(workspace)), content_{HashEpoch(epoch), head, tag, HashFilter({}, {}), {}, {}} {}

  const Cursor& For(const Caller& caller) {
    const ReadRights rights(caller.roles, caller.user);
    // Only a guest's rights depend on who it is.
    auto key = std::pair(caller.roles, rights.only_created_by().value_or(UserId()));
    const auto [found, inserted] = made_.try_emplace(std::move(key));
    if (inserted) {
      content_.rights = HashRights(rights);
      found->second = EncodeCursor(workspace_, content_);
    }
    return found->second;
  }

 private:
  WorkspaceId workspace_;
  CursorContent content_;
  std::map<std::pair<std::vector<std::string>, UserId>, Cursor> made_;
};

// The submissions of one workspace, executed in its turn.
class WorkspaceTurn {
 public:
  WorkspaceTurn(WriteTransaction& transaction, const WorkspaceId& workspace, std::span<const Submission> group,
                const std::vector<std::size_t>& members, const BatchContext& context)
      : transaction_(transaction), workspace_(workspace), group_(group), members_(members), context_(context) {}

  Status Execute(GroupResult& result) {
    for (int pass = 1;; ++pass) {
      const bool assume = transaction_.is_remote() && pass < kPassesMax;
      WorkingSet working(transaction_, workspace_, context_.settings.collections,
                         assume ? Unforeseen::kAssumeAbsent : Unforeseen::kLookUp);
      OUTPOST_CHECK(working.Lock());
      OUTPOST_CHECK(RunBatches(working, result.answers));
      OUTPOST_TRY(const std::vector<DocumentKey> wrong, working.WrongAssumptions());
      if (wrong.empty()) return Finish(working, result);
      foreseen_.insert(foreseen_.end(), wrong.begin(), wrong.end());
    }
  }

 private:
  Status RunBatches(WorkingSet& working, std::vector<SubmissionResult>& answers) {
    std::deque<Batch> batches;
    LoadSet wishes;
    wishes.documents = foreseen_;
    for (const std::size_t i : members_) {
      const Batch& batch = batches.emplace_back(group_[i], context_);
      batch.AddWishes(wishes);
      if (transaction_.is_remote()) batch.AddLikelyWishes(wishes);
    }
    OUTPOST_CHECK(working.Fetch(wishes));
    for (std::size_t i = 0; i < members_.size(); ++i) {
      OUTPOST_TRY(answers[members_[i]], batches[i].Run(working));
    }
    return {};
  }

  Status Finish(WorkingSet& working, GroupResult& result) {
    HeadCursors cursors(workspace_, context_.epoch, working.head(), working.tag());
    for (const std::size_t i : members_) {
      if (auto* response = std::get_if<PushResponse>(&result.answers[i]))
        response->head = cursors.For(group_[i].caller);
    }
    const WriteSet writes = working.TakeWrites();
    Touched touched = TouchedBy(workspace_, writes);
    if (!touched.places.empty()) result.touched.push_back(std::move(touched));
    return transaction_.Apply(workspace_, writes, context_.now);
  }

  WriteTransaction& transaction_;
  const WorkspaceId& workspace_;
  std::span<const Submission> group_;
  const std::vector<std::size_t>& members_;
  const BatchContext& context_;
  std::vector<DocumentKey> foreseen_;  // by an earlier pass
};

}  // namespace

Result<GroupResult> ExecuteTogether(Store& store, std::span<const Submission> group, const BatchContext& context) {
  std::map<WorkspaceId, std::vector<std::size_t>> workspaces;
  for (std::size_t i = 0; i < group.size(); ++i) workspaces[group[i].caller.workspace].push_back(i);
  std::vector<WorkspaceId> names;
  for (const auto& [workspace, members] : workspaces) names.push_back(workspace);
  OUTPOST_TRY(const auto transaction, store.BeginWrite());
  OUTPOST_CHECK(transaction->LockAll(names));
  GroupResult result;
  result.answers.resize(group.size());
  for (const auto& [workspace, members] : workspaces) {
    OUTPOST_CHECK(WorkspaceTurn(*transaction, workspace, group, members, context).Execute(result));
  }
  const Status committed = transaction->Commit();
  if (!committed.ok() && !OUTPOST_MUTANT("answers-though-commit-failed")) return committed.error();
  return result;
}

}  // namespace outpost::server
