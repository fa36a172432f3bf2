#include "server/sqlite/purge.h"

#include "base/mutant.h"
#include "server/sqlite/places.h"

namespace outpost::server {
namespace {

struct Workspace {
  std::int64_t row = 0;
  std::int64_t head = 0;
  std::int64_t purged_below = 0;
};

// Rows of one workspace are in order of their age within each of the two ranges of places.
struct Range {
  std::int64_t first;
  std::int64_t last;
};

class Purge {
 public:
  Purge(sqlite::Connection& connection, const PurgeBounds& bounds)
      : connection_(connection), bounds_(bounds), left_(bounds.rows_max) {}

  Status Run() {
    OUTPOST_TRY(const std::vector<Workspace> workspaces, Workspaces());
    for (const Workspace& workspace : workspaces) {
      // The row at the head stays: it carries the tag of every cursor that is up to date.
      const Range sequenced{FirstPlace(workspace.row), PlaceOf(workspace.row, workspace.head) - 1};
      const Range outside{PlaceOf(workspace.row, kOutside), LastPlace(workspace.row)};
      // Tombstones first: their age is that of their command.
      OUTPOST_CHECK(Tombstones(workspace));
      for (const Range& range : {sequenced, outside}) {
        OUTPOST_CHECK(Keys(range));
        OUTPOST_CHECK(Outcomes(range));
      }
      if (left_ <= 0) break;
    }
    return {};
  }
  bool exhausted() const { return left_ <= 0; }

 private:
  Result<std::vector<Workspace>> Workspaces() {
    std::vector<Workspace> found;
    OUTPOST_TRY(auto select,
                connection_.Prepare("SELECT workspace, head, purged_below FROM workspace ORDER BY workspace"));
    for (;;) {
      OUTPOST_TRY(const bool more, select.Step());
      if (!more) return found;
      found.push_back({select.Integer(0), select.Integer(1), select.Integer(2)});
    }
  }

  // Last of the rows from the range's start on that are older than `before`; below range.first when there is none.
  Result<std::int64_t> LastOlder(const char* sql, const Range& range, Timestamp before) {
    std::int64_t last = range.first - 1;
    if (left_ <= 0) return last;
    OUTPOST_TRY(auto select, connection_.Prepare(sql));
    select.Bind(1, range.first).Bind(2, range.last).Bind(3, std::int64_t{left_});
    for (;;) {
      OUTPOST_TRY(const bool more, select.Step());
      if (!more || select.Integer(1) >= before.ms) return last;
      last = select.Integer(0);
      --left_;
    }
  }

  Status Remove(const char* sql, std::int64_t first, std::int64_t last) {
    OUTPOST_TRY(auto statement, connection_.Prepare(sql));
    return statement.Bind(1, first).Bind(2, last).Run();
  }

  Status Outcomes(const Range& range) {
    OUTPOST_TRY(const auto last,
                LastOlder("SELECT o.place, c.at FROM outcome o CROSS JOIN command c ON c.place = o.place "
                          "WHERE o.place BETWEEN ?1 AND ?2 ORDER BY o.place LIMIT ?3",
                          range, bounds_.outcomes_before));
    if (last < range.first) return {};
    return Remove("DELETE FROM outcome WHERE place BETWEEN ?1 AND ?2", range.first, last);
  }

  Status Keys(const Range& range) {
    OUTPOST_TRY(const auto last,
                LastOlder("SELECT place, at FROM command WHERE place BETWEEN ?1 AND ?2 ORDER BY place LIMIT ?3", range,
                          bounds_.keys_before));
    if (last < range.first) return {};
    if (!OUTPOST_MUTANT("purge-bound-not-raised"))
      OUTPOST_CHECK(
          Remove("UPDATE incarnation SET keys_purged_below = max(keys_purged_below, gone.n) FROM "
                 "(SELECT incarnation, max(n) AS n FROM command WHERE place BETWEEN ?1 AND ?2 AND n IS NOT NULL "
                 "GROUP BY incarnation) AS gone WHERE incarnation.incarnation = gone.incarnation",
                 range.first, last));
    OUTPOST_CHECK(Remove("DELETE FROM outcome WHERE place BETWEEN ?1 AND ?2", range.first, last));
    return Remove("DELETE FROM command WHERE place BETWEEN ?1 AND ?2", range.first, last);
  }

  Status Tombstones(const Workspace& workspace) {
    const Range range{PlaceOf(workspace.row, workspace.purged_below + 1), PlaceOf(workspace.row, workspace.head)};
    OUTPOST_TRY(const auto last,
                LastOlder("SELECT place, at FROM command WHERE place BETWEEN ?1 AND ?2 ORDER BY place LIMIT ?3", range,
                          bounds_.tombstones_before));
    const std::int64_t seq = last < range.first ? 0 : SequenceOfPlace(last).value;
    if (seq <= workspace.purged_below) return {};
    const std::int64_t first = PositionOf(workspace.row, workspace.purged_below, 0);
    const std::int64_t end = PositionOf(workspace.row, seq, 0) - 1;
    // The version of a deleted document outlives its tombstone: a document made again under its id counts on.
    OUTPOST_CHECK(
        Remove("INSERT OR REPLACE INTO internal(shelf, id, version, deleted, body) "
               "SELECT shelf, id, version, 1, '' FROM document WHERE position BETWEEN ?1 AND ?2 AND deleted = 1",
               first, end));
    OUTPOST_CHECK(Remove("DELETE FROM document WHERE position BETWEEN ?1 AND ?2 AND deleted = 1", first, end));
    OUTPOST_CHECK(
        Remove("DELETE FROM departed WHERE seq < ?2 AND scope IN "
               "(SELECT scope FROM scope JOIN shelf USING(shelf) WHERE workspace = ?1)",
               workspace.row, seq));
    return Remove("UPDATE workspace SET purged_below = ?2 WHERE workspace = ?1", workspace.row, seq);
  }

  sqlite::Connection& connection_;
  const PurgeBounds& bounds_;
  int left_;
};

}  // namespace

Result<bool> PurgeStep(sqlite::Connection& connection, const PurgeBounds& bounds) {
  OUTPOST_TRY(auto transaction, sqlite::Transaction::Begin(connection, "purge"));
  Purge purge(connection, bounds);
  OUTPOST_CHECK(purge.Run());
  OUTPOST_CHECK(transaction.Commit());
  return purge.exhausted();
}

}  // namespace outpost::server
