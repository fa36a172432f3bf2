// Answers: what a verified response to a push does to the device. One transaction for the whole response: base
// documents, outbox rows and overlays move together (law 7).
#include <algorithm>
#include <utility>

#include "base/mutant.h"
#include "engine/device/device_state.h"
#include "engine/device/set_aside.h"

namespace outpost::engine {
namespace {

void NoteRefusal(DeviceState& state, const CommandRecord& command, const Problem& problem, Timestamp now) {
  AuditRow row;
  row.at = row.until = now;
  row.kind = "answer";
  row.command = command.id;
  row.author = command.author;
  row.status = HttpStatus(problem.code);
  row.code = Name(problem.code);
  row.detail = problem.detail;
  row.trace_id = TraceIdOf(command.traceparent, command.id.value);
  state.audit.push_back(std::move(row));
}

// A refusal: the command and everything that truly depends on it are set aside; nothing is deleted (B1).
Status Quarantine(DeviceState& state, Position position, StatusChange change, const Problem& problem, Timestamp now) {
  const std::vector<Position> dependents = state.graph.Refuse(position);
  OUTPOST_TRY(const auto root, state.store->outbox().Load(position));
  if (!root) return Error{ErrorCode::kCorrupt, "a waiting command is missing from the outbox"};
  const auto set_aside = [&](Position which, StatusChange as, const std::string& text) -> Status {
    OUTPOST_TRY(const auto entry, state.store->outbox().Load(which));
    OUTPOST_CHECK(state.store->outbox().Move(which, as, text, now));
    if (entry) state.Withdraw(which, entry->command.id);
    ++state.quarantined;
    return {};
  };
  NoteRefusal(state, root->command, problem, now);
  OUTPOST_CHECK(set_aside(position, change, ToJson(ToProblemDocument(problem))));
  Problem blocked;
  blocked.code = ProblemCode::kDependencyFailed;
  blocked.detail = "an operation it depends on was refused";
  blocked.extra["blockedBy"] = json::array{json::string(root->command.id.value)};
  const std::string text = ToJson(ToProblemDocument(blocked));
  for (const Position& dependent : dependents) {
    if (OUTPOST_MUTANT("dependents-vanish")) continue;
    OUTPOST_CHECK(set_aside(dependent, StatusChange::kPredecessorRefused, text));
  }
  return {};
}

// Of an applied command, as ALREADY_APPLIED tells it.
std::optional<Sequence> SequenceOf(const Problem& problem) {
  const auto outcome = problem.extra.find("outcome");
  if (outcome == problem.extra.end() || !outcome->value().is_object()) return std::nullopt;
  const std::int64_t seq = IntegerOr(outcome->value().get_object(), "seq", 0);
  return seq > 0 ? std::optional<Sequence>(Sequence(seq)) : std::nullopt;
}

// The documents of a first answer go into base, unless base is beyond them already.
Status StoreChanges(DeviceState& state, const CommandResult& result) {
  for (const Change& change : result.changes) {
    if (!state.Subscribed(change.key.collection)) continue;
    // The cursor is at or beyond known_seq: a page has said, or will not say again, what this document is.
    if (change.seq <= state.known_seq) continue;
    OUTPOST_TRY(const bool moved, StoreChange(state, change));
    if (moved) state.NoteChanged(change.key);
  }
  return {};
}

Version ResultVersion(const CommandResult& result, const std::optional<DocumentKey>& resource) {
  for (const Change& change : result.changes) {
    if (resource && change.key == *resource) return change.version;
  }
  return Version(0);
}

// A no-op has nothing to cover, and what lies before the cursor a page has brought.
bool CoveredByCursor(const DeviceState& state, const CommandResult& result) {
  return !result.seq || *result.seq <= state.known_seq;
}

Status Succeed(DeviceState& state, const SentCommand& sent, const CommandResult& result, bool coverable,
               Timestamp now) {
  if (coverable) OUTPOST_CHECK(StoreChanges(state, result));
  const bool covered = coverable || CoveredByCursor(state, result) || OUTPOST_MUTANT("covered-without-base");
  OUTPOST_CHECK(state.store->outbox().Succeed(sent.position, CommandStatus::kPending, result.seq,
                                              ResultVersion(result, sent.resource), covered, now));
  state.graph.Settle(sent.position);
  state.waiting_since.erase(sent.position);
  state.maybe_applied.erase(sent.position);
  if (covered) {
    state.DropEffect(sent.position);
    state.open.erase(sent.id);
  } else {
    state.uncovered[sent.position] = {state.round};
  }
  state.Tell(Notice::Kind::kSettled, sent.id, {}, sent.trace_id);
  return {};
}

// So that what was put off together does not come back together.
std::int64_t Jittered(DeviceState& state, std::int64_t delay_ms) {
  const double scale = 1.0 + state.options.sync.jitter * (2.0 * state.random.Fraction() - 1.0);
  return static_cast<std::int64_t>(static_cast<double>(delay_ms) * scale);
}

// Its own failure, charged to the command: tried again by the ladder, for ever, with a word to the user on the way.
Status Postpone(DeviceState& state, const SentCommand& sent, std::int64_t retry_after_ms, Timestamp now) {
  OUTPOST_TRY(const auto entry, state.store->outbox().Load(sent.position));
  const std::int64_t attempts = (entry ? entry->command.attempts : 0) + 1;
  const auto& ladder = state.options.sync.backoff_ms;
  const auto step = std::min<std::size_t>(static_cast<std::size_t>(attempts), ladder.size() - 1);
  const std::int64_t delay_ms = Jittered(state, ladder[step]);
  const Timestamp until = now + Milliseconds(std::max(std::min(retry_after_ms, kRetryAfterMsMax), delay_ms));
  OUTPOST_CHECK(state.store->outbox().Defer(sent.position, attempts, until, now));
  state.graph.Defer(sent.position, until);
  state.maybe_applied.erase(sent.position);
  state.Tell(
      attempts == state.options.sync.attention_after_attempts ? Notice::Kind::kNeedsAttention : Notice::Kind::kRetried,
      sent.id, "tried " + std::to_string(attempts) + " times", sent.trace_id);
  return {};
}

// The command left before its answer came: a page was quicker, it fell with a predecessor, or a person decided. Only
// that it was applied still counts, wherever it stands now.
Status TakeLateAnswer(DeviceState& state, const SentCommand& sent, const CommandResult& result, Timestamp now) {
  if (Judge(result) != CommandVerdict::kApplied || sent.burns) return {};
  return TakeApplied(state, sent.id, result.seq, now);
}

// The server's word on burning another command's key.
Status TakeDiscardAnswer(DeviceState& state, const SentCommand& sent, const CommandResult& result, Timestamp now) {
  const CommandVerdict verdict = Judge(result);
  if (verdict == CommandVerdict::kTryAgain || verdict == CommandVerdict::kHeldBack) {
    return Postpone(state, sent, result.retry_after_ms, now);
  }
  Outbox& outbox = state.store->outbox();
  state.graph.Settle(sent.position);
  state.Withdraw(sent.position, sent.id);
  OUTPOST_TRY(const auto target, outbox.Find(*sent.burns));
  if (verdict == CommandVerdict::kApplied) {
    OUTPOST_CHECK(outbox.Succeed(sent.position, CommandStatus::kPending, result.seq, Version(0), true, now));
    // Applied after all; or, to a server that then lost its store, offered again: its own answer decides about it.
    if (!target || !IsDiscarded(target->status)) return {};
    OUTPOST_CHECK(outbox.Move(target->position, StatusChange::kBurnt, target->problem, now));
    state.Tell(Notice::Kind::kDiscarded, target->id);
    return state.CountSetAside();
  }
  const Problem problem = result.problem.value_or(Problem{});
  const std::string text = ToJson(ToProblemDocument(problem));
  OUTPOST_CHECK(outbox.Move(sent.position, StatusChange::kPointless, text, now));
  if (problem.code == ProblemCode::kAlreadyApplied) {
    OUTPOST_CHECK(TakeApplied(state, *sent.burns, SequenceOf(problem), now));
  } else if (target && target->status != CommandStatus::kSucceeded) {
    OUTPOST_CHECK(outbox.Move(target->position, StatusChange::kDiscardRefused, text, now));
    state.Tell(Notice::Kind::kFailed, target->id, problem.detail);
  }
  return state.CountSetAside();
}

// Its predecessor's own answer decides, and has taken it along if it was refused. What is left names one that was
// refused or discarded here, and falls with it now; or was held up by a predecessor in RETRY, which it waits for here
// too, or by one this device does not know: asked again later.
Status HoldBack(DeviceState& state, const SentCommand& sent, const CommandResult& result, Timestamp now) {
  OUTPOST_TRY(const auto entry, state.store->outbox().Load(sent.position));
  if (!entry) return Error{ErrorCode::kCorrupt, "a waiting command is missing from the outbox"};
  OUTPOST_TRY(const bool refused, NamesRefused(state.store->outbox(), entry->command));
  if (!refused) return Postpone(state, sent, 0, now);
  return Quarantine(state, sent.position, StatusChange::kPredecessorRefused, result.problem.value_or(Problem{}), now);
}

Status TakeAnswer(DeviceState& state, const SentCommand& sent, const CommandResult& result, bool coverable,
                  Timestamp now) {
  if (sent.burns) return TakeDiscardAnswer(state, sent, result, now);
  const CommandVerdict verdict = Judge(result);
  switch (verdict) {
    case CommandVerdict::kApplied:
      return Succeed(state, sent, result, coverable, now);
    case CommandVerdict::kConflict:
    case CommandVerdict::kRefused: {
      if (OUTPOST_MUTANT("conflict-is-success") && result.http_status == 409)
        return Succeed(state, sent, result, coverable, now);
      const bool conflict = verdict == CommandVerdict::kConflict;
      const Problem problem = result.problem.value_or(Problem{});
      state.Tell(conflict ? Notice::Kind::kConflict : Notice::Kind::kFailed, sent.id, problem.detail, sent.trace_id);
      return Quarantine(state, sent.position, conflict ? StatusChange::kConflict : StatusChange::kFailed, problem, now);
    }
    case CommandVerdict::kHeldBack:
      return HoldBack(state, sent, result, now);
    case CommandVerdict::kTryAgain:
      return Postpone(state, sent, result.retry_after_ms, now);
  }
  return {};
}

// In which turn a response's results are taken.
int Turn(CommandVerdict verdict) {
  switch (verdict) {
    case CommandVerdict::kApplied:
      return 0;
    case CommandVerdict::kConflict:
    case CommandVerdict::kRefused:
      return 1;
    case CommandVerdict::kHeldBack:
    case CommandVerdict::kTryAgain:
      return 2;
  }
  return 2;
}

// The server knows numbers of this store that the store does not: it was restored from an older copy. It begins a new
// incarnation before it gives a number away twice.
Status CatchUpNumbers(DeviceState& state, const Exchange& exchange, const PushResponse& response, Timestamp now) {
  if (!response.highest_n || exchange.incarnation != state.incarnation || *response.highest_n <= state.last_n)
    return {};
  const std::int64_t missing = response.highest_n->value - state.last_n.value;
  OUTPOST_CHECK(TakeNewIncarnation(state, now));
  state.Tell(Notice::Kind::kStoreBehind, std::nullopt,
             "the server knows " + std::to_string(missing) + " operations of this device that its store has lost");
  return {};
}

}  // namespace

Status TakeAnswers(DeviceState& state, const Exchange& exchange, const PushResponse& response, Timestamp now) {
  std::unordered_map<CommandId, const SentCommand*> sent;
  for (const SentCommand& command : exchange.commands) sent[command.id] = &command;
  std::vector<std::pair<const SentCommand*, const CommandResult*>> verified;
  for (const CommandResult& result : response.results) {
    const auto found = sent.find(result.id);
    // B2: an answer counts only if it names the command and its fingerprint.
    const bool receipt_counts = !OUTPOST_MUTANT("receipts-not-verified");
    if (found == sent.end() || (receipt_counts && found->second->fingerprint != result.fingerprint)) continue;
    verified.emplace_back(found->second, &result);
    sent.erase(found);
  }
  if (OUTPOST_MUTANT("any-answer-settles") && verified.empty() && !exchange.commands.empty()) {
    CommandResult made_up;
    made_up.status = WireStatus::kSucceeded;
    return Succeed(state, exchange.commands.front(), made_up, false, now);
  }
  if (verified.empty() && !exchange.commands.empty()) {
    return Error{ErrorCode::kUnavailable, "the answer names none of the commands that were sent"};
  }
  // A cache, or an exchange from before the server lost its store: what it says was never said of this one.
  if (state.epoch && response.epoch != *state.epoch) {
    return Error{ErrorCode::kUnavailable, "the answer is of another life of the server's store"};
  }
  // What was applied is applied, whoever before it was refused; and what falls with a refusal is not asked again for
  // its own BLOCKED.
  std::stable_sort(verified.begin(), verified.end(),
                   [](const auto& a, const auto& b) { return Turn(Judge(*a.second)) < Turn(Judge(*b.second)); });
  OUTPOST_CHECK(RunHeld(state, "take answers", Durability::kNormal, now, [&]() -> Status {
    if (!state.epoch) {
      state.epoch = response.epoch;
      OUTPOST_CHECK(state.store->meta().Set("epoch", response.epoch.value));
    }
    const std::set<Position> coverable = Coverable(state, verified);
    std::vector<std::pair<const SentCommand*, const CommandResult*>> late;  // when base is what the others made of it
    for (const auto& [command, result] : verified) {
      if (!state.graph.Contains(command->position)) {
        late.emplace_back(command, result);
        continue;
      }
      OUTPOST_CHECK(TakeAnswer(state, *command, *result, coverable.count(command->position) != 0, now));
    }
    for (const auto& [command, result] : late) OUTPOST_CHECK(TakeLateAnswer(state, *command, *result, now));
    if (std::exchange(state.applied_late, false)) OUTPOST_CHECK(FreeUnheld(state, now));
    return Rebase(state);
  }));
  return CatchUpNumbers(state, exchange, response, now);
}

Status RefuseAlone(DeviceState& state, const SentCommand& command, const Problem& problem, Timestamp now) {
  if (!state.graph.Contains(command.position)) return {};
  CommandResult refused;
  refused.id = command.id;
  refused.status = WireStatus::kFailed;
  refused.http_status = HttpStatus(problem.code);
  refused.problem = problem;
  if (!command.burns) state.Tell(Notice::Kind::kFailed, command.id, problem.detail);
  return RunHeld(state, "refuse a command", Durability::kNormal, now, [&]() -> Status {
    if (command.burns) return TakeDiscardAnswer(state, command, refused, now);
    OUTPOST_CHECK(Quarantine(state, command.position, StatusChange::kFailed, problem, now));
    return Rebase(state);
  });
}

}  // namespace outpost::engine
