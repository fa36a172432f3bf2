// A thin owner of one libpq connection in pipeline mode: statements are queued and sent together, their results read
// together, so that a set of them costs one round trip. Prepared at their first use. No wait is without an end: a
// database that does not answer in time is an error and the connection is given up.
//
// Errors are translated once, by SQLSTATE: kBusy (deadlock, serialisation, lock held too long: nothing happened, try
// again), kUnavailable (connection, shutdown, failover, time-out), kFull (disk), kCorrupt, kIo. Their messages may
// reach a client and name no host, user or statement; the full text goes to `report`. One thread at a time.
#pragma once

#include <libpq-fe.h>

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "server/postgres/parameters.h"
#include "server/postgres/rows.h"

namespace outpost::postgres {

// A name of its own within the program, and text with $1, $2, …; both live for ever.
struct Statement {
  const char* name;
  const char* sql;
};

struct ConnectionOptions {
  std::string url;  // a URI or "key=value …"; what it leaves out comes from PGSERVICE, PGPASSFILE and the like
  std::string schema = "outpost";
  Milliseconds connect_time_max{2000};
  Milliseconds answer_time_max{5000};
  Milliseconds lock_time_max{2000};
  std::function<void(const std::string&)> report = {};  // the full text of errors, for the log; may be empty
};

class Connection {
 public:
  static Result<std::unique_ptr<Connection>> Open(const ConnectionOptions& options);
  ~Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void Queue(const Statement& statement, Parameters parameters = {});
  // Plans are made once and kept. One that was made on small tables is not right for large ones: they are made anew
  // each time the work done on this connection has doubled. Before a transaction.
  void QueueReplanning();
  std::size_t queued() const { return queue_.size(); }
  void DropQueued() { queue_.clear(); }
  bool under_way() const { return !under_way_.empty(); }
  // Sends what is queued and waits for nothing: the database works on it while the caller goes on. Its rows are of no
  // interest; its errors come with the next Run.
  Status Send();
  // Sends what is queued and waits for all of it; the rows in the order of Queue since the last Run or Send. The first
  // error ends it.
  Result<std::vector<Rows>> Run();
  Result<Rows> Query(const Statement& statement, Parameters parameters = {});
  // Several statements without parameters or rows, e.g. a schema. Nothing may be queued.
  Status Execute(const std::string& script);

  std::uint64_t round_trips() const { return round_trips_; }
  // False: given up; only destruction is left.
  bool alive() const { return !broken_; }
  // Warnings the server sent since the last call; of a commit they may mean that it is only locally durable.
  int TakeWarnings();
  // Notifications that have come in, waiting for them up to `wait`.
  struct Notification {
    int sender = 0;  // process id of the backend
    std::string payload;
  };
  Result<std::vector<Notification>> Listen(Milliseconds wait);
  int socket() const { return PQsocket(connection_.get()); }
  // The process that serves it.
  int backend() const { return backend_; }
  // A pooler stands between: what it calls the backend is its own invention.
  bool through_pooler() const { return PQbackendPID(connection_.get()) != backend_; }
  // `pid`: of the backend that serves it now, as it says. kRefused: not the one it was set up on.
  Status CheckBackend(std::int64_t pid) const;
  std::string Quoted(const std::string& identifier) const;

 private:
  struct Queued {
    const Statement* statement;
    Parameters parameters;
    bool prepares = false;
  };
  struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  using Deadline = std::chrono::steady_clock::time_point;

  explicit Connection(ConnectionOptions options) : options_(std::move(options)) {}
  Status Connect();
  Status SetUp();
  Status SendQueued();
  Result<PGresult*> Next(Deadline deadline);
  // Waits for the socket; `write` also until it takes more.
  Status WaitForSocket(Deadline deadline, bool write);
  // The rows of those from `first` on.
  Status ReadResults(const std::vector<Queued>& sent, std::size_t first, std::vector<Rows>& rows);
  Error GiveUp(const std::string& why);
  Error Translate(const PGresult* result);
  void Report(const std::string& text) const;
  static void CountWarning(void* connection, const PGresult* notice);

  ConnectionOptions options_;
  std::unique_ptr<PGconn, Finish> connection_;
  std::vector<Queued> queue_;
  std::vector<Queued> under_way_;  // sent, and not answered yet
  std::set<const Statement*> prepared_;
  int backend_ = 0;
  bool broken_ = false;
  int warnings_ = 0;
  std::uint64_t round_trips_ = 0;
  std::uint64_t replan_at_ = 16;
};

// Whether connection options carry a password, which would show in process lists.
bool CarriesPassword(const std::string& url);

}  // namespace outpost::postgres
