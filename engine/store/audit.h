// The audit trail (O13): what this device exchanged and what people decided on it; when, what came back, how long it
// took. Rows are never changed but for one kind: what repeats without news (polls that brought nothing, attempts while
// nobody answers) is counted in the row that says so, or a week without a line would bury the day before it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "protocol/ids.h"
#include "sqlite/connection.h"

namespace outpost::engine {

struct AuditRow {
  Timestamp at;     // of its beginning
  Timestamp until;  // of the last repetition
  std::int64_t times = 1;
  std::string kind;                  // "push", "pull", "answer" (of one command), or what a person did: "retry", …
  std::optional<CommandId> command;  // of an answer, or of what a person decided about
  UserId author;                     // who decided
  std::int64_t commands = 0;         // that a push carried
  std::int64_t changes = 0;          // that a pull brought
  int status = 0;                    // HTTP, 0 when no response came
  std::string code;                  // of the problem or verdict; empty: all well
  std::string detail;
  std::int64_t duration_ms = 0;
  std::string trace_id;

  bool quiet() const { return !command && changes == 0 && (kind == "pull" || (kind == "push" && !code.empty())); }
};

class AuditTrail {
 public:
  Status Prepare(sqlite::Connection& connection);

  Status Add(const AuditRow& row);
  // Newest first; of one command, or all.
  Result<std::vector<AuditRow>> List(const std::optional<CommandId>& command, std::size_t limit);
  // Removes at most `step` rows that ended before `before`. How many.
  Result<std::int64_t> Purge(Timestamp before, std::int64_t step);

 private:
  Result<bool> Repeat(const AuditRow& row);

  sqlite::Connection* connection_ = nullptr;
  sqlite::Statement insert_, last_, repeat_, list_, list_command_, purge_;
};

}  // namespace outpost::engine
