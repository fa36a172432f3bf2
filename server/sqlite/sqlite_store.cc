#include "server/sqlite/sqlite_store.h"

#include <utility>

#include "base/mutant.h"
#include "server/core/stored_text.h"
#include "server/sqlite/job_records.h"
#include "server/sqlite/purge.h"
#include "server/sqlite/schema.h"

namespace outpost::server {
namespace {

Result<Epoch> ReadEpoch(sqlite::Connection& connection) {
  OUTPOST_TRY(auto select, connection.Prepare("SELECT value FROM meta WHERE name = 'epoch'"));
  OUTPOST_TRY(const bool found, select.Step());
  if (!found) return Error{ErrorCode::kCorrupt, "the store has no epoch"};
  return Epoch(std::string(select.Text(0)));
}

int RememberWalPages(void* pages, sqlite3*, const char*, int count) {
  *static_cast<int*>(pages) = count;
  return SQLITE_OK;
}

// An error in the middle of a row leaves its statement open: it would hold the snapshot and refuse to be bound again.
void ResetStatements(sqlite::Connection& connection) {
  sqlite3_stmt* statement = nullptr;
  while ((statement = sqlite3_next_stmt(connection.handle(), statement)) != nullptr) sqlite3_reset(statement);
}

// The mark and the version are ours, the tables are not: a store of some build between two releases.
Error OtherTables(const std::string& path, const Error& error) {
  if (error.code == ErrorCode::kBusy || error.code == ErrorCode::kIo) return error;
  return Error{ErrorCode::kCorrupt,
               path +
                   " says it is an Outpost store of this version, but its tables are others; it was left as it is (" +
                   error.message + ")"};
}

}  // namespace

// Group commit over the writer's connection.
class SqliteStore::Write : public WriteTransaction {
 public:
  Write(SqliteStore& store, sqlite::Transaction transaction)
      : store_(store), writer_(*store.writer_), transaction_(std::move(transaction)) {}
  ~Write() override {
    if (!settled_) store_.background_->Drop();
    if (!committed_) ResetStatements(*store_.connection_);
    transaction_.reset();
    if (!committed_) writer_.RolledBack();
    const std::lock_guard lock(store_.mutex_);
    store_.writing_ = false;
  }

  Result<WorkspaceHead> Lock(const WorkspaceId& workspace) override {
    OUTPOST_CHECK(Settle());
    OUTPOST_TRY(LockedWorkspace locked, writer_.LoadWorkspace(workspace));
    const WorkspaceHead head = locked.head;
    locked_.insert_or_assign(workspace, std::move(locked));
    return head;
  }

  Result<std::vector<std::optional<KeyRecord>>> LoadKeys(const WorkspaceId& workspace,
                                                         std::span<const KeyRef> keys) override {
    LockedWorkspace& locked = Locked(workspace);
    return EachSettled<KeyRecord>(keys, [&](const KeyRef& key) { return writer_.LoadKey(locked, key); });
  }
  Result<std::vector<std::optional<DocumentRow>>> LoadDocuments(const WorkspaceId& workspace,
                                                                std::span<const DocumentKey> keys) override {
    const LockedWorkspace& locked = Locked(workspace);
    return Each<DocumentRow>(keys, [&](const DocumentKey& key) { return writer_.LoadDocument(locked, key); });
  }
  Result<std::vector<std::optional<CommandRecord>>> LoadCommands(const WorkspaceId& workspace,
                                                                 std::span<const CommandId> ids) override {
    const LockedWorkspace& locked = Locked(workspace);
    return EachSettled<CommandRecord>(ids, [&](const CommandId& id) { return writer_.LoadCommand(locked, id); });
  }
  Result<IncarnationRecord> LoadIncarnation(const WorkspaceId& workspace, const DeviceRef& device) override {
    OUTPOST_CHECK(Settle());
    return writer_.LoadIncarnation(Locked(workspace).row, device);
  }
  Result<std::vector<std::optional<CommandId>>> LoadNumbers(const WorkspaceId& workspace, const DeviceRef& device,
                                                            std::span<const CommandNumber> numbers) override {
    const LockedWorkspace& locked = Locked(workspace);
    return EachSettled<CommandId>(numbers, [&](CommandNumber n) { return writer_.LoadNumber(locked.row, device, n); });
  }
  Result<std::vector<std::optional<DocumentId>>> LoadLocalIds(const WorkspaceId& workspace, const DeviceId& device,
                                                              std::span<const std::string> locals) override {
    const LockedWorkspace& locked = Locked(workspace);
    return EachSettled<DocumentId>(
        locals, [&](const std::string& local) { return writer_.LoadLocalId(locked.row, device, local); });
  }
  Result<std::optional<Roles>> LoadSignIn(const WorkspaceId& workspace, const SignInRef& who) override {
    OUTPOST_CHECK(Settle());
    return writer_.LoadSignIn(Locked(workspace).row, who);
  }

  Status Apply(const WorkspaceId& workspace, const WriteSet& writes, Timestamp now) override {
    OUTPOST_CHECK(Settle());
    return writer_.Apply(Locked(workspace), writes, now);
  }
  Status ApplyMeanwhile(const WorkspaceId& workspace, WriteSet writes, Timestamp now) override {
    // The simulator's steps come one after the other.
    if (store_.options_.exclusive_locking) return Apply(workspace, writes, now);
    if (store_.background_ == nullptr) store_.background_ = std::make_unique<Background>();
    store_.background_->Run(std::packaged_task<Status()>([this, &locked = Locked(workspace), part = std::move(writes),
                                                          now] { return writer_.Apply(locked, part, now); }));
    settled_ = false;
    return {};
  }

  Status Commit() override {
    OUTPOST_CHECK(Settle());
    OUTPOST_CHECK(writer_.BeforeCommit());
    OUTPOST_CHECK(transaction_->Commit());
    committed_ = true;
    writer_.Committed();
    ++store_.commits_;
    store_.CheckpointWhenLarge();
    return {};
  }

 private:
  // What was to be applied meanwhile, to its end.
  Status Settle() {
    if (std::exchange(settled_, true)) return {};
    return store_.background_->Settle();
  }

  LockedWorkspace& Locked(const WorkspaceId& workspace) {
    const auto found = locked_.find(workspace);
    OUTPOST_ASSERT(found != locked_.end());  // Lock comes first
    return found->second;
  }

  template <class T, class Keys, class Load>
  static Result<std::vector<std::optional<T>>> Each(const Keys& keys, const Load& load) {
    std::vector<std::optional<T>> loaded;
    loaded.reserve(keys.size());
    for (const auto& key : keys) {
      OUTPOST_TRY(auto one, load(key));
      loaded.push_back(std::move(one));
    }
    return loaded;
  }

  template <class T, class Keys, class Load>
  Result<std::vector<std::optional<T>>> EachSettled(const Keys& keys, const Load& load) {
    if (!keys.empty()) OUTPOST_CHECK(Settle());
    return Each<T>(keys, load);
  }

  SqliteStore& store_;
  Writer& writer_;
  std::optional<sqlite::Transaction> transaction_;
  std::map<WorkspaceId, LockedWorkspace> locked_;
  bool settled_ = true;
  bool committed_ = false;
};

// A snapshot over a reader of the pool.
class SqliteStore::Read : public ReadTransaction {
 public:
  Read(SqliteStore& store, std::unique_ptr<Reader> reader) : store_(store), reader_(std::move(reader)) {}
  ~Read() override {
    ResetStatements(reader_->connection());
    static_cast<void>(reader_->connection().Execute("COMMIT"));
    store_.ReturnReader(std::move(reader_));
  }

  Result<WorkspaceHead> Head(const WorkspaceId& workspace) override { return reader_->Head(workspace); }
  Result<std::optional<std::uint64_t>> TagAt(const WorkspaceId& workspace, Sequence seq) override {
    return reader_->TagAt(workspace, seq);
  }
  Result<FeedPage> ReadFeed(const WorkspaceId& workspace, const FeedQuery& query) override {
    return reader_->ReadFeed(workspace, query);
  }
  Result<std::vector<OwnCommand>> OwnCommands(const WorkspaceId& workspace, const DeviceId& device, Sequence after,
                                              Sequence up_to) override {
    return reader_->OwnCommands(workspace, device, after, up_to);
  }
  Result<std::optional<DocumentRow>> Get(const WorkspaceId& workspace, const DocumentKey& key) override {
    return reader_->Get(workspace, key);
  }
  Result<DocumentList> List(const WorkspaceId& workspace, const CollectionName& collection, std::string_view field,
                            std::string_view value, std::string_view after, int limit) override {
    return reader_->List(workspace, collection, field, value, after, limit);
  }
  Result<std::vector<DeviceStatus>> Devices(const WorkspaceId& workspace) override {
    return reader_->Devices(workspace);
  }

 private:
  SqliteStore& store_;
  std::unique_ptr<Reader> reader_;
};

Result<std::unique_ptr<SqliteStore>> SqliteStore::Open(const SqliteStoreOptions& options, Random& random) {
  // Under a VFS of one's own the file cannot be looked at from outside; it is then nobody else's either.
  if (options.vfs.empty()) OUTPOST_CHECK(CheckFileIsOurs(options.path));
  std::unique_ptr<SqliteStore> store(new SqliteStore(options));
  OUTPOST_CHECK(store->Prepare(random));
  return store;
}

SqliteStore::~SqliteStore() = default;

Status SqliteStore::Prepare(Random& random) {
  OUTPOST_TRY(connection_, OpenConnection(true));
  OUTPOST_CHECK(PrepareSchema(*connection_, random));
  OUTPOST_TRY(epoch_, ReadEpoch(*connection_));
  auto writer = Writer::Prepare(*connection_);
  if (!writer.ok()) return OtherTables(options_.path, writer.error());
  writer_ = std::move(writer).value();
  sqlite3_wal_hook(connection_->handle(), RememberWalPages, &wal_pages_);
  return {};
}

Result<std::unique_ptr<sqlite::Connection>> SqliteStore::OpenConnection(bool writer) const {
  sqlite::OpenOptions options;
  options.path = options_.path;
  options.vfs = options_.vfs;
  options.exclusive_locking = options_.exclusive_locking;
  options.page_size_bytes = options_.page_size_bytes;
  options.cache_kib = writer ? options_.cache_kib : 8192;
  options.wal_autocheckpoint_pages = 0;
  // An old log is cold: each of its pages would be read before it is written over.
  if (!options_.exclusive_locking) options.wal_kept_bytes = 2LL * options_.wal_pages_max * options_.page_size_bytes;
  OUTPOST_TRY(auto connection, sqlite::Connection::Open(options));
  if (!writer) OUTPOST_CHECK(connection.Execute("PRAGMA query_only=ON"));
  if (OUTPOST_MUTANT("answer-before-sync")) OUTPOST_CHECK(connection.Execute("PRAGMA synchronous=NORMAL"));
  return std::make_unique<sqlite::Connection>(std::move(connection));
}

Result<std::unique_ptr<WriteTransaction>> SqliteStore::BeginWrite() {
  {
    const std::lock_guard lock(mutex_);
    if (writing_ || shared_reads_ > 0) return Error{ErrorCode::kBusy, "another transaction is open"};
    writing_ = true;
  }
  auto transaction = sqlite::Transaction::Begin(*connection_, "group of commands");
  if (!transaction.ok()) {
    const std::lock_guard lock(mutex_);
    writing_ = false;
    return transaction.error();
  }
  return std::unique_ptr<WriteTransaction>(new Write(*this, std::move(transaction).value()));
}

Result<std::unique_ptr<ReadTransaction>> SqliteStore::BeginRead() {
  OUTPOST_TRY(auto reader, TakeReader());
  auto begun = reader->connection().Execute("BEGIN");
  if (!begun.ok()) {
    ReturnReader(std::move(reader));
    return begun.error();
  }
  return std::unique_ptr<ReadTransaction>(new Read(*this, std::move(reader)));
}

Result<std::unique_ptr<Reader>> SqliteStore::TakeReader() {
  const std::lock_guard lock(mutex_);
  if (options_.exclusive_locking && (writing_ || shared_reads_ > 0))
    return Error{ErrorCode::kBusy, "another transaction is open"};
  if (readers_.empty()) {
    sqlite::Connection* connection = connection_.get();
    if (!options_.exclusive_locking) {
      OUTPOST_TRY(auto opened, OpenConnection(false));
      reader_connections_.push_back(std::move(opened));
      connection = reader_connections_.back().get();
    }
    OUTPOST_TRY(auto made, Reader::Prepare(*connection));
    readers_.push_back(std::move(made));
  }
  std::unique_ptr<Reader> reader = std::move(readers_.back());
  readers_.pop_back();
  if (options_.exclusive_locking) ++shared_reads_;
  return reader;
}

void SqliteStore::ReturnReader(std::unique_ptr<Reader> reader) {
  const std::lock_guard lock(mutex_);
  if (options_.exclusive_locking) --shared_reads_;
  readers_.push_back(std::move(reader));
}

Result<bool> SqliteStore::Purge(const PurgeBounds& bounds) {
  {
    const std::lock_guard lock(mutex_);
    if (writing_ || shared_reads_ > 0) return Error{ErrorCode::kBusy, "another transaction is open"};
    writing_ = true;
  }
  auto more = PurgeStep(*connection_, bounds);
  const std::lock_guard lock(mutex_);
  writing_ = false;
  return more;
}

Result<std::vector<JobRecord>> SqliteStore::Jobs() {
  OUTPOST_TRY(auto reader, TakeReader());
  auto jobs = ReadJobs(reader->connection());
  ReturnReader(std::move(reader));
  return jobs;
}

Result<bool> SqliteStore::PutJob(const JobRecord& record) {
  {
    const std::lock_guard lock(mutex_);
    if (writing_ || shared_reads_ > 0) return Error{ErrorCode::kBusy, "another transaction is open"};
    writing_ = true;
  }
  auto put = WriteJob(*connection_, record);
  const std::lock_guard lock(mutex_);
  writing_ = false;
  return put;
}

Status SqliteStore::RotateEpoch(Random& random) {
  const std::string epoch = MakeEpoch(random);
  OUTPOST_TRY(auto update, connection_->Prepare("UPDATE meta SET value = ?1 WHERE name = 'epoch'"));
  OUTPOST_CHECK(update.Bind(1, epoch).Run());
  epoch_ = Epoch(epoch);
  return {};
}

void SqliteStore::CheckpointWhenLarge() {
  if (wal_pages_ < options_.wal_pages_max) return;
  // A failure costs nothing but a longer log; the next commit tries again.
  const int code =
      sqlite3_wal_checkpoint_v2(connection_->handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  if (code == SQLITE_OK) ++checkpoints_;
}

Status SqliteStore::Checkpoint() {
  sqlite::Connection* connection = connection_.get();
  const std::lock_guard lock(checkpoint_mutex_);
  const std::uint64_t commits = commits_;
  if (commits == moved_commits_) return {};
  if (!options_.exclusive_locking) {
    if (checkpoint_connection_ == nullptr) {
      OUTPOST_TRY(checkpoint_connection_, OpenConnection(true));
    }
    connection = checkpoint_connection_.get();
  }
  int pages = 0, moved = 0;
  const int code = sqlite3_wal_checkpoint_v2(connection->handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, &pages, &moved);
  if (code != SQLITE_OK && code != SQLITE_BUSY) return sqlite::LastError(connection->handle(), "checkpoint");
  if (code == SQLITE_OK) ++checkpoints_;
  if (code == SQLITE_OK && pages == moved) moved_commits_ = commits;
  return {};
}

}  // namespace outpost::server
