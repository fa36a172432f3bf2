// The Store over PostgreSQL: one writing connection, a few reading ones, opened when needed and again after they broke.
// Any number of stores, in one server or in several, work on one database at the same time: a workspace's row is the
// lock on it. A server takes one store per thread that writes.
//
// A node keeps nothing its death would lose. The epoch is read with every transaction: another node may have changed
// it. A workspace whose head is behind, or other than, what this node has committed there is history that was lost (an
// older backup, a standby that lagged): the node gives the store another epoch, and devices offer again what they sent.
#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <type_traits>

#include "base/random.h"
#include "server/core/store.h"
#include "server/postgres/connection.h"

namespace outpost::server {

// What a commit promises before it is answered.
enum class Durability {
  kLocal,       // on the primary's disk
  kReplicated,  // on a synchronous standby's too
};

inline constexpr std::size_t kIdleReadersMax = 8;
inline constexpr std::size_t kRememberedHeadsMax = 100000;

struct PostgresWorkspace;

struct PostgresStoreOptions {
  postgres::ConnectionOptions connection;
  Durability durability = Durability::kLocal;
  std::uint64_t random_seed = 0;  // of an epoch that replaces a lost one
};

// Work done, for tests and metrics.
struct PostgresStoreCounters {
  std::uint64_t commits = 0;
  std::uint64_t round_trips = 0;  // of the last transaction that committed
  std::uint64_t connects = 0;
};

class PostgresStore : public Store {
 public:
  // Creates or migrates the schema. `random` makes the epoch of a new store. kRefused: a schema of a newer release or
  // not ours, or no synchronous standby where replication is promised.
  static Result<std::unique_ptr<PostgresStore>> Open(const PostgresStoreOptions& options, Random& random);
  ~PostgresStore() override;

  Epoch epoch() const override;
  Status Ready() override;
  Result<std::unique_ptr<WriteTransaction>> BeginWrite() override;
  Result<std::unique_ptr<ReadTransaction>> BeginRead() override;
  Result<bool> Purge(const PurgeBounds& bounds) override;
  Result<std::vector<JobRecord>> Jobs() override;
  Result<bool> PutJob(const JobRecord& record) override;

  PostgresStoreCounters counters() const { return {commits_.load(), round_trips_.load(), connects_.load()}; }

 private:
  class Write;
  friend class Write;
  using ConnectionPtr = std::unique_ptr<postgres::Connection>;
  using Steady = std::chrono::steady_clock;

  explicit PostgresStore(PostgresStoreOptions options) : options_(std::move(options)) {}
  Result<ConnectionPtr> Connect();
  Status TakeWriter();
  void ReturnWriter();
  Result<ConnectionPtr> TakeReader();
  template <class Ask>
  auto AskPooled(const Ask& ask) -> std::invoke_result_t<Ask, ConnectionPtr&>;
  void ReturnReader(ConnectionPtr reader);
  // True: it differs from the one known so far, which is now this.
  bool Learn(const Epoch& epoch);
  void Remember(const std::map<WorkspaceId, PostgresWorkspace>& committed);
  void NoteRoom(const Status& done);
  bool HistoryIsLost(const std::map<WorkspaceId, PostgresWorkspace>& locked) const;

  const PostgresStoreOptions options_;
  ConnectionPtr writer_;  // of whoever has set writing_
  std::int64_t purge_position_ = 0;

  mutable std::mutex mutex_;  // guards what follows
  Epoch epoch_;
  std::map<WorkspaceId, WorkspaceHead> committed_;  // of this node, in this epoch
  bool writing_ = false;
  std::vector<ConnectionPtr> readers_;
  Steady::time_point refused_until_{};  // a database that is away is not asked by everybody at once
  std::atomic<bool> full_{false};       // the last write found no room
  std::atomic<std::uint64_t> commits_{0}, round_trips_{0}, connects_{0};
};

}  // namespace outpost::server
