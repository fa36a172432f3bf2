#include "server/postgres/purge.h"

namespace outpost::server {
namespace {

using postgres::Parameters;
using postgres::Rows;
using postgres::Statement;

constexpr Statement kBegin{"begin_purge", "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"};
constexpr Statement kCommit{"commit_purge", "COMMIT"};
constexpr Statement kRollback{"rollback_purge", "ROLLBACK"};
constexpr Statement kNextWorkspace{
    "next_workspace_to_purge",
    "SELECT workspace, head, purged_below FROM workspace WHERE workspace > $1::bigint ORDER BY workspace LIMIT 1 "
    "FOR UPDATE"};
// Oldest first is upwards among the sequences, downwards among the commands that took none. The row at the head stays:
// it carries the tag of every cursor that is up to date.
constexpr Statement kOldCommands{
    "old_commands",
    "SELECT place, at FROM command WHERE workspace = $1::bigint AND place > $2::bigint AND place < $3::bigint "
    "ORDER BY place LIMIT $4::bigint"};
constexpr Statement kOldCommandsOutside{
    "old_commands_outside",
    "SELECT place, at FROM command WHERE workspace = $1::bigint AND place < 0 ORDER BY place DESC LIMIT $2::bigint"};
constexpr Statement kOldOutcomes{
    "old_outcomes",
    "SELECT o.place, c.at FROM (SELECT place FROM outcome WHERE workspace = $1::bigint AND place > 0 "
    "AND place < $2::bigint ORDER BY place LIMIT $3::bigint) o CROSS JOIN LATERAL "
    "(SELECT at FROM command WHERE workspace = $1::bigint AND place = o.place OFFSET 0) c ORDER BY o.place"};
constexpr Statement kOldOutcomesOutside{
    "old_outcomes_outside",
    "SELECT o.place, c.at FROM (SELECT place FROM outcome WHERE workspace = $1::bigint AND place < 0 "
    "ORDER BY place DESC LIMIT $2::bigint) o CROSS JOIN LATERAL "
    "(SELECT at FROM command WHERE workspace = $1::bigint AND place = o.place OFFSET 0) c ORDER BY o.place DESC"};
// Places $2 to $3, both included.
constexpr Statement kRaiseNumbers{
    "raise_keys_purged_below",
    "UPDATE incarnation i SET keys_purged_below = greatest(i.keys_purged_below, gone.n) FROM "
    "(SELECT incarnation, max(n) AS n FROM command WHERE workspace = $1::bigint "
    "AND place BETWEEN $2::bigint AND $3::bigint AND n IS NOT NULL GROUP BY incarnation) gone "
    "WHERE i.workspace = $1::bigint AND i.incarnation = gone.incarnation"};
constexpr Statement kDropOutcomes{
    "drop_outcomes", "DELETE FROM outcome WHERE workspace = $1::bigint AND place BETWEEN $2::bigint AND $3::bigint"};
constexpr Statement kDropCommands{
    "drop_commands", "DELETE FROM command WHERE workspace = $1::bigint AND place BETWEEN $2::bigint AND $3::bigint"};
// Sequences from $2 on and below $3. The version of a deleted document outlives its tombstone: a document made again
// under its id counts on.
constexpr Statement kKeepVersions{
    "keep_versions",
    "INSERT INTO internal(workspace, collection, id, version, deleted, body) "
    "SELECT workspace, collection, id, version, true, '' FROM document "
    "WHERE workspace = $1::bigint AND seq >= $2::bigint AND seq < $3::bigint AND deleted "
    "ON CONFLICT (workspace, collection, id) DO UPDATE SET version = excluded.version, deleted = true, body = ''"};
constexpr Statement kDropTombstones{
    "drop_tombstones",
    "DELETE FROM document WHERE workspace = $1::bigint AND seq >= $2::bigint AND seq < $3::bigint AND deleted"};
constexpr Statement kDropDepartures{"drop_departures",
                                    "DELETE FROM departed WHERE workspace = $1::bigint AND seq < $2::bigint"};
constexpr Statement kRaisePurged{"raise_purged_below",
                                 "UPDATE workspace SET purged_below = $2::bigint WHERE workspace = $1::bigint"};

class Purge {
 public:
  Purge(postgres::Connection& connection, const PurgeBounds& bounds, const Rows& workspace)
      : connection_(connection),
        bounds_(bounds),
        left_(bounds.rows_max),
        row_(workspace.Integer(0, 0)),
        head_(workspace.Integer(0, 1)),
        purged_below_(workspace.Integer(0, 2)) {}

  Status Run() {
    // Tombstones first: their age is that of their command.
    OUTPOST_CHECK(Tombstones());
    OUTPOST_CHECK(Keys());
    return Outcomes();
  }
  bool exhausted() const { return left_ <= 0; }

 private:
  // First and last place of the leading rows that are older than `before`.
  struct Range {
    std::int64_t first = 0;
    std::int64_t last = 0;
    bool empty = true;
  };
  Result<Range> Older(const Statement& statement, Parameters asked, Timestamp before) {
    Range range;
    if (left_ <= 0) return range;
    OUTPOST_TRY(const Rows rows, connection_.Query(statement, asked.Integer(left_)));
    for (int row = 0; row < rows.size() && rows.Integer(row, 1) < before.ms; ++row) {
      const std::int64_t place = rows.Integer(row, 0);
      range.first = range.empty ? place : std::min(range.first, place);
      range.last = range.empty ? place : std::max(range.last, place);
      range.empty = false;
      --left_;
    }
    return range;
  }
  Parameters Workspace() const { return Parameters().Integer(row_); }
  Parameters Between(const Range& range) const { return Workspace().Integer(range.first).Integer(range.last); }

  Status Tombstones() {
    OUTPOST_TRY(const Range old,
                Older(kOldCommands, Workspace().Integer(purged_below_).Integer(head_ + 1), bounds_.tombstones_before));
    if (old.empty) return {};
    connection_.Queue(kKeepVersions, Workspace().Integer(purged_below_).Integer(old.last));
    connection_.Queue(kDropTombstones, Workspace().Integer(purged_below_).Integer(old.last));
    connection_.Queue(kDropDepartures, Workspace().Integer(old.last));
    connection_.Queue(kRaisePurged, Workspace().Integer(old.last));
    return {};
  }

  Status Keys() {
    OUTPOST_TRY(const Range sequenced, Older(kOldCommands, Workspace().Integer(0).Integer(head_), bounds_.keys_before));
    DropKeys(sequenced);
    OUTPOST_TRY(const Range outside, Older(kOldCommandsOutside, Workspace(), bounds_.keys_before));
    DropKeys(outside);
    return {};
  }
  void DropKeys(const Range& range) {
    if (range.empty) return;
    connection_.Queue(kRaiseNumbers, Between(range));
    connection_.Queue(kDropOutcomes, Between(range));
    connection_.Queue(kDropCommands, Between(range));
  }

  Status Outcomes() {
    OUTPOST_TRY(const Range sequenced, Older(kOldOutcomes, Workspace().Integer(head_), bounds_.outcomes_before));
    if (!sequenced.empty) connection_.Queue(kDropOutcomes, Between(sequenced));
    OUTPOST_TRY(const Range outside, Older(kOldOutcomesOutside, Workspace(), bounds_.outcomes_before));
    if (!outside.empty) connection_.Queue(kDropOutcomes, Between(outside));
    return {};
  }

  postgres::Connection& connection_;
  const PurgeBounds& bounds_;
  std::int64_t left_;
  const std::int64_t row_, head_, purged_below_;
};

Result<bool> Step(postgres::Connection& connection, const PurgeBounds& bounds, std::int64_t& position) {
  connection.Queue(kBegin);
  connection.Queue(kNextWorkspace, Parameters().Integer(position));
  OUTPOST_TRY(const std::vector<Rows> rows, connection.Run());
  const bool found = rows.back().size() > 0;
  bool exhausted = false;
  if (found) {
    Purge purge(connection, bounds, rows.back());
    OUTPOST_CHECK(purge.Run());
    exhausted = purge.exhausted();
  }
  connection.Queue(kCommit);
  OUTPOST_TRY(const std::vector<Rows> ended, connection.Run());
  if (ended.back().tag() != "COMMIT") return Error{ErrorCode::kIo, "the database rolled the purge back"};
  if (!exhausted) position = found ? rows.back().Integer(0, 0) : 0;
  return found;
}

}  // namespace

Result<bool> PostgresPurgeStep(postgres::Connection& connection, const PurgeBounds& bounds, std::int64_t& position) {
  auto more = Step(connection, bounds, position);
  if (more.ok()) return more;
  connection.DropQueued();
  if (connection.alive()) static_cast<void>(connection.Query(kRollback));
  return more;
}

}  // namespace outpost::server
