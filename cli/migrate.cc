#include "cli/migrate.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "base/sha256.h"
#include "cli/data_directory.h"
#include "cli/environment.h"
#include "cli/migrate_tables.h"
#include "server/postgres/schema.h"
#include "server/sqlite/schema.h"

namespace outpost::cli {
namespace {

using postgres::Parameters;
using postgres::Rows;
using postgres::Statement;

constexpr std::size_t kRowsMax = 2000;       // of one statement
constexpr std::size_t kBytesMax = 8u << 20;  // of one statement
constexpr std::chrono::minutes kAnswerTimeMax{60};

constexpr Statement kBegin{"begin_migration", "BEGIN"};
constexpr Statement kUnhurried{"unhurried_migration", "SET LOCAL idle_in_transaction_session_timeout = 0"};
constexpr Statement kTaken{"migration_target_taken", "SELECT count(*) FROM workspace"};
constexpr Statement kSetEpoch{"migrate_epoch", "UPDATE meta SET value = $1::text WHERE name = 'epoch'"};
constexpr Statement kWorkspaceNumbers{"migrate_workspace_numbers",
                                      "SELECT setval(pg_get_serial_sequence('workspace', 'workspace'), (SELECT "
                                      "coalesce(max(workspace), 0) + 1 FROM workspace), false)"};
constexpr Statement kDeviceNumbers{"migrate_device_numbers",
                                   "SELECT setval(pg_get_serial_sequence('incarnation', 'incarnation'), (SELECT "
                                   "coalesce(max(incarnation), 0) + 1 FROM incarnation), false)"};
constexpr Statement kFetch{"fetch_moved", "FETCH 2000 FROM moved"};
constexpr Statement kClose{"close_moved", "CLOSE moved"};
constexpr Statement kCommit{"commit_migration", "COMMIT"};

struct MigrateOptions {
  std::string from;
  std::string to;
  std::string schema = "outpost";
};

// Rows in their order, as one number: both sides are read into the same.
class Checksum {
 public:
  void AddNull() { hash_.Update("n"); }
  void AddInteger(std::int64_t value) { Add('i', std::to_string(value)); }
  void Add(char type, std::string_view bytes) {
    bytes_ = type + std::to_string(bytes.size()) + ':';
    hash_.Update(bytes_);
    hash_.Update(bytes);
  }
  void EndRow() { ++rows_; }
  std::int64_t rows() const { return rows_; }
  Digest Finish() { return hash_.Finish(); }

 private:
  Sha256 hash_;
  std::string bytes_;
  std::int64_t rows_ = 0;
};

// The arrays of one INSERT.
class Chunk {
 public:
  explicit Chunk(const char* columns) : columns_(columns) { Clear(); }

  void Add(const sqlite::Statement& row, Checksum& sum) {
    for (int i = 0; columns_[i] != '\0'; ++i) {
      postgres::Array& array = *arrays_[static_cast<std::size_t>(i)];
      if (row.IsNull(i)) {
        array.AddNull();
        sum.AddNull();
      } else if (columns_[i] == 'i') {
        array.AddInteger(row.Integer(i));
        sum.AddInteger(row.Integer(i));
      } else {
        const std::string_view bytes = columns_[i] == 'b' ? row.Blob(i) : row.Text(i);
        array.Add(bytes);
        sum.Add(columns_[i], bytes);
        bytes_ += bytes.size();
      }
    }
    sum.EndRow();
    ++rows_;
  }
  bool full() const { return rows_ >= kRowsMax || bytes_ >= kBytesMax; }
  bool empty() const { return rows_ == 0; }
  Parameters Take() {
    Parameters parameters;
    for (const auto& array : arrays_) parameters.Add(*array);
    Clear();
    return parameters;
  }

 private:
  void Clear() {
    arrays_.clear();
    for (const char* column = columns_; *column != '\0'; ++column) {
      if (*column == 'i') {
        arrays_.push_back(std::make_unique<postgres::Integers>());
      } else if (*column == 'b') {
        arrays_.push_back(std::make_unique<postgres::Bytes>());
      } else {
        arrays_.push_back(std::make_unique<postgres::Texts>());
      }
    }
    rows_ = bytes_ = 0;
  }

  const char* columns_;
  std::vector<std::unique_ptr<postgres::Array>> arrays_;
  std::size_t rows_ = 0, bytes_ = 0;
};

Result<Checksum> Copy(sqlite::Connection& from, postgres::Connection& to, const MigratedTable& table) {
  OUTPOST_TRY(auto rows, from.Prepare(table.source));
  Checksum sum;
  Chunk chunk(table.columns);
  for (;;) {
    OUTPOST_TRY(const bool more, rows.Step());
    if (more) chunk.Add(rows, sum);
    if (chunk.full() || (!more && !chunk.empty())) {
      OUTPOST_TRY(const Rows put, to.Query(table.put, chunk.Take()));
      static_cast<void>(put);
    }
    if (!more) return sum;
  }
}

Result<Checksum> ReadBack(postgres::Connection& to, const MigratedTable& table) {
  Checksum sum;
  OUTPOST_TRY(const Rows opened, to.Query(table.check));
  for (;;) {
    OUTPOST_TRY(const Rows rows, to.Query(kFetch));
    for (int row = 0; row < rows.size(); ++row) {
      for (int i = 0; table.columns[i] != '\0'; ++i) {
        if (rows.IsNull(row, i)) {
          sum.AddNull();
        } else if (table.columns[i] == 'i') {
          sum.AddInteger(rows.Integer(row, i));
        } else {
          sum.Add(table.columns[i], rows.Text(row, i));
        }
      }
      sum.EndRow();
    }
    if (rows.size() == 0) break;
  }
  OUTPOST_TRY(const Rows closed, to.Query(kClose));
  static_cast<void>(opened);
  static_cast<void>(closed);
  return sum;
}

Status MoveTable(sqlite::Connection& from, postgres::Connection& to, const MigratedTable& table) {
  OUTPOST_TRY(Checksum sent, Copy(from, to, table));
  OUTPOST_TRY(Checksum found, ReadBack(to, table));
  const std::string sum = ToHex(sent.Finish());
  if (sent.rows() != found.rows() || sum != ToHex(found.Finish())) {
    return Error{ErrorCode::kCorrupt, std::string(table.name) + ": " + std::to_string(sent.rows()) + " rows sent, " +
                                          std::to_string(found.rows()) + " found, or other ones; nothing was kept"};
  }
  std::printf("%-20s %10lld  %s\n", table.name, static_cast<long long>(sent.rows()), sum.substr(0, 16).c_str());
  return {};
}

Status Move(sqlite::Connection& from, postgres::Connection& to) {
  to.Queue(kBegin);
  to.Queue(kUnhurried);
  to.Queue(kTaken);
  OUTPOST_TRY(const std::vector<Rows> begun, to.Run());
  if (begun.back().Integer(0, 0) > 0)
    return Error{ErrorCode::kAlreadyExists, "the database holds workspaces already: migrate into an empty schema"};
  for (const MigratedTable& table : MigratedTables()) OUTPOST_CHECK(MoveTable(from, to, table));
  OUTPOST_TRY(auto epoch, from.Prepare("SELECT value FROM meta WHERE name = 'epoch'"));
  OUTPOST_TRY(const bool found, epoch.Step());
  if (!found) return Error{ErrorCode::kCorrupt, "the store has no epoch"};
  to.Queue(kSetEpoch, Parameters().Text(epoch.Text(0)));
  to.Queue(kWorkspaceNumbers);
  to.Queue(kDeviceNumbers);
  to.Queue(kCommit);
  OUTPOST_TRY(const std::vector<Rows> ended, to.Run());
  if (ended.back().tag() != "COMMIT") return Error{ErrorCode::kIo, "the database rolled the migration back"};
  std::printf("epoch %s\n", std::string(epoch.Text(0)).c_str());
  return {};
}

Status Migrate(const MigrateOptions& options) {
  const std::string file = options.from + "/" + kStoreFile;
  std::error_code error;
  if (!std::filesystem::exists(file, error)) return Error{ErrorCode::kNotFound, "there is no store in " + options.from};
  OUTPOST_CHECK(server::CheckFileIsOurs(file));
  OUTPOST_TRY(const DirectoryLock lock, DirectoryLock::Take(options.from));
  OUTPOST_TRY(auto from, OpenBeside(file));
  OUTPOST_TRY(const std::int64_t version, from.QueryInteger("PRAGMA user_version"));
  if (version < server::kSchemaVersion) {
    return Error{ErrorCode::kRefused,
                 "an older release wrote this store: serve it once with this one, which brings it up to date"};
  }
  OUTPOST_CHECK(from.Execute("BEGIN"));
  postgres::ConnectionOptions connection;
  connection.url = options.to;
  connection.schema = options.schema;
  connection.answer_time_max = kAnswerTimeMax;
  connection.report = [](const std::string& text) { std::fprintf(stderr, "outpost migrate: %s\n", text.c_str()); };
  OUTPOST_TRY(const auto to, postgres::Connection::Open(connection));
  Random random(Entropy());
  OUTPOST_CHECK(server::PreparePostgresSchema(*to, options.schema, random));
  // Rows are compared in the order of their keys: for that, sorting a table is allowed.
  OUTPOST_CHECK(to->Execute("SET enable_seqscan = on"));
  return Move(from, *to);
}

}  // namespace

void RegisterMigrate(CLI::App& app, std::function<int()>& run) {
  auto options = std::make_shared<MigrateOptions>();
  CLI::App* migrate = app.add_subcommand("migrate", "Move a data directory's store to PostgreSQL");
  migrate->add_option("--from", options->from, "The server's data directory; no server may be running on it")
      ->required();
  migrate->add_option("--to", options->to, "URL of the PostgreSQL database")->required();
  migrate->add_option("--schema", options->schema, "Schema of the tables, made when it is not there")
      ->capture_default_str();
  migrate->callback([options, &run] {
    run = [options] {
      const Status moved = Migrate(*options);
      if (moved.ok()) return 0;
      std::fprintf(stderr, "outpost migrate: %s\n", moved.error().message.c_str());
      return 1;
    };
  });
}

}  // namespace outpost::cli
