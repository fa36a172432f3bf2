// A thin owner of the SQLite C API: connections, prepared statements, transactions; error codes translated once.
// Shared by the device's store and the server's. Prepared statements only: values are bound, never pasted into SQL.
// A connection and its statements belong to one thread at a time.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace outpost::sqlite {

enum class OpenMode { kReadWriteCreate, kReadOnly };

struct OpenOptions {
  std::string path;
  std::string vfs;  // name of a registered VFS; empty: the operating system's
  OpenMode mode = OpenMode::kReadWriteCreate;
  // One process, no shared memory: WAL works over a VFS without xShm (browser, simulator).
  bool exclusive_locking = false;
  int busy_timeout_ms = 5000;
  int page_size_bytes = 4096;
  int cache_kib = 16384;
  int wal_autocheckpoint_pages = 1000;
  // A longer log is cut back to this when it begins anew. -1: it keeps its length.
  std::int64_t wal_kept_bytes = -1;
};

class Statement {
 public:
  Statement() = default;
  Statement(sqlite3* db, sqlite3_stmt* stmt) : db_(db), stmt_(stmt) {}

  // Parameters from 1. Text and blobs are not copied: they must live until Reset or the next Step returns kDone.
  Statement& Bind(int index, std::int64_t value);
  Statement& Bind(int index, std::string_view text);
  Statement& BindBlob(int index, std::string_view bytes);
  Statement& BindReal(int index, double value);
  Statement& BindNull(int index);

  // true: a row is there; false: done (the statement is reset and its bindings stay).
  Result<bool> Step();
  // For statements without rows.
  Status Run();
  void Reset();

  std::int64_t Integer(int column) const { return sqlite3_column_int64(stmt_.get(), column); }
  double Real(int column) const { return sqlite3_column_double(stmt_.get(), column); }
  // SQLITE_INTEGER, SQLITE_FLOAT, SQLITE_TEXT, SQLITE_BLOB or SQLITE_NULL.
  int Type(int column) const { return sqlite3_column_type(stmt_.get(), column); }
  // Valid until the next Step or Reset.
  std::string_view Text(int column) const;
  std::string_view Blob(int column) const;
  bool IsNull(int column) const { return sqlite3_column_type(stmt_.get(), column) == SQLITE_NULL; }

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* stmt) const { sqlite3_finalize(stmt); }
  };
  sqlite3* db_ = nullptr;
  std::unique_ptr<sqlite3_stmt, Finalize> stmt_;
};

class Connection {
 public:
  // Opens in WAL mode. kCorrupt when the file is no database, kBusy when another process holds it, kIo otherwise.
  static Result<Connection> Open(const OpenOptions& options);

  // For statements without parameters or rows: schema and pragmas.
  Status Execute(const char* sql);
  Result<Statement> Prepare(std::string_view sql);
  // First column of the first row; 0 when there is none.
  Result<std::int64_t> QueryInteger(std::string_view sql);

  int changes() const { return sqlite3_changes(db_.get()); }
  bool in_transaction() const { return sqlite3_get_autocommit(db_.get()) == 0; }
  sqlite3* handle() const { return db_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
  };
  std::unique_ptr<sqlite3, Close> db_;
};

// BEGIN IMMEDIATE … COMMIT; rolled back unless committed. `label` names the operation in errors.
class Transaction {
 public:
  static Result<Transaction> Begin(Connection& connection, const char* label);
  Transaction(Transaction&& other) noexcept;
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  Status Commit();

 private:
  Transaction(Connection* connection, const char* label) : connection_(connection), label_(label) {}
  Connection* connection_;
  const char* label_;
};

// Translates the connection's last error.
Error LastError(sqlite3* db, std::string_view during);

}  // namespace outpost::sqlite
