#include "server/postgres/schema.h"

#include <array>

#include "server/core/stored_text.h"

namespace outpost::server {
namespace {

using postgres::Parameters;
using postgres::Statement;

// The workspace stands first in every key: a workspace's rows lie together, and a distributed PostgreSQL can spread the
// tables by it. Texts compare by bytes ("C"): ids are ASCII, and lists page by them.
constexpr const char* kFirst = R"sql(
CREATE TABLE meta(name text PRIMARY KEY, value text NOT NULL);
-- Jobs that run once across the servers. Times in ms; NULL: not yet.
CREATE TABLE job(name text PRIMARY KEY, version bigint NOT NULL, holder text NOT NULL, lease_until bigint NOT NULL,
  started bigint, finished bigint, result text NOT NULL, steps bigint NOT NULL, runs bigint NOT NULL, next bigint NOT NULL);
CREATE TABLE workspace(
  workspace bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text COLLATE "C" NOT NULL UNIQUE,
  head bigint NOT NULL DEFAULT 0,           -- the last sequence given out
  head_command text NOT NULL DEFAULT '',    -- the command that took it
  outside bigint NOT NULL DEFAULT 0,        -- how many commands took none
  purged_below bigint NOT NULL DEFAULT 0) WITH (fillfactor = 50);

-- The change log itself: each document once, at its latest sequence.
CREATE TABLE document(
  workspace bigint NOT NULL,
  collection text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  seq bigint NOT NULL,
  ordinal integer NOT NULL,                 -- its place among the documents of one command
  deleted boolean NOT NULL,
  scope text COLLATE "C" NOT NULL,          -- empty: none
  body text NOT NULL,                       -- empty: deleted
  PRIMARY KEY(workspace, collection, id));
CREATE INDEX document_feed ON document(workspace, seq, ordinal);
CREATE INDEX document_collection ON document(workspace, collection, seq, ordinal);
CREATE INDEX document_scope ON document(workspace, collection, scope, seq, ordinal) WHERE scope <> '';
CREATE TABLE departed(
  workspace bigint NOT NULL,
  collection text COLLATE "C" NOT NULL,
  scope text COLLATE "C" NOT NULL,
  seq bigint NOT NULL,
  id text COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  PRIMARY KEY(workspace, collection, scope, seq, id));
-- Documents no feed shows (day counters and the like), and the versions of purged tombstones.
CREATE TABLE internal(
  workspace bigint NOT NULL,
  collection text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  deleted boolean NOT NULL,
  body text NOT NULL,
  PRIMARY KEY(workspace, collection, id));

-- Keys and commands in one row; the key is stored only where it is not the command's id.
CREATE TABLE command(
  workspace bigint NOT NULL,
  place bigint NOT NULL,                    -- its sequence; below 0: took none, numbered downwards
  claims boolean NOT NULL,                  -- false: only the id is known (alias, burnt before it came)
  id text COLLATE "C" NOT NULL,
  key text COLLATE "C",                     -- NULL: the same as id
  author text COLLATE "C" NOT NULL,
  family text COLLATE "C" NOT NULL,
  incarnation bigint,
  n bigint,
  state smallint NOT NULL,
  revision bigint NOT NULL,
  http_status smallint NOT NULL,
  at bigint NOT NULL,                       -- server time in ms, for the purge
  alias_of bigint,                          -- the sequence of the command it is an alias of
  resource_collection text COLLATE "C",
  resource_id text COLLATE "C",             -- NULL with a resource_collection: the same as id
  resource_version bigint NOT NULL,
  ids text,                                 -- [["local_…","…"],…]
  fingerprint bytea NOT NULL,
  PRIMARY KEY(workspace, place));
CREATE INDEX command_id ON command(workspace, id);
CREATE UNIQUE INDEX command_key ON command(workspace, key, author, family) WHERE claims AND key IS NOT NULL;
CREATE INDEX command_number ON command(workspace, incarnation, n) WHERE n IS NOT NULL;
CREATE INDEX command_own ON command(workspace, incarnation, place) WHERE incarnation IS NOT NULL;
CREATE INDEX command_alias ON command(workspace, incarnation, alias_of) WHERE alias_of IS NOT NULL;
CREATE TABLE outcome(workspace bigint NOT NULL, place bigint NOT NULL, body text NOT NULL, PRIMARY KEY(workspace, place));

CREATE TABLE incarnation(
  workspace bigint NOT NULL,
  incarnation bigint GENERATED ALWAYS AS IDENTITY,
  device text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  highest_n bigint NOT NULL DEFAULT 0,
  keys_purged_below bigint NOT NULL DEFAULT 0,
  acknowledged bigint NOT NULL DEFAULT 0,
  refused bigint NOT NULL DEFAULT 0,
  last_seen bigint NOT NULL DEFAULT 0,
  last_command text,
  report text,
  PRIMARY KEY(workspace, device, name),
  UNIQUE(workspace, incarnation)) WITH (fillfactor = 70);
CREATE TABLE sign_in(workspace bigint NOT NULL, device text COLLATE "C" NOT NULL, author text COLLATE "C" NOT NULL,
  PRIMARY KEY(workspace, device, author));
CREATE TABLE local_id(workspace bigint NOT NULL, device text COLLATE "C" NOT NULL, local text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL, PRIMARY KEY(workspace, device, local));
)sql";

// Until then a terminal spoke for everybody as staff.
constexpr const char* kSignInRoles = R"sql(ALTER TABLE sign_in ADD COLUMN roles text NOT NULL DEFAULT '["staff"]')sql";

// One script a version, from the first; the next release appends.
constexpr std::array<const char*, kPostgresSchemaVersion> kMigrations = {kFirst, kSignInRoles};

constexpr Statement kBegin{"begin", "BEGIN"};
constexpr Statement kCommit{"commit", "COMMIT"};
constexpr Statement kRollback{"rollback", "ROLLBACK"};
// Another server that starts may be creating the schema: waiting takes as long as its work does.
constexpr Statement kPatient{"schema_patient", "SET LOCAL lock_timeout = 0"};
// One lock per database and schema; held to the end of the transaction.
constexpr Statement kLock{"schema_lock",
                          "SELECT pg_advisory_xact_lock(hashtextextended('outpost schema ' || $1::text, 0))"};
constexpr Statement kNamespace{"schema_namespace", "SELECT count(*) FROM pg_namespace WHERE nspname = $1::text"};
constexpr Statement kTables{"schema_tables",
                            "SELECT count(*), count(*) FILTER (WHERE tablename = 'meta') FROM pg_tables "
                            "WHERE schemaname = $1::text"};
constexpr Statement kVersion{"schema_version", "SELECT value::bigint FROM meta WHERE name = 'schema'"};
constexpr Statement kPutMeta{"put_meta",
                             "INSERT INTO meta(name, value) VALUES ($1::text, $2::text) "
                             "ON CONFLICT (name) DO UPDATE SET value = excluded.value"};
constexpr Statement kEpoch{"epoch", "SELECT value FROM meta WHERE name = 'epoch'"};
constexpr Statement kReplaceEpoch{"replace_epoch",
                                  "UPDATE meta SET value = $2::text WHERE name = 'epoch' AND value = $1::text"};

// Version of what is there; 0: nothing yet.
Result<std::int64_t> FindVersion(postgres::Connection& connection, const std::string& schema) {
  OUTPOST_TRY(const auto tables, connection.Query(kTables, Parameters().Text(schema)));
  if (tables.Integer(0, 0) == 0) return std::int64_t{0};
  if (tables.Integer(0, 1) == 0)
    return Error{ErrorCode::kRefused, "the schema " + schema + " holds tables that are not Outpost's"};
  OUTPOST_TRY(const auto version, connection.Query(kVersion));
  if (version.size() == 0) return Error{ErrorCode::kRefused, "the schema " + schema + " is not Outpost's"};
  return version.Integer(0, 0);
}

Status MigrateLocked(postgres::Connection& connection, const std::string& schema, Random& random) {
  OUTPOST_TRY(const std::int64_t found, FindVersion(connection, schema));
  if (found > kPostgresSchemaVersion) {
    return Error{ErrorCode::kRefused, "the database has schema version " + std::to_string(found) +
                                          ", this program knows up to " + std::to_string(kPostgresSchemaVersion) +
                                          ": use the newer release"};
  }
  for (std::int64_t version = found; version < kPostgresSchemaVersion; ++version)
    OUTPOST_CHECK(connection.Execute(kMigrations[static_cast<std::size_t>(version)]));
  if (found == kPostgresSchemaVersion) return {};
  const std::string reached = std::to_string(kPostgresSchemaVersion);
  connection.Queue(kPutMeta, Parameters().Text("schema").Text(reached));
  if (found == 0) connection.Queue(kPutMeta, Parameters().Text("epoch").Text(MakeEpoch(random)));
  OUTPOST_TRY(const auto stored, connection.Run());
  static_cast<void>(stored);
  return {};
}

}  // namespace

Status PreparePostgresSchema(postgres::Connection& connection, const std::string& schema, Random& random) {
  connection.Queue(kBegin);
  connection.Queue(kPatient);
  connection.Queue(kLock, Parameters().Text(schema));
  connection.Queue(kNamespace, Parameters().Text(schema));
  OUTPOST_TRY(const auto locked, connection.Run());
  Status migrated;
  // A role that may not create schemas is given one.
  if (locked.back().Integer(0, 0) == 0) migrated = connection.Execute("CREATE SCHEMA " + connection.Quoted(schema));
  if (migrated.ok()) migrated = MigrateLocked(connection, schema, random);
  const auto ended = connection.Query(migrated.ok() ? kCommit : kRollback);
  if (!migrated.ok()) return migrated;
  return ended.ok() ? Status() : Status(ended.error());
}

Result<Epoch> ReadEpoch(postgres::Connection& connection) {
  OUTPOST_TRY(const auto rows, connection.Query(kEpoch));
  if (rows.size() == 0) return Error{ErrorCode::kCorrupt, "the store has no epoch"};
  return Epoch(rows.String(0, 0));
}

Result<Epoch> ReplaceEpoch(postgres::Connection& connection, const Epoch& old, Random& random) {
  OUTPOST_TRY(const auto updated,
              connection.Query(kReplaceEpoch, Parameters().Text(old.value).Text(MakeEpoch(random))));
  static_cast<void>(updated);
  return ReadEpoch(connection);
}

}  // namespace outpost::server
