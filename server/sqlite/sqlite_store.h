// The Store over one SQLite file: a single writing connection (WAL, synchronous=FULL), pooled reading connections.
//
// Production: BeginWrite from one thread at a time, BeginRead from any. Simulator: `vfs` and `exclusive_locking`, one
// connection for everything, so a read and a write never overlap (kBusy). The lock on the data directory that names its
// holder belongs to the caller (cli).
#pragma once

#include <atomic>
#include <mutex>

#include "base/random.h"
#include "server/core/store.h"
#include "server/sqlite/background.h"
#include "server/sqlite/reader.h"
#include "server/sqlite/writer.h"

namespace outpost::server {

struct SqliteStoreOptions {
  std::string path;  // the database file; its folder must exist
  std::string vfs;   // name of a registered VFS; empty: the operating system's
  bool exclusive_locking = false;
  int page_size_bytes = 4096;
  int cache_kib = 65536;
  // Past this many pages the writer moves the log into the database file itself, after a commit: what is left to move
  // by then is little, and so is the time that commits wait (docs/decisions/0046).
  int wal_pages_max = 1024;
};

// Work done, for tests and metrics.
struct SqliteStoreCounters {
  std::uint64_t commits = 0;
  std::uint64_t checkpoints = 0;
};

class SqliteStore : public Store {
 public:
  // `random` makes the epoch of a new store. kCorrupt: not an Outpost store, the file is untouched; kRefused: written
  // by a newer release.
  static Result<std::unique_ptr<SqliteStore>> Open(const SqliteStoreOptions& options, Random& random);
  ~SqliteStore() override;

  Epoch epoch() const override { return epoch_; }
  Result<std::unique_ptr<WriteTransaction>> BeginWrite() override;
  Result<std::unique_ptr<ReadTransaction>> BeginRead() override;
  Result<bool> Purge(const PurgeBounds& bounds) override;
  Result<std::vector<JobRecord>> Jobs() override;
  Result<bool> PutJob(const JobRecord& record) override;

  // A restored backup is another life of the store. Before anything is served.
  Status RotateEpoch(Random& random);
  // Moves what the log holds into the database file; at once when nothing was committed since. From a background thread
  // in production, often: never blocks writers, but what it syncs they wait behind.
  Status Checkpoint();

  SqliteStoreCounters counters() const { return {commits_.load(), checkpoints_.load()}; }

 private:
  class Write;
  class Read;
  friend class Write;
  friend class Read;

  explicit SqliteStore(SqliteStoreOptions options) : options_(std::move(options)) {}
  Status Prepare(Random& random);
  Result<std::unique_ptr<sqlite::Connection>> OpenConnection(bool writer) const;
  Result<std::unique_ptr<Reader>> TakeReader();
  void ReturnReader(std::unique_ptr<Reader> reader);
  void CheckpointWhenLarge();

  SqliteStoreOptions options_;
  Epoch epoch_;
  std::unique_ptr<sqlite::Connection> connection_;
  std::unique_ptr<Writer> writer_;
  std::unique_ptr<Background> background_;  // from its first use; before the writer it works with goes
  int wal_pages_ = 0;                       // told by SQLite at each commit of the writer

  std::mutex mutex_;  // guards what follows
  bool writing_ = false;
  int shared_reads_ = 0;  // open reads on the writer's connection (exclusive locking)
  std::vector<std::unique_ptr<Reader>> readers_;
  std::vector<std::unique_ptr<sqlite::Connection>> reader_connections_;

  std::mutex checkpoint_mutex_;
  std::unique_ptr<sqlite::Connection> checkpoint_connection_;
  std::uint64_t moved_commits_ = 0;  // of commits_, those whose pages are all in the database file
  std::atomic<std::uint64_t> commits_{0};
  std::atomic<std::uint64_t> checkpoints_{0};
};

}  // namespace outpost::server
