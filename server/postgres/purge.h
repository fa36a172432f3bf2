// One small step of the daily purge, as on SQLite: outcomes, whole keys, tombstones and departures of one workspace,
// oldest first, a bounded number of rows, in one transaction that holds the workspace's lock and also raises what tells
// devices about it (keys_purged_below, purged_below).
#pragma once

#include "server/core/store.h"
#include "server/postgres/connection.h"

namespace outpost::server {

// Purges the first workspace behind `position`, and moves it on when that one has nothing left to remove. False: there
// was no further workspace, and the position is at the beginning again.
Result<bool> PostgresPurgeStep(postgres::Connection& connection, const PurgeBounds& bounds, std::int64_t& position);

}  // namespace outpost::server
