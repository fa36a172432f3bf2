#include "server/postgres/postgres_store.h"

#include "server/postgres/jobs.h"
#include "server/postgres/pooler.h"
#include "server/postgres/purge.h"
#include "server/postgres/read_transaction.h"
#include "server/postgres/replication.h"
#include "server/postgres/schema.h"
#include "server/postgres/write_transaction.h"

namespace outpost::server {
namespace {

constexpr std::chrono::milliseconds kPause{250};  // between attempts to connect

constexpr std::chrono::minutes kMigrationTimeMax{30};

Error Another() { return {ErrorCode::kBusy, "another transaction is open"}; }

}  // namespace

class PostgresStore::Write : public WriteTransaction {
 public:
  explicit Write(PostgresStore& store) : store_(store), write_(*store.writer_) {
    began_at_ = store_.writer_->round_trips();
  }
  ~Write() override {
    write_.Rollback();
    store_.ReturnWriter();
  }

  bool is_remote() const override { return true; }
  Status LockAll(std::span<const WorkspaceId> workspaces) override {
    OUTPOST_TRY(const DatabaseState state, write_.Lock(workspaces));
    if (store_.options_.durability == Durability::kReplicated && !state.replicates)
      return Error{ErrorCode::kUnavailable, "the database does not replicate its commits"};
    bool replaced = store_.Learn(state.epoch);
    if (!replaced && store_.HistoryIsLost(write_.locked())) {
      write_.Rollback();
      Random random(store_.options_.random_seed + store_.commits_);
      OUTPOST_TRY(const Epoch epoch, ReplaceEpoch(*store_.writer_, state.epoch, random));
      replaced = store_.Learn(epoch);
    }
    // The answers would speak of an epoch that is over: the caller begins again with the new one.
    if (replaced) return Error{ErrorCode::kBusy, "the store was replaced"};
    return {};
  }
  Result<WorkspaceHead> Lock(const WorkspaceId& workspace) override {
    if (!write_.Holds(workspace)) OUTPOST_CHECK(LockAll({&workspace, 1}));
    return write_.Locked(workspace).head;
  }

  Result<LoadedSet> Load(const WorkspaceId& workspace, const LoadSet& wanted) override {
    auto loaded = write_.Load(write_.Locked(workspace), wanted);
    if (!loaded.ok()) store_.NoteRoom(loaded.error());  // what was applied before travels with it
    return loaded;
  }
  Result<std::vector<std::optional<KeyRecord>>> LoadKeys(const WorkspaceId& workspace,
                                                         std::span<const KeyRef> keys) override {
    OUTPOST_TRY(LoadedSet loaded, Load(workspace, {.keys = {keys.begin(), keys.end()}}));
    return std::move(loaded.keys);
  }
  Result<std::vector<std::optional<DocumentRow>>> LoadDocuments(const WorkspaceId& workspace,
                                                                std::span<const DocumentKey> keys) override {
    OUTPOST_TRY(LoadedSet loaded, Load(workspace, {.documents = {keys.begin(), keys.end()}}));
    return std::move(loaded.documents);
  }
  Result<std::vector<std::optional<CommandRecord>>> LoadCommands(const WorkspaceId& workspace,
                                                                 std::span<const CommandId> ids) override {
    OUTPOST_TRY(LoadedSet loaded, Load(workspace, {.commands = {ids.begin(), ids.end()}}));
    return std::move(loaded.commands);
  }
  Result<IncarnationRecord> LoadIncarnation(const WorkspaceId& workspace, const DeviceRef& device) override {
    OUTPOST_TRY(const LoadedSet loaded, Load(workspace, {.devices = {device}}));
    return loaded.devices.front();
  }
  Result<std::optional<Roles>> LoadSignIn(const WorkspaceId& workspace, const SignInRef& who) override {
    OUTPOST_TRY(LoadedSet loaded, Load(workspace, {.sign_ins = {who}}));
    return std::move(loaded.sign_ins.front());
  }
  Result<std::vector<std::optional<CommandId>>> LoadNumbers(const WorkspaceId& workspace, const DeviceRef& device,
                                                            std::span<const CommandNumber> numbers) override {
    return write_.LoadNumbers(write_.Locked(workspace), device, numbers);
  }
  Result<std::vector<std::optional<DocumentId>>> LoadLocalIds(const WorkspaceId& workspace, const DeviceId& device,
                                                              std::span<const std::string> locals) override {
    return write_.LoadLocalIds(write_.Locked(workspace), device, locals);
  }

  Status Apply(const WorkspaceId& workspace, const WriteSet& writes, Timestamp now) override {
    return write_.Apply(write_.Locked(workspace), writes, now);
  }
  Status ApplyMeanwhile(const WorkspaceId& workspace, WriteSet writes, Timestamp now) override {
    return write_.ApplyMeanwhile(write_.Locked(workspace), writes, now);
  }
  Status Commit() override {
    const Status committed = write_.Commit();
    store_.NoteRoom(committed);
    OUTPOST_CHECK(committed);
    store_.Remember(write_.locked());
    ++store_.commits_;
    store_.round_trips_ = store_.writer_->round_trips() - began_at_;
    return {};
  }

 private:
  PostgresStore& store_;
  PostgresWrite write_;
  std::uint64_t began_at_ = 0;
};

Result<std::unique_ptr<PostgresStore>> PostgresStore::Open(const PostgresStoreOptions& options, Random& random) {
  postgres::ConnectionOptions patient = options.connection;
  patient.answer_time_max = kMigrationTimeMax;
  OUTPOST_TRY(const ConnectionPtr connection, postgres::Connection::Open(patient));
  OUTPOST_CHECK(CheckPooling(*connection, options.connection));
  OUTPOST_CHECK(PreparePostgresSchema(*connection, options.connection.schema, random));
  if (options.durability == Durability::kReplicated) OUTPOST_CHECK(CheckReplication(*connection));
  std::unique_ptr<PostgresStore> store(new PostgresStore(options));
  OUTPOST_TRY(store->epoch_, ReadEpoch(*connection));
  return store;
}

PostgresStore::~PostgresStore() = default;

Epoch PostgresStore::epoch() const {
  const std::lock_guard lock(mutex_);
  return epoch_;
}

bool PostgresStore::Learn(const Epoch& epoch) {
  const std::lock_guard lock(mutex_);
  if (epoch == epoch_) return false;
  epoch_ = epoch;
  committed_.clear();
  return true;
}

void PostgresStore::Remember(const std::map<WorkspaceId, PostgresWorkspace>& committed) {
  const std::lock_guard lock(mutex_);
  if (committed_.size() > kRememberedHeadsMax) committed_.clear();
  for (const auto& [name, workspace] : committed) committed_[name] = workspace.head;
}

void PostgresStore::NoteRoom(const Status& done) {
  if (done.ok()) {
    full_ = false;
  } else if (done.error().code == ErrorCode::kFull) {
    full_ = true;
  }
}

bool PostgresStore::HistoryIsLost(const std::map<WorkspaceId, PostgresWorkspace>& locked) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [name, workspace] : locked) {
    const auto known = committed_.find(name);
    if (known == committed_.end()) continue;
    const WorkspaceHead& before = known->second;
    if (workspace.head.head < before.head) return true;
    if (workspace.head.head == before.head && workspace.head.tag != before.tag) return true;
  }
  return false;
}

Result<PostgresStore::ConnectionPtr> PostgresStore::Connect() {
  {
    const std::lock_guard lock(mutex_);
    if (Steady::now() < refused_until_) return Error{ErrorCode::kUnavailable, "the database is not available"};
  }
  ++connects_;
  auto connection = postgres::Connection::Open(options_.connection);
  if (connection.ok()) return connection;
  const std::lock_guard lock(mutex_);
  refused_until_ = Steady::now() + kPause;
  readers_.clear();  // what is pooled points at the same database
  return connection;
}

Status PostgresStore::TakeWriter() {
  {
    const std::lock_guard lock(mutex_);
    if (writing_) return Another();
    writing_ = true;
  }
  if (writer_ != nullptr && writer_->alive()) return {};
  auto connection = Connect();
  if (connection.ok()) {
    writer_ = std::move(connection).value();
    return {};
  }
  ReturnWriter();
  return connection.error();
}

void PostgresStore::ReturnWriter() {
  const std::lock_guard lock(mutex_);
  writing_ = false;
}

Result<std::unique_ptr<WriteTransaction>> PostgresStore::BeginWrite() {
  OUTPOST_CHECK(TakeWriter());
  return std::unique_ptr<WriteTransaction>(new Write(*this));
}

Result<PostgresStore::ConnectionPtr> PostgresStore::TakeReader() {
  {
    const std::lock_guard lock(mutex_);
    if (!readers_.empty()) {
      ConnectionPtr reader = std::move(readers_.back());
      readers_.pop_back();
      return reader;
    }
  }
  return Connect();
}

void PostgresStore::ReturnReader(ConnectionPtr reader) {
  const std::lock_guard lock(mutex_);
  if (reader->alive() && readers_.size() < kIdleReadersMax) readers_.push_back(std::move(reader));
}

// A pooled connection may have died while nobody looked: then all of them have, and a new one decides. `ask` may keep
// the connection.
template <class Ask>
auto PostgresStore::AskPooled(const Ask& ask) -> std::invoke_result_t<Ask, ConnectionPtr&> {
  for (int attempt = 1;; ++attempt) {
    OUTPOST_TRY(ConnectionPtr connection, TakeReader());
    auto answer = ask(connection);
    const bool lost = connection == nullptr || !connection->alive();
    if (connection != nullptr) ReturnReader(std::move(connection));
    if (answer.ok() || !lost || attempt == 2) return answer;
    const std::lock_guard lock(mutex_);
    readers_.clear();
  }
}

Result<std::unique_ptr<ReadTransaction>> PostgresStore::BeginRead() {
  const auto give_back = [this](ConnectionPtr reader) { ReturnReader(std::move(reader)); };
  Epoch epoch;
  OUTPOST_TRY(auto read, AskPooled([&](ConnectionPtr& connection) {
                return PostgresRead::Begin(std::move(connection), give_back, epoch);
              }));
  Learn(epoch);
  return std::unique_ptr<ReadTransaction>(std::move(read));
}

Result<bool> PostgresStore::Purge(const PurgeBounds& bounds) {
  OUTPOST_CHECK(TakeWriter());
  auto more = PostgresPurgeStep(*writer_, bounds, purge_position_);
  ReturnWriter();
  return more;
}

Result<std::vector<JobRecord>> PostgresStore::Jobs() {
  return AskPooled([](const ConnectionPtr& connection) { return ReadJobs(*connection); });
}

// In a transaction of its own: two servers that want the same job meet at its row.
Result<bool> PostgresStore::PutJob(const JobRecord& record) {
  return AskPooled([&](const ConnectionPtr& connection) { return CompareAndSetJob(*connection, record); });
}

Status PostgresStore::Ready() {
  // As cheap as a read, and it meets a primary: a standby refuses the connection.
  return AskPooled([this](const ConnectionPtr& connection) -> Status {
    OUTPOST_CHECK(options_.durability == Durability::kReplicated ? CheckReplication(*connection)
                                                                 : CheckWritable(*connection));
    if (full_) {
      OUTPOST_CHECK(CheckRoom(*connection));
      full_ = false;
    }
    return {};
  });
}

}  // namespace outpost::server
