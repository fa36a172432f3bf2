#include "server/postgres/write_transaction.h"

#include <algorithm>

namespace outpost::server {
namespace {

using postgres::Parameters;
using postgres::Rows;
using postgres::Statement;
using postgres::Texts;

constexpr Statement kBegin{"begin_write", "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"};
// LockRows stands above the sort: rows are locked in the order of their names.
constexpr Statement kLock{"lock_workspaces",
                          "SELECT name, workspace, head, outside, purged_below, head_command FROM workspace "
                          "WHERE name = any($1::text[]) ORDER BY name FOR UPDATE"};
constexpr Statement kCreate{"create_workspaces",
                            "INSERT INTO workspace(name) SELECT u.name FROM unnest($1::text[]) u(name) ORDER BY 1 "
                            "ON CONFLICT (name) DO NOTHING"};
constexpr Statement kState{
    "database_state",
    "SELECT value, current_setting('synchronous_standby_names') <> '' "
    "AND current_setting('synchronous_commit') IN ('on', 'remote_apply'), pg_backend_pid()::bigint "
    "FROM meta WHERE name = 'epoch'"};
constexpr Statement kCommit{"commit_write", "COMMIT"};
constexpr Statement kRollback{"rollback_write", "ROLLBACK"};

}  // namespace

PostgresWorkspace& PostgresWrite::Locked(const WorkspaceId& workspace) {
  const auto found = locked_.find(workspace);
  OUTPOST_ASSERT(found != locked_.end());  // Lock comes first
  return found->second;
}

Result<DatabaseState> PostgresWrite::Lock(std::span<const WorkspaceId> workspaces) {
  Texts names;
  for (const WorkspaceId& workspace : workspaces) names.Add(workspace.value);
  const Parameters wanted = Parameters().Add(names);
  if (!begun_) connection_.QueueReplanning();
  if (!begun_) connection_.Queue(kBegin);
  begun_ = true;
  connection_.Queue(kLock, wanted);
  connection_.Queue(kState);
  OUTPOST_TRY(std::vector<Rows> rows, connection_.Run());
  const auto missing = static_cast<int>(workspaces.size()) - rows[rows.size() - 2].size();
  if (missing == 0) return ReadLocked(rows);
  // Rows that exist are locked already: a server that waits here for another's new row holds nothing that one lacks.
  connection_.Queue(kCreate, wanted);
  connection_.Queue(kLock, wanted);
  connection_.Queue(kState);
  OUTPOST_TRY(rows, connection_.Run());
  return ReadLocked(rows);
}

Result<DatabaseState> PostgresWrite::ReadLocked(const std::vector<Rows>& rows) {
  const Rows& workspaces = rows[rows.size() - 2];
  for (int row = 0; row < workspaces.size(); ++row) {
    PostgresWorkspace locked;
    locked.row = workspaces.Integer(row, 1);
    locked.head.head = Sequence(workspaces.Integer(row, 2));
    locked.outside = workspaces.Integer(row, 3);
    locked.head.purged_below = Sequence(workspaces.Integer(row, 4));
    locked.head_command = workspaces.String(row, 5);
    if (!locked.head_command.empty()) locked.head.tag = TagOf(CommandId(locked.head_command), locked.head.head);
    locked_.insert_or_assign(WorkspaceId(workspaces.String(row, 0)), std::move(locked));
  }
  if (rows.back().size() == 0) return Error{ErrorCode::kCorrupt, "the store has no epoch"};
  OUTPOST_CHECK(connection_.CheckBackend(rows.back().Integer(0, 2)));
  return DatabaseState{Epoch(rows.back().String(0, 0)), rows.back().Flag(0, 1)};
}

Status PostgresWrite::Commit() {
  if (!begun_) return {};
  connection_.TakeWarnings();
  connection_.Queue(kCommit);
  OUTPOST_TRY(const std::vector<Rows> rows, connection_.Run());
  begun_ = false;
  if (rows.back().tag() != "COMMIT") return Error{ErrorCode::kIo, "the database rolled the transaction back"};
  // A commit warns of one thing: that it did not wait for its standby.
  if (connection_.TakeWarnings() > 0)
    return Error{ErrorCode::kUnavailable, "the commit is not known to be on a second machine"};
  return {};
}

Status PostgresWrite::ApplyMeanwhile(PostgresWorkspace& workspace, const WriteSet& writes, Timestamp now) {
  OUTPOST_CHECK(Apply(workspace, writes, now));
  return connection_.Send();
}

void PostgresWrite::Rollback() {
  connection_.DropQueued();
  if (!begun_ || !connection_.alive()) return;
  begun_ = false;
  // What is under way may fail, and would take what is sent in the same breath with it.
  if (connection_.under_way()) static_cast<void>(connection_.Run());
  if (!connection_.alive()) return;
  static_cast<void>(connection_.Query(kRollback));
}

}  // namespace outpost::server
