#include "engine/store/audit.h"

namespace outpost::engine {
namespace {

#define OUTPOST_AUDIT_COLUMNS "at,until,times,kind,command,author,commands,changes,status,code,detail,duration_ms,trace"

AuditRow ReadRow(const sqlite::Statement& statement) {
  AuditRow row;
  row.at = Timestamp{statement.Integer(0)};
  row.until = Timestamp{statement.Integer(1)};
  row.times = statement.Integer(2);
  row.kind = statement.Text(3);
  if (!statement.Text(4).empty()) row.command = CommandId(std::string(statement.Text(4)));
  row.author = UserId(std::string(statement.Text(5)));
  row.commands = statement.Integer(6);
  row.changes = statement.Integer(7);
  row.status = static_cast<int>(statement.Integer(8));
  row.code = statement.Text(9);
  row.detail = statement.Text(10);
  row.duration_ms = statement.Integer(11);
  row.trace_id = statement.Text(12);
  return row;
}

}  // namespace

Status AuditTrail::Prepare(sqlite::Connection& db) {
  connection_ = &db;
  OUTPOST_TRY(insert_, db.Prepare("INSERT INTO exchange(" OUTPOST_AUDIT_COLUMNS
                                  ") VALUES(?1,?2,1,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12)"));
  OUTPOST_TRY(last_, db.Prepare("SELECT " OUTPOST_AUDIT_COLUMNS ",id FROM exchange ORDER BY id DESC LIMIT 1"));
  OUTPOST_TRY(repeat_, db.Prepare("UPDATE exchange SET times=times+1,until=?2 WHERE id=?1"));
  OUTPOST_TRY(list_, db.Prepare("SELECT " OUTPOST_AUDIT_COLUMNS " FROM exchange ORDER BY id DESC LIMIT ?1"));
  OUTPOST_TRY(list_command_, db.Prepare("SELECT " OUTPOST_AUDIT_COLUMNS
                                        " FROM exchange WHERE command <> '' AND command=?2 ORDER BY id DESC LIMIT ?1"));
  OUTPOST_TRY(purge_, db.Prepare("DELETE FROM exchange WHERE id IN (SELECT id FROM exchange WHERE at<?1 AND until<?1 "
                                 "ORDER BY at LIMIT ?2)"));
  return {};
}

Result<bool> AuditTrail::Repeat(const AuditRow& row) {
  if (!row.quiet()) return false;
  OUTPOST_TRY(const bool any, last_.Step());
  if (!any) return false;
  const AuditRow last = ReadRow(last_);
  const std::int64_t id = last_.Integer(13);
  last_.Reset();
  const bool same = last.quiet() && last.kind == row.kind && last.code == row.code && last.status == row.status;
  if (same) OUTPOST_CHECK(repeat_.Bind(1, id).Bind(2, row.until.ms).Run());
  return same;
}

Status AuditTrail::Add(const AuditRow& row) {
  OUTPOST_TRY(const bool repeated, Repeat(row));
  if (repeated) return {};
  const std::string command = row.command ? row.command->value : std::string();
  insert_.Bind(1, row.at.ms).Bind(2, row.until.ms).Bind(3, row.kind).Bind(4, command).Bind(5, row.author.value);
  insert_.Bind(6, row.commands).Bind(7, row.changes).Bind(8, std::int64_t{row.status}).Bind(9, row.code);
  insert_.Bind(10, row.detail).Bind(11, row.duration_ms).Bind(12, row.trace_id);
  return insert_.Run();
}

Result<std::vector<AuditRow>> AuditTrail::List(const std::optional<CommandId>& command, std::size_t limit) {
  sqlite::Statement& statement = command ? list_command_ : list_;
  statement.Bind(1, limit == 0 ? std::int64_t{-1} : static_cast<std::int64_t>(limit));
  if (command) statement.Bind(2, command->value);
  std::vector<AuditRow> rows;
  for (;;) {
    OUTPOST_TRY(const bool row, statement.Step());
    if (!row) return rows;
    rows.push_back(ReadRow(statement));
  }
}

Result<std::int64_t> AuditTrail::Purge(Timestamp before, std::int64_t step) {
  OUTPOST_CHECK(purge_.Bind(1, before.ms).Bind(2, step).Run());
  return std::int64_t{connection_->changes()};
}

}  // namespace outpost::engine
