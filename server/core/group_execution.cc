#include "server/core/group_execution.h"

#include <deque>
#include <map>

#include "base/mutant.h"
#include "server/core/cursor.h"

namespace outpost::server {
namespace {

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

// The submissions of one workspace.
Status ExecuteWorkspace(WriteTransaction& transaction, const WorkspaceId& workspace, std::span<const Submission> group,
                        const std::vector<std::size_t>& members, const BatchContext& context,
                        std::vector<SubmissionResult>& answers) {
  WorkingSet working(transaction, workspace, context.settings.collections);
  OUTPOST_CHECK(working.Lock());
  std::deque<Batch> batches;
  Wishes wishes;
  for (const std::size_t i : members) batches.emplace_back(group[i], context).AddWishes(wishes);
  OUTPOST_CHECK(working.LoadKeys(wishes.keys));
  OUTPOST_CHECK(working.LoadCommands(wishes.commands));
  OUTPOST_CHECK(working.LoadDocuments(wishes.documents));
  for (std::size_t i = 0; i < members.size(); ++i) {
    OUTPOST_TRY(answers[members[i]], batches[i].Run(working));
  }
  HeadCursors cursors(workspace, context.epoch, working.head(), working.tag());
  for (const std::size_t i : members) {
    if (auto* response = std::get_if<PushResponse>(&answers[i])) response->head = cursors.For(group[i].caller);
  }
  return transaction.Apply(workspace, working.TakeWrites(), context.now);
}

}  // namespace

Result<std::vector<SubmissionResult>> ExecuteTogether(Store& store, std::span<const Submission> group,
                                                      const BatchContext& context) {
  // In the order of their names: two nodes on one database lock in the same order.
  std::map<WorkspaceId, std::vector<std::size_t>> workspaces;
  for (std::size_t i = 0; i < group.size(); ++i) workspaces[group[i].caller.workspace].push_back(i);
  OUTPOST_TRY(const auto transaction, store.BeginWrite());
  std::vector<SubmissionResult> answers(group.size());
  for (const auto& [workspace, members] : workspaces) {
    OUTPOST_CHECK(ExecuteWorkspace(*transaction, workspace, group, members, context, answers));
  }
  const Status committed = transaction->Commit();
  if (!committed.ok() && !OUTPOST_MUTANT("answers-though-commit-failed")) return committed.error();
  return answers;
}

}  // namespace outpost::server
