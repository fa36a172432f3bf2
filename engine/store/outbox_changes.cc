// The outbox: where commands stand, and how that changes.
#include "engine/store/outbox.h"

namespace outpost::engine {

// Ended: applied and in base, or discarded.
#define OUTPOST_HISTORY "(status=6 OR (status=1 AND covered=1))"

Status Outbox::PrepareChanges(sqlite::Connection& db) {
  OUTPOST_TRY(status_, db.Prepare("SELECT status FROM command WHERE position=?1"));
  OUTPOST_TRY(succeed_,
              db.Prepare("UPDATE command SET status=?6,sent=1,seq=?2,result_version=?3,covered=max(covered,?4),"
                         "problem='',offered=0,updated_at=?5 WHERE position=?1"));
  OUTPOST_TRY(move_, db.Prepare("UPDATE command SET status=?2,problem=?3,updated_at=?4,sent=max(sent,?5) "
                                "WHERE position=?1"));
  OUTPOST_TRY(defer_, db.Prepare("UPDATE command SET attempts=?2,next_attempt_at=?3,sent=1,updated_at=?4 "
                                 "WHERE position=?1"));
  OUTPOST_TRY(requeue_,
              db.Prepare("UPDATE command SET position=?2,status=?3,incarnation=?4,n=?5,revision=?6,expected_version=?7,"
                         "expected_after=?8,depends_on=?9,sent=?10,updated_at=?11,attempts=0,next_attempt_at=0,"
                         "covered=0,offered=0,problem='' WHERE position=?1"));
  OUTPOST_TRY(give_up_number_, db.Prepare("UPDATE command SET n=0 WHERE position=?1"));
  OUTPOST_TRY(mark_, db.Prepare("UPDATE command SET offered=1 WHERE status=1 AND updated_at>=?1"));
  OUTPOST_TRY(unmark_, db.Prepare("UPDATE command SET offered=0,seq=?2 WHERE id=?1 AND offered=1"));
  OUTPOST_TRY(purge_,
              db.Prepare("DELETE FROM command WHERE position IN (SELECT position FROM command WHERE " OUTPOST_HISTORY
                         " AND offered=0 AND (updated_at<?1 OR position<=(SELECT position FROM command "
                         "WHERE " OUTPOST_HISTORY " ORDER BY position DESC LIMIT 1 OFFSET ?2)) "
                         "ORDER BY position LIMIT ?3)"));
  OUTPOST_TRY(cover_, db.Prepare("UPDATE command SET covered=1 WHERE position=?1"));
  OUTPOST_TRY(retouch_, db.Prepare("UPDATE command SET touched=?2,doubtful=?3 WHERE position=?1"));
  OUTPOST_TRY(renumber_, db.Prepare("UPDATE command SET incarnation=?2,n=?3 WHERE position=?1"));
  return {};
}

Result<CommandStatus> Outbox::Next(Position position, StatusChange change) {
  OUTPOST_TRY(const bool row, status_.Bind(1, position.value).Step());
  if (!row) return Error{ErrorCode::kCorrupt, "a command is missing from the outbox"};
  const std::int64_t status = status_.Integer(0);
  status_.Reset();
  if (status < 0 || status >= kCommandStatusCount) {
    return Error{ErrorCode::kCorrupt, "a command's status is unreadable"};
  }
  return Take(static_cast<CommandStatus>(status), change);
}

CommandStatus Outbox::Take(CommandStatus from, StatusChange change) {
  ++moves_[static_cast<std::size_t>(change)][static_cast<std::size_t>(from)];
  return Advance(from, change);
}

Status Outbox::Succeed(Position position, CommandStatus from, std::optional<Sequence> seq, Version result_version,
                       bool covered, Timestamp now) {
  const CommandStatus next = Take(from, StatusChange::kApplied);
  succeed_.Bind(1, position.value)
      .BindNull(2)
      .Bind(3, result_version.value)
      .Bind(4, std::int64_t{covered})
      .Bind(5, now.ms)
      .Bind(6, static_cast<std::int64_t>(next));
  if (seq) succeed_.Bind(2, seq->value);
  return succeed_.Run();
}

Result<CommandStatus> Outbox::Move(Position position, StatusChange change, std::string_view problem, Timestamp now) {
  OUTPOST_TRY(const CommandStatus next, Next(position, change));
  const bool refused = change == StatusChange::kConflict || change == StatusChange::kFailed;
  move_.Bind(1, position.value)
      .Bind(2, static_cast<std::int64_t>(next))
      .Bind(3, problem)
      .Bind(4, now.ms)
      .Bind(5, std::int64_t{refused});
  OUTPOST_CHECK(move_.Run());
  return next;
}

Status Outbox::Defer(Position position, std::int64_t attempts, Timestamp until, Timestamp now) {
  OUTPOST_CHECK(Next(position, StatusChange::kPutOff));
  return defer_.Bind(1, position.value).Bind(2, attempts).Bind(3, until.ms).Bind(4, now.ms).Run();
}

Status Outbox::Requeue(Position from, const CommandRecord& command, StatusChange change, Timestamp now) {
  OUTPOST_TRY(const CommandStatus next, Next(from, change));
  const std::string depends_on = EncodeIds(command.depends_on);
  requeue_.Bind(1, from.value).Bind(2, command.position.value).Bind(3, static_cast<std::int64_t>(next));
  requeue_.Bind(4, command.incarnation.value).Bind(5, command.n.value).Bind(6, command.revision.value);
  requeue_.BindNull(7).BindNull(8).Bind(9, depends_on).Bind(10, std::int64_t{command.sent}).Bind(11, now.ms);
  if (const auto* version = std::get_if<Version>(&command.expected_version)) requeue_.Bind(7, version->value);
  if (const auto* after = std::get_if<AfterCommand>(&command.expected_version)) requeue_.Bind(8, after->id.value);
  return requeue_.Run();
}

Status Outbox::MarkOffered(Timestamp since) { return mark_.Bind(1, since.ms).Run(); }

Status Outbox::Unmark(const CommandId& id, Sequence seq) { return unmark_.Bind(1, id.value).Bind(2, seq.value).Run(); }

Result<std::int64_t> Outbox::PurgeHistory(Timestamp before, std::int64_t rows_max, std::int64_t step) {
  OUTPOST_CHECK(purge_.Bind(1, before.ms).Bind(2, rows_max).Bind(3, step).Run());
  return std::int64_t{connection_->changes()};
}

Status Outbox::GiveUpNumber(Position position) { return give_up_number_.Bind(1, position.value).Run(); }

Status Outbox::Cover(Position position) { return cover_.Bind(1, position.value).Run(); }

Status Outbox::Retouch(Position position, const std::vector<Touch>& touches, bool doubtful) {
  const std::string touched = EncodeTouches(touches);
  return retouch_.Bind(1, position.value).Bind(2, touched).Bind(3, std::int64_t{doubtful}).Run();
}

Status Outbox::Renumber(Position position, const Incarnation& incarnation, CommandNumber n) {
  return renumber_.Bind(1, position.value).Bind(2, incarnation.value).Bind(3, n.value).Run();
}

}  // namespace outpost::engine
