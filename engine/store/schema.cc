#include "engine/store/schema.h"

#include <iterator>
#include <string>

namespace outpost::engine {
namespace {

// Entry i brings version i to version i + 1. Never edited once released, only appended to.
constexpr const char* kMigrations[] = {
    R"sql(
      CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

      -- The outbox and its history. position: order of execution. touched: the documents its rule met, from which the
      -- edges come. sent: it left this device at least once. covered: base holds its effect.
      CREATE TABLE command(
        position INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        incarnation TEXT NOT NULL,
        n INTEGER NOT NULL,
        author TEXT NOT NULL,
        type TEXT NOT NULL,
        payload TEXT NOT NULL,
        key TEXT NOT NULL,
        fingerprint BLOB NOT NULL,
        revision INTEGER NOT NULL DEFAULT 0,
        expected_version INTEGER,
        expected_after TEXT,
        depends_on TEXT NOT NULL DEFAULT '',
        created_at INTEGER NOT NULL,
        traceparent TEXT NOT NULL DEFAULT '',
        touched TEXT NOT NULL,
        resource_collection TEXT,
        resource_id TEXT,
        status INTEGER NOT NULL DEFAULT 0,
        covered INTEGER NOT NULL DEFAULT 0,
        doubtful INTEGER NOT NULL DEFAULT 0,
        sent INTEGER NOT NULL DEFAULT 0,
        attempts INTEGER NOT NULL DEFAULT 0,
        next_attempt_at INTEGER NOT NULL DEFAULT 0,
        updated_at INTEGER NOT NULL,
        seq INTEGER,
        result_version INTEGER NOT NULL DEFAULT 0,
        problem TEXT NOT NULL DEFAULT '');
      CREATE INDEX command_key ON command(key, author) WHERE key <> id;

      -- Base: what the server last said. generation: resyncs write a new one beside the old.
      CREATE TABLE document(
        collection TEXT NOT NULL,
        id TEXT NOT NULL,
        version INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        generation INTEGER NOT NULL,
        body TEXT NOT NULL,
        PRIMARY KEY(collection, id)) WITHOUT ROWID;

      -- What is shown instead of base while commands wait. body NULL: they deleted it.
      CREATE TABLE overlay(
        collection TEXT NOT NULL,
        id TEXT NOT NULL,
        version INTEGER NOT NULL,
        body TEXT,
        PRIMARY KEY(collection, id)) WITHOUT ROWID;
    )sql",
    R"sql(
      -- hidden: gone for people (left the scope, deleted), kept for the commands that wait on it.
      ALTER TABLE document ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0;
      ALTER TABLE overlay ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0;
      CREATE INDEX command_set_aside ON command(status) WHERE status > 1;
    )sql",
    R"sql(
      -- replaces: the command an edit takes the place of. offered: to be offered again unless the feed names it, after
      -- the server lost its store.
      ALTER TABLE command ADD COLUMN replaces TEXT;
      ALTER TABLE command ADD COLUMN offered INTEGER NOT NULL DEFAULT 0;
      CREATE INDEX command_number ON command(incarnation, n);
      CREATE INDEX command_open ON command(position) WHERE status = 0 OR (status = 1 AND covered = 0);

      -- The audit trail: a row per network exchange, per refusal and per user action. What repeats without news
      -- (polls, failures while offline) is counted in its row, until `until`.
      CREATE TABLE exchange(
        id INTEGER PRIMARY KEY,
        at INTEGER NOT NULL,
        until INTEGER NOT NULL,
        times INTEGER NOT NULL DEFAULT 1,
        kind TEXT NOT NULL,
        command TEXT NOT NULL DEFAULT '',
        author TEXT NOT NULL DEFAULT '',
        commands INTEGER NOT NULL DEFAULT 0,
        changes INTEGER NOT NULL DEFAULT 0,
        status INTEGER NOT NULL DEFAULT 0,
        code TEXT NOT NULL DEFAULT '',
        detail TEXT NOT NULL DEFAULT '',
        duration_ms INTEGER NOT NULL DEFAULT 0,
        trace TEXT NOT NULL DEFAULT '');
      CREATE INDEX exchange_at ON exchange(at);
      CREATE INDEX exchange_command ON exchange(command) WHERE command <> '';

      -- Who flushes (one row). token rises with every holder: a holder that was replaced is known by it.
      CREATE TABLE lease(
        name TEXT PRIMARY KEY,
        holder TEXT NOT NULL,
        token INTEGER NOT NULL,
        expires_at INTEGER NOT NULL) WITHOUT ROWID;
    )sql",
};

}  // namespace

Status Migrate(sqlite::Connection& connection) {
  OUTPOST_TRY(const std::int64_t application, connection.QueryInteger("PRAGMA application_id"));
  OUTPOST_TRY(const std::int64_t version, connection.QueryInteger("PRAGMA user_version"));
  OUTPOST_TRY(const std::int64_t tables, connection.QueryInteger("SELECT count(*) FROM sqlite_master"));
  const auto newest = static_cast<std::int64_t>(std::size(kMigrations));
  if (tables > 0 && application != kApplicationId) {
    return Error{ErrorCode::kCorrupt, "the file is a database, but not an Outpost store; it was left as it is"};
  }
  if (version > newest) {
    return Error{ErrorCode::kCorrupt, "the store was written by a newer release (schema " + std::to_string(version) +
                                          ", this one knows " + std::to_string(newest) + "); it was left as it is"};
  }
  for (std::int64_t step = version; step < newest; ++step) {
    OUTPOST_TRY(auto transaction, sqlite::Transaction::Begin(connection, "migrate the store"));
    OUTPOST_CHECK(connection.Execute(kMigrations[step]));
    OUTPOST_CHECK(connection.Execute(("PRAGMA application_id=" + std::to_string(kApplicationId)).c_str()));
    OUTPOST_CHECK(connection.Execute(("PRAGMA user_version=" + std::to_string(step + 1)).c_str()));
    OUTPOST_CHECK(transaction.Commit());
  }
  return {};
}

}  // namespace outpost::engine
