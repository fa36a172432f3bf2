// The device's store: one SQLite file with the outbox, the documents and the cursor (law 7: one transaction).
// One logical operation = one labelled transaction = one Run. Knows nothing of sync; one caller at a time.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "engine/store/audit.h"
#include "engine/store/documents.h"
#include "engine/store/lease_table.h"
#include "engine/store/meta.h"
#include "engine/store/outbox.h"
#include "engine/store/query_store.h"
#include "sqlite/connection.h"

namespace outpost::engine {

struct StoreOptions {
  std::string path;  // of the database file; its folder must exist
  std::string vfs;   // empty: the operating system's
  bool exclusive_locking = false;
  int cache_kib = 16384;
  int checkpoint_pages = 1000;  // a log of that many is moved into the database
};

// What a person did must survive a power cut; what the server said can be fetched again.
enum class Durability { kFull, kNormal };

class DeviceStore {
 public:
  // kCorrupt: damaged, foreign, or written by a newer release. The file is left as it is.
  static Result<std::unique_ptr<DeviceStore>> Open(const StoreOptions& options);

  // Runs `body` in one transaction; rolls back when it fails. `label` names the operation in errors.
  Status Run(const char* label, Durability durability, const std::function<Status()>& body);

  // Empties every table, overwriting what was there: the store is as new.
  Status Wipe();
  // Moves when another connection has written to the file.
  Result<std::int64_t> DataVersion();

  Meta& meta() { return meta_; }
  Outbox& outbox() { return outbox_; }
  Documents& documents() { return documents_; }
  QueryStore& queries() { return queries_; }
  AuditTrail& audit() { return audit_; }
  LeaseTable& lease() { return lease_; }

 private:
  explicit DeviceStore(sqlite::Connection connection) : connection_(std::move(connection)) {}

  sqlite::Connection connection_;
  Durability durability_ = Durability::kFull;
  Meta meta_;
  Outbox outbox_;
  Documents documents_;
  QueryStore queries_;
  AuditTrail audit_;
  LeaseTable lease_;
  sqlite::Statement data_version_;
};

}  // namespace outpost::engine
