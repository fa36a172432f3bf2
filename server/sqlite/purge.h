// One small step of the daily purge: outcomes, whole keys, tombstones and departures, oldest first, a bounded number of
// rows, in one transaction that also raises what tells devices about it (keys_purged_below, purged_below).
#pragma once

#include "server/core/store.h"
#include "sqlite/connection.h"

namespace outpost::server {

// true: there is more to remove.
Result<bool> PurgeStep(sqlite::Connection& connection, const PurgeBounds& bounds);

}  // namespace outpost::server
