#include "server/postgres/jobs.h"

namespace outpost::server {
namespace {

using postgres::Parameters;
using postgres::Rows;
using postgres::Statement;

constexpr Statement kJobs{"jobs",
                          "SELECT name, version, holder, lease_until, started, finished, result, steps, runs, next "
                          "FROM job ORDER BY name"};
constexpr Statement kPutJob{
    "put_job",
    "INSERT INTO job(name, version, holder, lease_until, started, finished, result, steps, runs, next) "
    "SELECT $1::text, $2::bigint, $3::text, $4::bigint, $5::bigint, $6::bigint, $7::text, $8::bigint, $9::bigint, "
    "$10::bigint WHERE $2::bigint = 1 OR EXISTS (SELECT FROM job WHERE name = $1::text) "
    "ON CONFLICT (name) DO UPDATE SET version = excluded.version, holder = excluded.holder, "
    "lease_until = excluded.lease_until, started = excluded.started, finished = excluded.finished, "
    "result = excluded.result, steps = excluded.steps, runs = excluded.runs, next = excluded.next "
    "WHERE job.version = excluded.version - 1 RETURNING 1"};

std::optional<Timestamp> TimeOrNone(const Rows& rows, int row, int column) {
  return rows.IsNull(row, column) ? std::nullopt : std::optional(Timestamp{rows.Integer(row, column)});
}

std::optional<std::int64_t> NumberOf(const std::optional<Timestamp>& time) {
  return time ? std::optional(time->ms) : std::nullopt;
}

}  // namespace

Result<std::vector<JobRecord>> ReadJobs(postgres::Connection& connection) {
  OUTPOST_TRY(const Rows rows, connection.Query(kJobs));
  std::vector<JobRecord> jobs;
  for (int row = 0; row < rows.size(); ++row) {
    JobRecord job;
    job.name = rows.String(row, 0);
    job.version = rows.Integer(row, 1);
    job.holder = rows.String(row, 2);
    job.lease_until = Timestamp{rows.Integer(row, 3)};
    job.started = TimeOrNone(rows, row, 4);
    job.finished = TimeOrNone(rows, row, 5);
    job.result = rows.String(row, 6);
    job.steps = rows.Integer(row, 7);
    job.runs = rows.Integer(row, 8);
    job.next = Timestamp{rows.Integer(row, 9)};
    jobs.push_back(std::move(job));
  }
  return jobs;
}

Result<bool> CompareAndSetJob(postgres::Connection& connection, const JobRecord& record) {
  Parameters row;
  row.Text(record.name).Integer(record.version).Text(record.holder).Integer(record.lease_until.ms);
  row.IntegerIf(NumberOf(record.started)).IntegerIf(NumberOf(record.finished)).Text(record.result);
  row.Integer(record.steps).Integer(record.runs).Integer(record.next.ms);
  OUTPOST_TRY(const Rows rows, connection.Query(kPutJob, std::move(row)));
  return rows.size() > 0;
}

}  // namespace outpost::server
