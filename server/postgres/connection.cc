#include "server/postgres/connection.h"

#include <poll.h>

#include <array>
#include <cstring>
#include <utility>

namespace outpost::postgres {
namespace {

using Steady = std::chrono::steady_clock;

constexpr Statement kDiscardPlans{"discard_plans", "DISCARD PLANS"};
constexpr Statement kBackend{"backend", "SELECT pg_backend_pid()::bigint"};

// Each transaction gets another backend, which knows none of our statements, or somebody else's of the same name.
Error PooledByTransaction() {
  return {ErrorCode::kRefused,
          "a connection pooler in transaction mode stands before the database: connect to it directly or by a pooler "
          "in session mode"};
}

// Milliseconds until then, at least 0.
int Until(Steady::time_point deadline) {
  const auto left = std::chrono::duration_cast<Milliseconds>(deadline - Steady::now()).count();
  return left < 0 ? 0 : static_cast<int>(left) + 1;
}

ErrorCode CodeOf(std::string_view state) {
  if (state.empty()) return ErrorCode::kUnavailable;  // libpq's own: the connection
  if (state == "40001" || state == "40P01" || state == "55P03") return ErrorCode::kBusy;
  // Cancelled by a time-out: of a commit that waits for its standby nobody knows how it ended.
  if (state == "57014") return ErrorCode::kUnavailable;
  const std::string_view group = state.substr(0, 2);
  if (group == "08" || group == "57" || state == "25006" || state == "53300" || state == "25P03")
    return ErrorCode::kUnavailable;
  if (group == "53") return ErrorCode::kFull;
  if (group == "XX") return ErrorCode::kCorrupt;
  return ErrorCode::kIo;
}

const char* MessageOf(ErrorCode code) {
  switch (code) {
    case ErrorCode::kBusy:
      return "the database is busy with the same rows, try again";
    case ErrorCode::kUnavailable:
      return "the database is not available";
    case ErrorCode::kFull:
      return "the database has no room left";
    case ErrorCode::kCorrupt:
      return "the database reports damage";
    default:
      return "the database refused a statement";
  }
}

std::string Seconds(Milliseconds time) { return std::to_string((time.count() + 999) / 1000); }

}  // namespace

bool CarriesPassword(const std::string& url) {
  PQconninfoOption* options = PQconninfoParse(url.c_str(), nullptr);
  if (options == nullptr) return false;
  bool carries = false;
  for (const PQconninfoOption* option = options; option->keyword != nullptr; ++option) {
    carries = carries || (std::strcmp(option->keyword, "password") == 0 && option->val != nullptr);
  }
  PQconninfoFree(options);
  return carries;
}

Result<std::unique_ptr<Connection>> Connection::Open(const ConnectionOptions& options) {
  std::unique_ptr<Connection> connection(new Connection(options));
  OUTPOST_CHECK(connection->Connect());
  OUTPOST_CHECK(connection->SetUp());
  return connection;
}

Status Connection::Connect() {
  // Later ones win over the URL's: a standby is never written to, and a peer that is gone is noticed.
  const std::string patience = Seconds(options_.connect_time_max);
  const std::string unacknowledged = std::to_string(options_.answer_time_max.count());
  const std::array<const char*, 10> names = {"dbname",           "fallback_application_name",
                                             "client_encoding",  "target_session_attrs",
                                             "keepalives_idle",  "keepalives_interval",
                                             "keepalives_count", "tcp_user_timeout",
                                             "connect_timeout",  nullptr};
  const std::array<const char*, 10> values = {
      options_.url.c_str(),   "outpost",        "UTF8", "read-write", "3", "1", "3",
      unacknowledged.c_str(), patience.c_str(), nullptr};
  connection_.reset(PQconnectStartParams(names.data(), values.data(), 1));
  if (connection_ == nullptr) return GiveUp("out of memory");
  PQsetNoticeReceiver(connection_.get(), CountWarning, this);
  // Every host of the URL may take its time.
  const Deadline deadline = Steady::now() + 2 * options_.connect_time_max;
  PostgresPollingStatusType state = PGRES_POLLING_WRITING;
  while (state != PGRES_POLLING_OK) {
    if (state == PGRES_POLLING_FAILED || PQstatus(connection_.get()) == CONNECTION_BAD)
      return GiveUp(PQerrorMessage(connection_.get()));
    pollfd socket{PQsocket(connection_.get()), static_cast<short>(state == PGRES_POLLING_WRITING ? POLLOUT : POLLIN),
                  0};
    if (::poll(&socket, 1, Until(deadline)) == 0 && Until(deadline) == 0) return GiveUp("connecting took too long");
    state = PQconnectPoll(connection_.get());
  }
  if (PQserverVersion(connection_.get()) < 130000)
    return Error{ErrorCode::kRefused, "PostgreSQL 13 or newer is needed"};
  const char* encoding = PQparameterStatus(connection_.get(), "server_encoding");
  if (encoding == nullptr || std::strcmp(encoding, "UTF8") != 0)
    return Error{ErrorCode::kRefused, "the database's encoding must be UTF8"};
  return {};
}

// The plans: every statement of the store looks rows up by an index, whatever the statistics of a new table say.
// The limits: neither a lock nor a transaction of a node that was cut off holds up the others for long.
Status Connection::SetUp() {
  if (PQsetnonblocking(connection_.get(), 1) != 0 || PQenterPipelineMode(connection_.get()) != 1)
    return GiveUp("no pipeline mode");
  const std::string answer = std::to_string(options_.answer_time_max.count());
  OUTPOST_CHECK(Execute("SET search_path = " + Quoted(options_.schema) +
                        "; SET plan_cache_mode = force_generic_plan; SET jit = off; SET enable_seqscan = off"
                        "; SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_bitmapscan = off"
                        "; SET statement_timeout = " +
                        answer + "; SET idle_in_transaction_session_timeout = 4000" +
                        "; SET tcp_user_timeout = 4000; SET tcp_keepalives_idle = 2; SET tcp_keepalives_interval = 1"
                        "; SET tcp_keepalives_count = 3" +
                        "; SET lock_timeout = " + std::to_string(options_.lock_time_max.count())));
  OUTPOST_TRY(const Rows backend, Query(kBackend));
  backend_ = static_cast<int>(backend.Integer(0, 0));
  return {};
}

Status Connection::CheckBackend(std::int64_t pid) const {
  if (pid != backend_) return PooledByTransaction();
  return {};
}

void Connection::Queue(const Statement& statement, Parameters parameters) {
  queue_.push_back({&statement, std::move(parameters)});
}

void Connection::QueueReplanning() {
  if (round_trips_ < replan_at_) return;
  replan_at_ = 2 * round_trips_;
  Queue(kDiscardPlans);
}

Result<Rows> Connection::Query(const Statement& statement, Parameters parameters) {
  Queue(statement, std::move(parameters));
  OUTPOST_TRY(auto rows, Run());
  return std::move(rows.back());
}

Status Connection::Send() {
  if (broken_) return Error{ErrorCode::kUnavailable, MessageOf(ErrorCode::kUnavailable)};
  OUTPOST_CHECK(SendQueued());
  if (PQflush(connection_.get()) < 0) return GiveUp(PQerrorMessage(connection_.get()));
  return {};
}

Result<std::vector<Rows>> Connection::Run() {
  if (broken_) return Error{ErrorCode::kUnavailable, MessageOf(ErrorCode::kUnavailable)};
  const std::size_t first = under_way_.size();
  OUTPOST_CHECK(SendQueued());
  if (PQpipelineSync(connection_.get()) != 1) return GiveUp(PQerrorMessage(connection_.get()));
  ++round_trips_;
  const std::vector<Queued> sent = std::exchange(under_way_, {});
  std::vector<Rows> rows;
  rows.reserve(sent.size() - first);
  OUTPOST_CHECK(ReadResults(sent, first, rows));
  return rows;
}

Status Connection::SendQueued() {
  for (Queued& one : queue_) {
    one.prepares = prepared_.insert(one.statement).second;
    if (one.prepares && PQsendPrepare(connection_.get(), one.statement->name, one.statement->sql, 0, nullptr) != 1)
      return GiveUp(PQerrorMessage(connection_.get()));
    const auto& values = one.parameters.values();
    std::vector<const char*> pointers;
    std::vector<int> lengths;
    const std::vector<int> formats(values.size(), 1);
    for (const auto& value : values) {
      pointers.push_back(value ? value->data() : nullptr);
      lengths.push_back(value ? static_cast<int>(value->size()) : 0);
    }
    if (PQsendQueryPrepared(connection_.get(), one.statement->name, static_cast<int>(values.size()), pointers.data(),
                            lengths.data(), formats.data(), 1) != 1)
      return GiveUp(PQerrorMessage(connection_.get()));
    under_way_.push_back({one.statement, {}, one.prepares});
  }
  queue_.clear();
  return {};
}

Status Connection::ReadResults(const std::vector<Queued>& sent, std::size_t first, std::vector<Rows>& rows) {
  const Deadline deadline = Steady::now() + options_.answer_time_max + Milliseconds(500);
  std::optional<Error> failed;
  const auto read_one = [&](bool keep) -> Result<bool> {
    OUTPOST_TRY(PGresult* const result, Next(deadline));
    Rows held(result);
    const ExecStatusType status = PQresultStatus(result);
    const bool ok = status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
    if (!ok && !failed) failed = Translate(result);
    if (ok && keep) rows.push_back(std::move(held));
    OUTPOST_TRY(PGresult* const end, Next(deadline));
    if (end != nullptr) {
      PQclear(end);
      return GiveUp("a statement gave more results than one");
    }
    return ok;
  };
  for (std::size_t i = 0; i < sent.size(); ++i) {
    if (sent[i].prepares) {
      OUTPOST_TRY(const bool prepared, read_one(false));
      if (!prepared) prepared_.erase(sent[i].statement);
    }
    OUTPOST_TRY([[maybe_unused]] const bool ok, read_one(i >= first));
  }
  OUTPOST_TRY(PGresult* const sync, Next(deadline));
  const bool in_step = sync != nullptr && PQresultStatus(sync) == PGRES_PIPELINE_SYNC;
  PQclear(sync);
  if (!in_step) return GiveUp("the pipeline is out of step");
  if (failed) return *failed;
  return {};
}

Result<PGresult*> Connection::Next(Deadline deadline) {
  for (;;) {
    const int unsent = PQflush(connection_.get());
    if (unsent < 0) return GiveUp(PQerrorMessage(connection_.get()));
    if (PQisBusy(connection_.get()) == 0) break;
    OUTPOST_CHECK(WaitForSocket(deadline, unsent > 0));
  }
  PGresult* const result = PQgetResult(connection_.get());
  if (PQstatus(connection_.get()) != CONNECTION_BAD) return result;
  const std::string why = PQerrorMessage(connection_.get());
  PQclear(result);
  return GiveUp(why);
}

Status Connection::WaitForSocket(Deadline deadline, bool write) {
  pollfd socket{PQsocket(connection_.get()), static_cast<short>(POLLIN | (write ? POLLOUT : 0)), 0};
  const int ready = ::poll(&socket, 1, Until(deadline));
  if (ready == 0 && Until(deadline) == 0) return GiveUp("no answer in time");
  if (ready > 0 && (socket.revents & ~POLLOUT) != 0 && PQconsumeInput(connection_.get()) != 1)
    return GiveUp(PQerrorMessage(connection_.get()));
  return {};
}

Status Connection::Execute(const std::string& script) {
  if (broken_) return Error{ErrorCode::kUnavailable, MessageOf(ErrorCode::kUnavailable)};
  if (PQexitPipelineMode(connection_.get()) != 1 || PQsendQuery(connection_.get(), script.c_str()) != 1)
    return GiveUp(PQerrorMessage(connection_.get()));
  const Deadline deadline = Steady::now() + options_.answer_time_max + Milliseconds(500);
  std::optional<Error> failed;
  for (;;) {
    OUTPOST_TRY(PGresult* const result, Next(deadline));
    if (result == nullptr) break;
    if (PQresultStatus(result) != PGRES_COMMAND_OK && PQresultStatus(result) != PGRES_TUPLES_OK && !failed)
      failed = Translate(result);
    PQclear(result);
  }
  if (PQenterPipelineMode(connection_.get()) != 1) return GiveUp("no pipeline mode");
  if (failed) return *failed;
  return {};
}

int Connection::TakeWarnings() { return std::exchange(warnings_, 0); }

Result<std::vector<Connection::Notification>> Connection::Listen(Milliseconds wait) {
  if (broken_) return Error{ErrorCode::kUnavailable, MessageOf(ErrorCode::kUnavailable)};
  pollfd socket{PQsocket(connection_.get()), POLLIN, 0};
  if (::poll(&socket, 1, static_cast<int>(wait.count())) > 0 && PQconsumeInput(connection_.get()) != 1)
    return GiveUp(PQerrorMessage(connection_.get()));
  std::vector<Notification> came;
  while (PGnotify* const notify = PQnotifies(connection_.get())) {
    came.push_back({notify->be_pid, notify->extra});
    PQfreemem(notify);
  }
  return came;
}

std::string Connection::Quoted(const std::string& identifier) const {
  char* const quoted = PQescapeIdentifier(connection_.get(), identifier.data(), identifier.size());
  std::string text = quoted == nullptr ? "\"\"" : quoted;
  PQfreemem(quoted);
  return text;
}

Error Connection::GiveUp(const std::string& why) {
  broken_ = true;
  Report(why);
  return {ErrorCode::kUnavailable, MessageOf(ErrorCode::kUnavailable)};
}

Error Connection::Translate(const PGresult* result) {
  const char* field = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const std::string state = field == nullptr ? "" : field;
  const ErrorCode code = CodeOf(state);
  Report(state + ": " + PQresultErrorMessage(result));
  if (state == "26000" || state == "42P05") return PooledByTransaction();
  if (code == ErrorCode::kUnavailable) broken_ = true;
  return {code, MessageOf(code)};
}

void Connection::Report(const std::string& text) const {
  if (options_.report) options_.report(text);
}

void Connection::CountWarning(void* connection, const PGresult* notice) {
  const char* severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
  auto& self = *static_cast<Connection*>(connection);
  if (severity == nullptr || std::strcmp(severity, "WARNING") != 0) return;
  ++self.warnings_;
  self.Report(PQresultErrorMessage(notice));
}

}  // namespace outpost::postgres
