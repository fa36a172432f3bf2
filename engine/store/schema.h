// The device's schema and its migrations: forward only, in one transaction each. A store written by an older release is
// brought up to date with its pending commands; one written by a newer release is refused and left alone.
#pragma once

#include "sqlite/connection.h"

namespace outpost::engine {

// Marks our files (PRAGMA application_id), so that a foreign database is never taken for a store.
inline constexpr int kApplicationId = 0x4f757450;  // "OutP"

Status Migrate(sqlite::Connection& connection);

}  // namespace outpost::engine
