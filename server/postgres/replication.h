// Whether the database keeps what it is asked to: takes writes, and has them on a second machine before it says so.
#pragma once

#include "server/postgres/connection.h"

namespace outpost::server {

// kUnavailable: it is a standby, or set to read only.
Status CheckWritable(postgres::Connection& connection);
// Whether there is room again, after a write found none: more rows than any page has left, rolled back.
Status CheckRoom(postgres::Connection& connection);
// kRefused: not writable, commits do not wait for a standby, or there is none to wait for.
Status CheckReplication(postgres::Connection& connection);

}  // namespace outpost::server
