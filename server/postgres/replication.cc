#include "server/postgres/replication.h"

namespace outpost::server {
namespace {

using postgres::Rows;
using postgres::Statement;

constexpr Statement kWritable{"is_writable",
                              "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on'"};
constexpr Statement kBegin{"begin_filling", "BEGIN"};
constexpr Statement kFill{"fill",
                          "INSERT INTO outcome(workspace, place, body) SELECT 0, n, repeat(md5(n::text), 40) "
                          "FROM generate_series(1, 400) n"};
constexpr Statement kRollback{"rollback_filling", "ROLLBACK"};
// The state of a standby is hidden (NULL) from a role without pg_monitor.
constexpr Statement kReplication{
    "replication",
    "SELECT current_setting('synchronous_standby_names') <> '', current_setting('synchronous_commit'), "
    "count(*) FILTER (WHERE sync_state IN ('sync', 'quorum')), count(*) FILTER (WHERE sync_state IS NULL) "
    "FROM pg_stat_replication"};

Error Refused(const std::string& why) {
  return {ErrorCode::kRefused, "durability = \"replicated\" needs a synchronous standby: " + why};
}

}  // namespace

Status CheckWritable(postgres::Connection& connection) {
  OUTPOST_TRY(const Rows rows, connection.Query(kWritable));
  if (rows.Flag(0, 0)) return Error{ErrorCode::kUnavailable, "the database takes no writes"};
  return {};
}

Status CheckRoom(postgres::Connection& connection) {
  connection.Queue(kBegin);
  connection.Queue(kFill);
  connection.Queue(kRollback);
  const auto filled = connection.Run();
  if (filled.ok()) return {};
  // What follows an error is left out, the ROLLBACK too.
  if (connection.alive()) static_cast<void>(connection.Query(kRollback));
  return filled.error();
}

Status CheckReplication(postgres::Connection& connection) {
  OUTPOST_CHECK(CheckWritable(connection));
  OUTPOST_TRY(const Rows rows, connection.Query(kReplication));
  if (!rows.Flag(0, 0)) return Refused("synchronous_standby_names is empty");
  const std::string_view waits = rows.Text(0, 1);
  if (waits != "on" && waits != "remote_apply")
    return Refused("synchronous_commit is " + std::string(waits) + ", not on or remote_apply");
  if (rows.Integer(0, 2) > 0) return {};
  if (rows.Integer(0, 3) > 0) return Refused("the role may not see it; grant it pg_monitor");
  return Refused("none is connected");
}

}  // namespace outpost::server
