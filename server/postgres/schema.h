// The tables of the PostgreSQL store and their version. Migrations go forward only and are safe when several servers
// start at once: whoever takes the advisory lock first does the work, the others find it done. A schema of a newer
// release, or one that is not ours, is refused and stays as it is.
#pragma once

#include "base/random.h"
#include "protocol/ids.h"
#include "server/postgres/connection.h"

namespace outpost::server {

inline constexpr std::int64_t kPostgresSchemaVersion = 2;

// Creates or migrates the schema the connection was opened with. kRefused: newer, or not Outpost's.
Status PreparePostgresSchema(postgres::Connection& connection, const std::string& schema, Random& random);

Result<Epoch> ReadEpoch(postgres::Connection& connection);
// Another life of the store, unless somebody else was quicker: the epoch that then holds.
Result<Epoch> ReplaceEpoch(postgres::Connection& connection, const Epoch& old, Random& random);

}  // namespace outpost::server
