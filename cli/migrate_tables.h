// What `outpost migrate` moves: for each table of the SQLite store, its rows in the shape of the PostgreSQL store, and
// the same rows read back. Names that the one interns stand as they are in the other.
#pragma once

#include <array>

#include "server/postgres/connection.h"

namespace outpost::cli {

struct MigratedTable {
  const char* name;
  // A letter a column: i integer, t text, b bytes.
  const char* columns;
  const char* source;         // SQLite, in the order of the table's key
  postgres::Statement put;    // an array per column
  postgres::Statement check;  // opens the cursor "moved" over the same rows in the same order
};

const std::array<MigratedTable, 9>& MigratedTables();

}  // namespace outpost::cli
