#include "engine/store/device_store.h"

#include "engine/store/schema.h"

namespace outpost::engine {

Result<std::unique_ptr<DeviceStore>> DeviceStore::Open(const StoreOptions& options) {
  sqlite::OpenOptions open;
  open.path = options.path;
  open.vfs = options.vfs;
  open.exclusive_locking = options.exclusive_locking;
  open.cache_kib = options.cache_kib;
  open.wal_autocheckpoint_pages = options.checkpoint_pages;
  OUTPOST_TRY(sqlite::Connection connection, sqlite::Connection::Open(open));
  OUTPOST_CHECK(Migrate(connection));
  std::unique_ptr<DeviceStore> store(new DeviceStore(std::move(connection)));
  OUTPOST_CHECK(store->meta_.Prepare(store->connection_));
  OUTPOST_CHECK(store->outbox_.Prepare(store->connection_));
  OUTPOST_CHECK(store->documents_.Prepare(store->connection_));
  OUTPOST_CHECK(store->audit_.Prepare(store->connection_));
  OUTPOST_CHECK(store->lease_.Prepare(store->connection_));
  OUTPOST_TRY(store->data_version_, store->connection_.Prepare("PRAGMA data_version"));
  store->queries_.Attach(store->connection_);
  return store;
}

Result<std::int64_t> DeviceStore::DataVersion() {
  OUTPOST_TRY(const bool row, data_version_.Step());
  const std::int64_t version = row ? data_version_.Integer(0) : 0;
  data_version_.Reset();
  return version;
}

Status DeviceStore::Run(const char* label, Durability durability, const std::function<Status()>& body) {
  if (durability != durability_) {
    OUTPOST_CHECK(
        connection_.Execute(durability == Durability::kFull ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL"));
    durability_ = durability;
  }
  OUTPOST_TRY(auto transaction, sqlite::Transaction::Begin(connection_, label));
  auto done = body();
  if (!done.ok()) return Error{done.error().code, std::string(label) + ": " + done.error().message};
  return transaction.Commit();
}

Status DeviceStore::Wipe() {
  OUTPOST_CHECK(connection_.Execute("PRAGMA secure_delete=ON"));
  OUTPOST_CHECK(Run("empty the store", Durability::kFull, [&]() -> Status {
    std::vector<std::string> tables;
    OUTPOST_TRY(sqlite::Statement list, connection_.Prepare("SELECT name FROM sqlite_master WHERE type='table' AND "
                                                            "name NOT LIKE 'sqlite_%' ORDER BY name"));
    for (;;) {
      OUTPOST_TRY(const bool row, list.Step());
      if (!row) break;
      tables.emplace_back(list.Text(0));
    }
    for (const std::string& table : tables) {
      OUTPOST_CHECK(connection_.Execute(("DELETE FROM \"" + table + "\"").c_str()));
    }
    return {};
  }));
  // The log still holds the old pages; a store that is busy elsewhere empties it with its next checkpoint.
  static_cast<void>(connection_.Execute("PRAGMA wal_checkpoint(TRUNCATE)"));
  return {};
}

}  // namespace outpost::engine
