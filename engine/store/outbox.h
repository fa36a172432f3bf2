// The outbox: every command this device accepted, waiting or done. Rows are inserted once and their command never
// changes; only where it stands does, and only along the table in engine/model/status_table.h. Every method is a
// statement or two inside the caller's transaction.
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/model/command_record.h"
#include "engine/model/touch.h"
#include "sqlite/connection.h"

namespace outpost::engine {

// A command with what its rule met; what memory is rebuilt from when a store opens.
struct OutboxEntry {
  CommandRecord command;
  std::vector<Touch> touches;
};

class Outbox {
 public:
  Status Prepare(sqlite::Connection& connection);

  Status Insert(const CommandRecord& command, const std::vector<Touch>& touches);

  // With payload: for sending and for reruns.
  Result<std::optional<OutboxEntry>> Load(Position position);
  Result<std::optional<CommandRecord>> Find(const CommandId& id);
  // A key's identity on a device: author, family, key.
  Result<std::optional<CommandRecord>> FindKey(const UserId& author, std::string_view family,
                                               const IdempotencyKey& key);

  // Everything that still matters to sync, without payloads, in order: waiting, or applied and not covered.
  Status ForEachOpen(const std::function<Status(const OutboxEntry&)>& visit);
  // What other processes appended.
  Status ForEachAfter(Position position, const std::function<Status(const OutboxEntry&)>& visit);
  // Marked, and not found at the server since.
  Status ForEachOffered(const std::function<Status(const OutboxEntry&)>& visit);
  // Quarantined or being discarded, without payloads, in order.
  Status ForEachSetAside(const std::function<Status(const OutboxEntry&)>& visit);
  Result<std::vector<CommandRecord>> List(std::optional<CommandStatus> status, std::size_t limit);

  // Verified answers. `from`: where it stands, which the caller knows.
  Status Succeed(Position position, CommandStatus from, std::optional<Sequence> seq, Version result_version,
                 bool covered, Timestamp now);
  Status Defer(Position position, std::int64_t attempts, Timestamp until, Timestamp now);
  // Any other change of status, with the problem document that explains it (JSON text, may be empty).
  Result<CommandStatus> Move(Position position, StatusChange change, std::string_view problem, Timestamp now);
  // A command set aside or put off waits again, at the end of the queue, as `command` says: its new position, number,
  // revision, expected version and dependencies; attempts begin anew.
  Status Requeue(Position from, const CommandRecord& command, StatusChange change, Timestamp now);
  // Applied and answered since then: to be offered again unless the server still knows it.
  Status MarkOffered(Timestamp since);
  Status Unmark(const CommandId& id, Sequence seq);  // where it lies in the server's present life
  // Removes at most `step` rows of history: ended before `before`, or beyond the newest `rows_max`. How many. What is
  // not acknowledged, or not in base yet, stays.
  Result<std::int64_t> PurgeHistory(Timestamp before, std::int64_t rows_max, std::int64_t step);
  // Its number goes up with the command that discards it.
  Status GiveUpNumber(Position position);
  // Base holds its effect from now on.
  Status Cover(Position position);
  // A rerun: what it met, and whether its rule would refuse.
  Status Retouch(Position position, const std::vector<Touch>& touches, bool doubtful);
  // A new incarnation numbers what waits afresh.
  Status Renumber(Position position, const Incarnation& incarnation, CommandNumber n);

  Result<Position> LastPosition();
  Result<CommandNumber> LastNumber(const Incarnation& incarnation);
  // Of a status that is set aside or discarded.
  Result<std::int64_t> Count(CommandStatus status);
  // Waiting, or applied and not covered.
  Result<std::int64_t> CountOpen();
  // Since it was opened; a transaction that was rolled back counts too.
  const StatusMoves& moves() const { return moves_; }

 private:
  Status PrepareChanges(sqlite::Connection& connection);
  // What a change makes of a command; asserts that the table has it.
  Result<CommandStatus> Next(Position position, StatusChange change);
  CommandStatus Take(CommandStatus from, StatusChange change);

  sqlite::Connection* connection_ = nullptr;
  StatusMoves moves_{};
  sqlite::Statement insert_, load_, find_, find_key_, open_, after_, offered_, aside_, list_, list_status_, count_open_;
  sqlite::Statement last_position_, last_number_, count_;
  sqlite::Statement status_, succeed_, move_, defer_, requeue_, give_up_number_, mark_, unmark_, purge_, cover_,
      retouch_, renumber_;
};

}  // namespace outpost::engine
