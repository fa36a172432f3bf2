#include "server/core/group_execution.h"

#include <deque>
#include <map>

#include "base/mutant.h"
#include "server/core/cursor.h"

namespace outpost::server {
namespace {

// Two that take what nobody foresaw to be absent, then one that looks each document up.
constexpr int kPassesMax = 3;
// From here on a part of a group is worth being stored on its own.
constexpr std::size_t kPartCommandsMin = 96;

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

using Members = std::map<WorkspaceId, std::vector<std::size_t>>;  // submissions of the group, by workspace

// What one attempt leaves to the next.
struct Attempt {
  bool in_parts = true;
  std::map<WorkspaceId, std::vector<DocumentKey>> foreseen;  // documents that a pass met unforeseen
  bool stored_part = false;
};

// The submissions of one workspace, executed in its turn. Large ones are stored part by part while the next are
// computed: the store and this thread then work at the same time.
class WorkspaceTurn {
 public:
  WorkspaceTurn(WriteTransaction& transaction, const WorkspaceId& workspace, std::span<const Submission> group,
                const std::vector<std::size_t>& members, const BatchContext& context, Attempt& attempt)
      : transaction_(transaction),
        workspace_(workspace),
        group_(group),
        members_(members),
        context_(context),
        attempt_(attempt),
        foreseen_(attempt.foreseen[workspace]) {}

  // false: a part that was stored rests on a wrong assumption.
  Result<bool> Execute(GroupResult& result) {
    for (int pass = 1;; ++pass) {
      const bool assume = transaction_.is_remote() && pass < kPassesMax;
      WorkingSet working(transaction_, workspace_, context_.settings.collections,
                         assume ? Unforeseen::kAssumeAbsent : Unforeseen::kLookUp);
      OUTPOST_CHECK(working.Lock());
      OUTPOST_CHECK(RunBatches(working, result));
      OUTPOST_TRY(const std::vector<DocumentKey> wrong, working.WrongAssumptions());
      if (wrong.empty()) {
        OUTPOST_CHECK(Finish(working, result));
        return true;
      }
      foreseen_.insert(foreseen_.end(), wrong.begin(), wrong.end());
      if (attempt_.stored_part) return false;
    }
  }

 private:
  Status RunBatches(WorkingSet& working, GroupResult& result) {
    std::deque<Batch> batches;
    LoadSet wishes;
    wishes.documents = foreseen_;
    for (const std::size_t i : members_) {
      const Batch& batch = batches.emplace_back(group_[i], context_);
      batch.AddWishes(wishes);
      batch.AddLikelyWishes(wishes);
    }
    OUTPOST_CHECK(working.Fetch(wishes));
    for (std::size_t i = 0; i < members_.size(); ++i) {
      OUTPOST_TRY(result.answers[members_[i]], batches[i].Run(working));
      const bool is_part = attempt_.in_parts && i + 1 < members_.size() && working.pending() >= kPartCommandsMin;
      if (is_part) OUTPOST_CHECK(StorePart(working));
    }
    return {};
  }

  Status StorePart(WorkingSet& working) {
    attempt_.stored_part = true;
    WriteSet writes = working.TakeWrites();
    AddTouched(writes, touched_);
    return transaction_.ApplyMeanwhile(workspace_, std::move(writes), context_.now);
  }

  Status Finish(WorkingSet& working, GroupResult& result) {
    HeadCursors cursors(workspace_, context_.epoch, working.head(), working.tag());
    for (const std::size_t i : members_) {
      if (auto* response = std::get_if<PushResponse>(&result.answers[i]))
        response->head = cursors.For(group_[i].caller);
    }
    const WriteSet writes = working.TakeWrites();
    AddTouched(writes, touched_);
    if (!touched_.places.empty()) result.touched.push_back(std::move(touched_));
    return transaction_.Apply(workspace_, writes, context_.now);
  }

  WriteTransaction& transaction_;
  const WorkspaceId& workspace_;
  std::span<const Submission> group_;
  const std::vector<std::size_t>& members_;
  const BatchContext& context_;
  Attempt& attempt_;
  std::vector<DocumentKey>& foreseen_;
  Touched touched_{workspace_, {}, {}};
};

// nullopt: to be begun again, with what is foreseen now.
Result<std::optional<GroupResult>> ExecuteOnce(Store& store, std::span<const Submission> group, const Members& members,
                                               const BatchContext& context, Attempt& attempt) {
  std::vector<WorkspaceId> names;
  for (const auto& [workspace, submissions] : members) names.push_back(workspace);
  OUTPOST_TRY(const auto transaction, store.BeginWrite());
  OUTPOST_CHECK(transaction->LockAll(names));
  GroupResult result;
  result.answers.resize(group.size());
  for (const auto& [workspace, submissions] : members) {
    WorkspaceTurn turn(*transaction, workspace, group, submissions, context, attempt);
    OUTPOST_TRY(const bool done, turn.Execute(result));
    if (!done) return std::optional<GroupResult>();
  }
  const Status committed = transaction->Commit();
  if (!committed.ok() && !OUTPOST_MUTANT("answers-though-commit-failed")) return committed.error();
  return std::optional(std::move(result));
}

// A part wrote as new what was wrongly taken to be absent: the store refuses the row.
bool MayBeAnAssumption(const Attempt& attempt, const Error& error) {
  return attempt.stored_part && error.code != ErrorCode::kBusy && error.code != ErrorCode::kUnavailable;
}

}  // namespace

Result<GroupResult> ExecuteTogether(Store& store, std::span<const Submission> group, const BatchContext& context) {
  Members members;
  for (std::size_t i = 0; i < group.size(); ++i) members[group[i].caller.workspace].push_back(i);
  Attempt attempt;
  auto result = ExecuteOnce(store, group, members, context, attempt);
  if (result.ok() && result.value()) return *std::move(result).value();
  if (!result.ok() && !MayBeAnAssumption(attempt, result.error())) return result.error();
  attempt.in_parts = attempt.stored_part = false;
  OUTPOST_TRY(auto whole, ExecuteOnce(store, group, members, context, attempt));
  OUTPOST_ASSERT(whole);  // nothing is stored before its assumptions are known to be right
  return *std::move(whole);
}

}  // namespace outpost::server
