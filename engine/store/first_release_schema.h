// For tests: the store's schema as the first release wrote it. Never changed with the present one, so that a test which
// opens such a store fails when its migration does.
#pragma once

namespace outpost::engine {

inline constexpr const char* kFirstReleaseSchema = R"sql(
  CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
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
  CREATE TABLE document(
    collection TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY(collection, id)) WITHOUT ROWID;
  CREATE TABLE overlay(
    collection TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    body TEXT,
    PRIMARY KEY(collection, id)) WITHOUT ROWID;
)sql";

}  // namespace outpost::engine
