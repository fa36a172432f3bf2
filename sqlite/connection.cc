#include "sqlite/connection.h"

namespace outpost::sqlite {
namespace {

ErrorCode Translate(int code) {
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return ErrorCode::kBusy;
    case SQLITE_FULL:
      return ErrorCode::kFull;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return ErrorCode::kCorrupt;
    case SQLITE_CONSTRAINT:
      return ErrorCode::kAlreadyExists;
    case SQLITE_CANTOPEN:
      return ErrorCode::kNotFound;
    default:
      return ErrorCode::kIo;
  }
}

}  // namespace

Error LastError(sqlite3* db, std::string_view during) {
  const int code = db != nullptr ? sqlite3_extended_errcode(db) : SQLITE_NOMEM;
  std::string message(during);
  message += ": ";
  message += db != nullptr ? sqlite3_errmsg(db) : "out of memory";
  return {Translate(code), std::move(message)};
}

Statement& Statement::Bind(int index, std::int64_t value) {
  OUTPOST_ASSERT(sqlite3_bind_int64(stmt_.get(), index, value) == SQLITE_OK);
  return *this;
}

Statement& Statement::Bind(int index, std::string_view text) {
  const char* data = text.data() != nullptr ? text.data() : "";
  OUTPOST_ASSERT(sqlite3_bind_text(stmt_.get(), index, data, static_cast<int>(text.size()), SQLITE_STATIC) ==
                 SQLITE_OK);
  return *this;
}

Statement& Statement::BindBlob(int index, std::string_view bytes) {
  const char* data = bytes.data() != nullptr ? bytes.data() : "";
  OUTPOST_ASSERT(sqlite3_bind_blob(stmt_.get(), index, data, static_cast<int>(bytes.size()), SQLITE_STATIC) ==
                 SQLITE_OK);
  return *this;
}

Statement& Statement::BindReal(int index, double value) {
  OUTPOST_ASSERT(sqlite3_bind_double(stmt_.get(), index, value) == SQLITE_OK);
  return *this;
}

Statement& Statement::BindNull(int index) {
  OUTPOST_ASSERT(sqlite3_bind_null(stmt_.get(), index) == SQLITE_OK);
  return *this;
}

Result<bool> Statement::Step() {
  const int code = sqlite3_step(stmt_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    sqlite3_reset(stmt_.get());
    return false;
  }
  Error error = LastError(db_, sqlite3_sql(stmt_.get()));
  sqlite3_reset(stmt_.get());
  return error;
}

Status Statement::Run() {
  OUTPOST_TRY(const bool row, Step());
  if (row) Reset();
  return {};
}

void Statement::Reset() { sqlite3_reset(stmt_.get()); }

std::string_view Statement::Text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(stmt_.get(), column));
  if (text == nullptr) return {};
  return {text, static_cast<std::size_t>(sqlite3_column_bytes(stmt_.get(), column))};
}

std::string_view Statement::Blob(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(stmt_.get(), column));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(stmt_.get(), column))};
}

// SQLite counts every byte it allocates under one mutex of the whole process, unless it is told before its first use
// that nobody asks.
void ForgoMemoryStatistics() { [[maybe_unused]] static const int once = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }

Result<Connection> Connection::Open(const OpenOptions& options) {
  ForgoMemoryStatistics();
  const int flags =
      options.mode == OpenMode::kReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  sqlite3* raw = nullptr;
  const int code = sqlite3_open_v2(options.path.c_str(), &raw, flags | SQLITE_OPEN_NOMUTEX,
                                   options.vfs.empty() ? nullptr : options.vfs.c_str());
  Connection connection;
  connection.db_.reset(raw);
  if (code != SQLITE_OK) return LastError(raw, "open " + options.path);
  sqlite3_busy_timeout(raw, options.busy_timeout_ms);
  if (options.exclusive_locking) OUTPOST_CHECK(connection.Execute("PRAGMA locking_mode=EXCLUSIVE"));
  if (options.mode == OpenMode::kReadWriteCreate) {
    OUTPOST_CHECK(connection.Execute(("PRAGMA page_size=" + std::to_string(options.page_size_bytes)).c_str()));
    OUTPOST_CHECK(connection.Execute("PRAGMA journal_mode=WAL"));
    OUTPOST_CHECK(connection.Execute("PRAGMA synchronous=FULL"));
    OUTPOST_CHECK(connection.Execute("PRAGMA foreign_keys=OFF"));
    OUTPOST_CHECK(
        connection.Execute(("PRAGMA wal_autocheckpoint=" + std::to_string(options.wal_autocheckpoint_pages)).c_str()));
    OUTPOST_CHECK(connection.Execute(("PRAGMA journal_size_limit=" + std::to_string(options.wal_kept_bytes)).c_str()));
  }
  OUTPOST_CHECK(connection.Execute(("PRAGMA cache_size=-" + std::to_string(options.cache_kib)).c_str()));
  OUTPOST_CHECK(connection.Execute("PRAGMA temp_store=MEMORY"));
  return connection;
}

Status Connection::Execute(const char* sql) {
  if (sqlite3_exec(db_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) return LastError(db_.get(), sql);
  return {};
}

Result<Statement> Connection::Prepare(std::string_view sql) {
  sqlite3_stmt* stmt = nullptr;
  const int code = sqlite3_prepare_v3(db_.get(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                      &stmt, nullptr);
  if (code != SQLITE_OK) {
    Error error = LastError(db_.get(), sql);
    // Every statement is a constant of this program: what does not fit are the tables it finds.
    if (code == SQLITE_ERROR) error.code = ErrorCode::kCorrupt;
    return error;
  }
  return Statement(db_.get(), stmt);
}

Result<std::int64_t> Connection::QueryInteger(std::string_view sql) {
  OUTPOST_TRY(Statement statement, Prepare(sql));
  OUTPOST_TRY(const bool row, statement.Step());
  return row ? statement.Integer(0) : 0;
}

Result<Transaction> Transaction::Begin(Connection& connection, const char* label) {
  auto begun = connection.Execute("BEGIN IMMEDIATE");
  if (!begun.ok()) return Error{begun.error().code, std::string(label) + ": " + begun.error().message};
  return Transaction(&connection, label);
}

Transaction::Transaction(Transaction&& other) noexcept
    : connection_(std::exchange(other.connection_, nullptr)), label_(other.label_) {}

Transaction::~Transaction() {
  // After some errors (disk full) SQLite has rolled back by itself.
  if (connection_ != nullptr && connection_->in_transaction()) static_cast<void>(connection_->Execute("ROLLBACK"));
}

Status Transaction::Commit() {
  OUTPOST_ASSERT(connection_ != nullptr);
  auto committed = connection_->Execute("COMMIT");
  if (!committed.ok()) return Error{committed.error().code, std::string(label_) + ": " + committed.error().message};
  connection_ = nullptr;
  return {};
}

}  // namespace outpost::sqlite
