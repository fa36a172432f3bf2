// The database the tests of this folder use: OUTPOST_TEST_POSTGRES, which tests/postgres/with_postgres.py provides.
// Each store has a schema of its own in it, gone with the store.
#pragma once

#include <cstdlib>
#include <string>

#include "server/postgres/postgres_store.h"

namespace outpost::server {

inline std::string DatabaseForTest() {
  const char* url = std::getenv("OUTPOST_TEST_POSTGRES");
  OUTPOST_ASSERT(url != nullptr);  // run by tests/postgres/with_postgres.py
  return url;
}

// A name nobody has used.
std::string FreshSchema();
void DropSchema(const std::string& schema);

inline PostgresStoreOptions OptionsForTest(const std::string& schema) {
  PostgresStoreOptions options;
  options.connection.url = DatabaseForTest();
  options.connection.schema = schema;
  return options;
}

}  // namespace outpost::server
