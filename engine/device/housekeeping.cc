// What a device remembers, and for how long (O13, O16): the audit trail is written with the transactions it tells of,
// history and trail are shortened in small steps between the exchanges. What is not acknowledged is never touched.
#include "engine/device/device_state.h"

namespace outpost::engine {
namespace {

// Rows removed in one transaction.
constexpr std::int64_t kPurgeStep = 500;
constexpr std::int64_t kPurgeIntervalMs = 60 * 60 * 1000;
// Between two steps while there is more.
constexpr std::int64_t kPurgePauseMs = 1000;
// Not while an application starts.
constexpr std::int64_t kFirstPurgeMs = 60 * 1000;

}  // namespace

Status WriteAudit(DeviceState& state) {
  for (const AuditRow& row : state.audit) OUTPOST_CHECK(state.store->audit().Add(row));
  return {};
}

void FlushAudit(DeviceState& state) {
  if (state.audit.empty() || !state.store_error.empty()) return;
  // The trail is worth no failure: what cannot be written now is told with the next exchange.
  const auto written =
      state.store->Run("write the audit trail", Durability::kNormal, [&] { return WriteAudit(state); });
  if (written.ok() || state.audit.size() > kAuditWaitingMax) state.audit.clear();
}

void Housekeep(DeviceState& state, Timestamp now) {
  if (!state.housekeeping_at || *state.housekeeping_at > now + Milliseconds(kPurgeIntervalMs)) {
    state.housekeeping_at = now + Milliseconds(kFirstPurgeMs);
  }
  if (now < *state.housekeeping_at || !state.store_error.empty()) return;
  std::int64_t removed = 0;
  const auto done = state.store->Run("shorten history", Durability::kNormal, [&]() -> Status {
    const DeviceOptions& keep = state.options;
    OUTPOST_TRY(const std::int64_t rows, state.store->outbox().PurgeHistory(now + Milliseconds(-keep.history_ms),
                                                                            keep.history_rows_max, kPurgeStep));
    // Numbers go on where they were, whatever is left to read them off.
    if (rows > 0) OUTPOST_CHECK(state.store->meta().Set("purged_n", state.last_n.value));
    OUTPOST_TRY(const std::int64_t trail, state.store->audit().Purge(now + Milliseconds(-keep.audit_ms), kPurgeStep));
    removed = std::max(rows, trail);
    return {};
  });
  const bool more = done.ok() && removed >= kPurgeStep;
  state.housekeeping_at = now + Milliseconds(more ? kPurgePauseMs : kPurgeIntervalMs);
}

}  // namespace outpost::engine
