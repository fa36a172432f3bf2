#include "engine/store/lease_table.h"

namespace outpost::engine {

Status LeaseTable::Prepare(sqlite::Connection& db) {
  OUTPOST_TRY(read_, db.Prepare("SELECT holder,token,expires_at FROM lease WHERE name='flush'"));
  OUTPOST_TRY(write_,
              db.Prepare("INSERT OR REPLACE INTO lease(name,holder,token,expires_at) VALUES('flush',?1,?2,?3)"));
  return {};
}

Result<std::optional<Lease>> LeaseTable::Read() {
  OUTPOST_TRY(const bool row, read_.Step());
  if (!row) return std::optional<Lease>();
  Lease lease{std::string(read_.Text(0)), read_.Integer(1), Timestamp{read_.Integer(2)}};
  read_.Reset();
  return std::optional<Lease>(std::move(lease));
}

Status LeaseTable::Write(const Lease& lease) {
  return write_.Bind(1, lease.holder).Bind(2, lease.token).Bind(3, lease.expires_at.ms).Run();
}

}  // namespace outpost::engine
