// Whether the database can be reached as the store needs it: a connection is a backend for good, with its settings, its
// prepared statements and its LISTEN. A pooler in transaction mode hands each transaction to whichever backend is free.
#pragma once

#include "server/postgres/connection.h"

namespace outpost::server {

// kRefused: a pooler stands before the database and hands transactions around.
Status CheckPooling(postgres::Connection& connection, const postgres::ConnectionOptions& options);

}  // namespace outpost::server
