// The tables of the server's SQLite store, their version, and the check that a file is one of ours before anything in
// it is touched: a foreign, corrupt or newer file is refused and stays as it is.
#pragma once

#include <string>

#include "base/random.h"
#include "sqlite/connection.h"

namespace outpost::server {

inline constexpr int kSchemaVersion = 2;
inline constexpr int kApplicationId = 0x4f555450;  // "OUTP"

// Reads the first bytes of an existing file without SQLite, which would already write. Ok for a missing or empty file.
Status CheckFileIsOurs(const std::string& path);

// Creates the schema in an empty database; brings an older one up to this version, in one transaction. Makes the epoch
// at creation.
Status PrepareSchema(sqlite::Connection& connection, Random& random);

}  // namespace outpost::server
