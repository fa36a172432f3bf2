#include "server/sqlite/job_records.h"

#include "protocol/json.h"

namespace outpost::server {
namespace {

constexpr std::string_view kPrefix = "job:";

json::value TimeOrNull(const std::optional<Timestamp>& time) { return time ? json::value(time->ms) : json::value(); }

std::string ToText(const JobRecord& record) {
  return ToJson(json::value{{"version", record.version},
                            {"holder", record.holder},
                            {"leaseUntil", record.lease_until.ms},
                            {"next", record.next.ms},
                            {"started", TimeOrNull(record.started)},
                            {"finished", TimeOrNull(record.finished)},
                            {"result", record.result},
                            {"steps", record.steps},
                            {"runs", record.runs}});
}

std::int64_t IntegerIn(const json::object& object, std::string_view name) {
  const json::value* value = Find(object, name);
  return value != nullptr && IsInteger(*value) ? AsInteger(*value) : 0;
}

std::optional<Timestamp> TimeIn(const json::object& object, std::string_view name) {
  const json::value* value = Find(object, name);
  if (value == nullptr || !IsInteger(*value)) return std::nullopt;
  return Timestamp{AsInteger(*value)};
}

Result<JobRecord> FromText(std::string name, std::string_view text) {
  OUTPOST_TRY(const json::value value, ParseJson(text));
  if (!value.is_object()) return Error{ErrorCode::kCorrupt, "the record of job " + name + " is broken"};
  const json::object& object = value.get_object();
  JobRecord record;
  record.name = std::move(name);
  record.version = IntegerIn(object, "version");
  record.holder = std::string(StringOr(object, "holder"));
  record.lease_until = {IntegerIn(object, "leaseUntil")};
  record.next = {IntegerIn(object, "next")};
  record.started = TimeIn(object, "started");
  record.finished = TimeIn(object, "finished");
  record.result = std::string(StringOr(object, "result"));
  record.steps = IntegerIn(object, "steps");
  record.runs = IntegerIn(object, "runs");
  return record;
}

}  // namespace

Result<std::vector<JobRecord>> ReadJobs(sqlite::Connection& connection) {
  OUTPOST_TRY(auto select,
              connection.Prepare("SELECT name, value FROM meta WHERE name >= 'job:' AND name < 'job;' ORDER BY name"));
  std::vector<JobRecord> records;
  for (;;) {
    OUTPOST_TRY(const bool more, select.Step());
    if (!more) return records;
    OUTPOST_TRY(JobRecord record, FromText(std::string(select.Text(0).substr(kPrefix.size())), select.Text(1)));
    records.push_back(std::move(record));
  }
}

Result<bool> WriteJob(sqlite::Connection& connection, const JobRecord& record) {
  OUTPOST_TRY(auto transaction, sqlite::Transaction::Begin(connection, "a job's record"));
  OUTPOST_TRY(const std::vector<JobRecord> stored, ReadJobs(connection));
  std::int64_t version = 0;
  for (const JobRecord& other : stored) {
    if (other.name == record.name) version = other.version;
  }
  if (version + 1 != record.version) return false;
  const std::string name = std::string(kPrefix) + record.name;
  const std::string text = ToText(record);
  OUTPOST_TRY(auto put, connection.Prepare("INSERT OR REPLACE INTO meta(name, value) VALUES (?1, ?2)"));
  OUTPOST_CHECK(put.Bind(1, name).Bind(2, text).Run());
  OUTPOST_CHECK(transaction.Commit());
  return true;
}

}  // namespace outpost::server
