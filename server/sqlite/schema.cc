#include "server/sqlite/schema.h"

#include <array>
#include <fstream>

#include "server/core/stored_text.h"

namespace outpost::server {
namespace {

// Names (workspaces, authors, families, collections, scopes, devices) are interned: rows carry integers.
constexpr const char* kSchema = R"sql(
CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE workspace(
  workspace INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  head INTEGER NOT NULL DEFAULT 0,          -- the last sequence given out
  outside INTEGER NOT NULL DEFAULT 0,       -- the last number given to a command without a sequence
  purged_below INTEGER NOT NULL DEFAULT 0);
CREATE TABLE author(author INTEGER PRIMARY KEY, workspace INTEGER NOT NULL, name TEXT NOT NULL,
  UNIQUE(workspace, name));
CREATE TABLE family(family INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE shelf(shelf INTEGER PRIMARY KEY, workspace INTEGER NOT NULL, collection TEXT NOT NULL,
  UNIQUE(workspace, collection));           -- a collection of a workspace
CREATE TABLE scope(scope INTEGER PRIMARY KEY, shelf INTEGER NOT NULL, name TEXT NOT NULL, UNIQUE(shelf, name));

-- The change log itself: each document once, at its latest sequence.
CREATE TABLE document(
  position INTEGER PRIMARY KEY,             -- places.h
  shelf INTEGER NOT NULL,
  scope INTEGER NOT NULL,                   -- 0: none
  version INTEGER NOT NULL,
  deleted INTEGER NOT NULL,
  id TEXT NOT NULL,
  body TEXT);                               -- NULL: deleted
CREATE UNIQUE INDEX document_id ON document(shelf, id);
CREATE INDEX document_shelf ON document(shelf);
CREATE INDEX document_scope ON document(scope) WHERE scope > 0;
-- Documents no feed shows: day counters and the like.
CREATE TABLE internal(shelf INTEGER NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, deleted INTEGER NOT NULL,
  body TEXT, PRIMARY KEY(shelf, id)) WITHOUT ROWID;
CREATE TABLE internal_log(entry INTEGER PRIMARY KEY, shelf INTEGER NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL,
  deleted INTEGER NOT NULL, body TEXT);     -- newer than internal, merged into it now and then
CREATE TABLE departed(scope INTEGER NOT NULL, seq INTEGER NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL,
  PRIMARY KEY(scope, seq, id)) WITHOUT ROWID;

-- Keys and commands in one row; the key is stored only where it is not the command's id.
CREATE TABLE command(
  place INTEGER PRIMARY KEY,                -- places.h
  kind INTEGER NOT NULL,                    -- 0: claims its key; 1: only the id is known (alias, burnt before it came)
  id TEXT NOT NULL,
  key TEXT,                                 -- NULL: the same as id
  author INTEGER NOT NULL,
  family INTEGER NOT NULL,
  incarnation INTEGER,
  n INTEGER,
  state INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  http_status INTEGER NOT NULL,
  at INTEGER NOT NULL,                      -- server time in ms, for the purge
  seq INTEGER,                              -- kind 1 only: the sequence of the command it is an alias of
  resource_shelf INTEGER,
  resource_id TEXT,                         -- NULL with a resource_shelf: the same as id
  resource_version INTEGER NOT NULL,
  ids TEXT,                                 -- [["local_…","…"],…]
  fingerprint BLOB NOT NULL);
CREATE INDEX command_id ON command(id);
CREATE UNIQUE INDEX command_key ON command(author, family, key) WHERE kind = 0 AND key IS NOT NULL;
CREATE INDEX command_number ON command(incarnation, n) WHERE n IS NOT NULL;
CREATE INDEX command_own ON command(incarnation) WHERE incarnation IS NOT NULL;
CREATE INDEX command_alias ON command(incarnation, seq) WHERE kind = 1 AND seq IS NOT NULL;
CREATE TABLE outcome(place INTEGER PRIMARY KEY, body TEXT NOT NULL);

CREATE TABLE incarnation(
  incarnation INTEGER PRIMARY KEY,
  workspace INTEGER NOT NULL,
  device TEXT NOT NULL,
  name TEXT NOT NULL,
  highest_n INTEGER NOT NULL DEFAULT 0,
  keys_purged_below INTEGER NOT NULL DEFAULT 0,
  acknowledged INTEGER NOT NULL DEFAULT 0,
  refused INTEGER NOT NULL DEFAULT 0,
  last_seen INTEGER NOT NULL DEFAULT 0,
  last_command TEXT,
  report TEXT,
  UNIQUE(workspace, device, name));
CREATE TABLE sign_in(workspace INTEGER NOT NULL, device TEXT NOT NULL, user TEXT NOT NULL, roles TEXT NOT NULL,
  PRIMARY KEY(workspace, device, user)) WITHOUT ROWID;
CREATE TABLE local_id(workspace INTEGER NOT NULL, device TEXT NOT NULL, local TEXT NOT NULL, id TEXT NOT NULL,
  PRIMARY KEY(workspace, device, local)) WITHOUT ROWID;
)sql";

// From each version to the next. Until the second a terminal spoke for everybody as staff.
constexpr std::array<const char*, kSchemaVersion - 1> kMigrations = {
    R"sql(ALTER TABLE sign_in ADD COLUMN roles TEXT NOT NULL DEFAULT '["staff"]')sql"};

std::uint32_t BigEndian(const char* bytes) {
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i) value = (value << 8) | static_cast<unsigned char>(bytes[i]);
  return value;
}

Error Foreign(const std::string& path) {
  return {ErrorCode::kCorrupt, path + " is not an Outpost store; it was left as it is"};
}

Error Newer(std::int64_t version) {
  return {ErrorCode::kRefused, "the store has schema version " + std::to_string(version) +
                                   ", this program knows up to " + std::to_string(kSchemaVersion) +
                                   ": use the newer release"};
}

Status Create(sqlite::Connection& connection, Random& random) {
  OUTPOST_TRY(auto transaction, sqlite::Transaction::Begin(connection, "create the schema"));
  OUTPOST_CHECK(connection.Execute(kSchema));
  OUTPOST_TRY(auto insert, connection.Prepare("INSERT INTO meta(name, value) VALUES ('epoch', ?1)"));
  const std::string epoch = MakeEpoch(random);
  OUTPOST_CHECK(insert.Bind(1, epoch).Run());
  OUTPOST_CHECK(connection.Execute(("PRAGMA application_id=" + std::to_string(kApplicationId)).c_str()));
  OUTPOST_CHECK(connection.Execute(("PRAGMA user_version=" + std::to_string(kSchemaVersion)).c_str()));
  return transaction.Commit();
}

Status Migrate(sqlite::Connection& connection, std::int64_t version) {
  OUTPOST_TRY(auto transaction, sqlite::Transaction::Begin(connection, "migrate the schema"));
  for (; version < kSchemaVersion; ++version)
    OUTPOST_CHECK(connection.Execute(kMigrations[static_cast<std::size_t>(version - 1)]));
  OUTPOST_CHECK(connection.Execute(("PRAGMA user_version=" + std::to_string(kSchemaVersion)).c_str()));
  return transaction.Commit();
}

}  // namespace

Status CheckFileIsOurs(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return {};
  std::array<char, 100> header{};
  file.read(header.data(), header.size());
  if (file.gcount() == 0) return {};
  if (file.gcount() < static_cast<std::streamsize>(header.size())) return Foreign(path);
  if (std::string_view(header.data(), 16) != std::string_view("SQLite format 3\0", 16)) return Foreign(path);
  const std::uint32_t application = BigEndian(header.data() + 68);
  const std::uint32_t version = BigEndian(header.data() + 60);
  // A creation that was cut short leaves one page with nothing in it but the mark of the write-ahead log.
  const bool empty = BigEndian(header.data() + 28) <= 1 && application == 0 && version == 0;
  if (!empty && application != static_cast<std::uint32_t>(kApplicationId)) return Foreign(path);
  if (version > static_cast<std::uint32_t>(kSchemaVersion)) return Newer(version);
  return {};
}

Status PrepareSchema(sqlite::Connection& connection, Random& random) {
  OUTPOST_TRY(const std::int64_t application, connection.QueryInteger("PRAGMA application_id"));
  OUTPOST_TRY(const std::int64_t version, connection.QueryInteger("PRAGMA user_version"));
  OUTPOST_TRY(const std::int64_t tables, connection.QueryInteger("SELECT count(*) FROM sqlite_schema"));
  if (application == 0 && version == 0 && tables == 0) return Create(connection, random);
  if (application != kApplicationId) return Foreign("the file");
  if (version > kSchemaVersion) return Newer(version);
  if (version < 1) return Foreign("the file");
  return version < kSchemaVersion ? Migrate(connection, version) : Status();
}

}  // namespace outpost::server
