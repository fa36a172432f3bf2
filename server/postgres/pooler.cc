#include "server/postgres/pooler.h"

namespace outpost::server {
namespace {

using postgres::Statement;

constexpr int kRounds = 3;
constexpr Statement kHold{"pooler_hold", "BEGIN"};
constexpr Statement kRelease{"pooler_release", "ROLLBACK"};
constexpr Statement kAsk{"pooler_ask", "SELECT pg_backend_pid()::bigint"};

}  // namespace

// The backend that is free is the one just used: while another connection holds a transaction on it, this one is given
// a different backend, or an error that says so.
Status CheckPooling(postgres::Connection& connection, const postgres::ConnectionOptions& options) {
  if (!connection.through_pooler()) return {};
  for (int round = 0; round < kRounds; ++round) {
    OUTPOST_TRY(const auto other, postgres::Connection::Open(options));
    OUTPOST_TRY(const auto held, other->Query(kHold));
    OUTPOST_TRY(const auto asked, connection.Query(kAsk));
    OUTPOST_CHECK(connection.CheckBackend(asked.Integer(0, 0)));
    OUTPOST_TRY(const auto released, other->Query(kRelease));
  }
  return {};
}

}  // namespace outpost::server
