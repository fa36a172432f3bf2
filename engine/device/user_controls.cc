// User controls (O12): what a person decides about a command that waits or was set aside. Each is one durable
// transaction; the status table says what is possible.
//
// A command that waits again does so at the end of the queue, as if it were executed now: what was executed after its
// refusal did not build on it, and must not fall with it if it is refused again.
#include <algorithm>

#include "base/mutant.h"
#include "engine/device/device_state.h"
#include "engine/device/set_aside.h"
#include "rules/cancelling.h"

namespace outpost::engine {
namespace {

Error NotPossible(const CommandRecord& command, std::string_view why) {
  return {ErrorCode::kInvalidArgument,
          std::string(Name(command.status)) + " " + command.id.value + ": " + std::string(why)};
}

Result<CommandRecord> FindOrFail(DeviceState& state, const CommandId& id) {
  OUTPOST_TRY(auto command, state.store->outbox().Find(id));
  if (!command) return Error{ErrorCode::kNotFound, "no such operation: " + id.value};
  return *std::move(command);
}

// The refusal that was stored with it.
json::object ProblemOf(const CommandRecord& command) {
  auto parsed = ParseJson(command.problem);
  if (!parsed.ok() || !parsed.value().is_object()) return {};
  return std::move(parsed.value().get_object());
}

Result<Version> VersionShownBy(const CommandRecord& command) {
  const json::object problem = ProblemOf(command);
  std::int64_t version = IntegerOr(problem, "currentVersion", 0);
  const auto current = problem.find("currentState");
  if (version <= 0 && current != problem.end() && current->value().is_object()) {
    version = IntegerOr(current->value().get_object(), "version", 0);
  }
  if (version <= 0) return NotPossible(command, "its refusal shows no version of the server's");
  return Version(version);
}

// Raised only here, and only after a verified refusal.
Status PrepareRetry(CommandRecord& command, RetryHow how) {
  if (!OUTPOST_MUTANT("retry-keeps-revision")) ++command.revision.value;
  if (how == RetryHow::kLatest) {
    OUTPOST_TRY(const Version latest, VersionShownBy(command));
    if (!OUTPOST_MUTANT("latest-keeps-version")) command.expected_version = latest;
  }
  if (how == RetryHow::kForce) {
    if (StringOr(ProblemOf(command), "code") != Name(ProblemCode::kVersionConflict)) {
      return NotPossible(command, "only a version conflict can be overridden");
    }
    command.expected_version = std::monostate{};
  }
  return {};
}

// These refused commands wait again, and behind them what was blocked by no others.
Status RequeueAll(DeviceState& state, const SetAside& aside, const std::set<Position>& roots, RetryHow how,
                  Timestamp now) {
  std::vector<Position> again = aside.FreedBy(roots);
  again.insert(again.end(), roots.begin(), roots.end());
  std::sort(again.begin(), again.end());
  for (const Position& position : again) {
    OutboxEntry entry = aside.at(position);
    const bool root = roots.count(position) != 0;
    if (root) OUTPOST_CHECK(PrepareRetry(entry.command, how));
    const StatusChange change = root ? StatusChange::kRetried : StatusChange::kPredecessorRetried;
    OUTPOST_CHECK(Requeue(state, std::move(entry), change, now));
  }
  OUTPOST_CHECK(state.CountSetAside());
  return Rebase(state);
}

// Put off by RETRY answers: its time has come now.
Status TryNow(DeviceState& state, const CommandRecord& command, Timestamp now) {
  if (!state.graph.Contains(command.position) || state.graph.IsInFlight(command.position)) return {};
  OUTPOST_CHECK(state.store->outbox().Defer(command.position, command.attempts, now, now));
  state.graph.Defer(command.position, now);
  return {};
}

// The command that burns another's key. One that never left the device hands its number on, so that none is missing at
// the server; and a copy of this store that still holds it finds it burnt.
Status QueueBurn(DeviceState& state, const CommandRecord& target, Timestamp now) {
  const json::object payload{{"id", target.id.value}};
  CommandRecord burn;
  burn.id = CommandId(state.ulids.Next(now));
  burn.position = Position(++state.last_position.value);
  burn.incarnation = state.incarnation;
  const bool takes_over = !state.EverSent(target) && target.incarnation == state.incarnation && target.n.value > 0;
  burn.n = takes_over ? target.n : CommandNumber(++state.last_n.value);
  if (takes_over) OUTPOST_CHECK(state.store->outbox().GiveUpNumber(target.position));
  burn.author = state.options.user;
  burn.type = kDiscardType;
  burn.payload = ToJson(payload);
  burn.key = IdempotencyKey(burn.id.value);
  burn.fingerprint = FingerprintOf(kDiscardFamily, payload);
  burn.created_at = burn.updated_at = now;
  OUTPOST_CHECK(state.store->outbox().Insert(burn, {}));
  state.Enter(burn, {});
  return {};
}

// It takes no effect from now on as far as this device can tell; the graph has let go of it.
Status Drop(DeviceState& state, const CommandRecord& command, Timestamp now) {
  const bool sent = state.EverSent(command);
  const StatusChange change = sent ? StatusChange::kDiscardAsked : StatusChange::kDroppedUnsent;
  OUTPOST_CHECK(state.store->outbox().Move(command.position, change, command.problem, now));
  state.Withdraw(command.position, command.id);
  OUTPOST_CHECK(QueueBurn(state, command, now));
  if (!sent) state.Tell(Notice::Kind::kDiscarded, command.id);
  return {};
}

Result<std::vector<CommandRecord>> Load(DeviceState& state, const std::vector<Position>& positions) {
  std::vector<CommandRecord> commands;
  for (const Position& position : positions) {
    OUTPOST_TRY(auto entry, state.store->outbox().Load(position));
    if (entry) commands.push_back(std::move(entry->command));
  }
  return commands;
}

Result<std::vector<CommandRecord>> FallWith(DeviceState& state, const CommandRecord& command) {
  if (OUTPOST_MUTANT("discard-alone")) return std::vector<CommandRecord>();
  if (command.status == CommandStatus::kPending) {
    return Load(state, state.graph.Dependents({command.position}));
  }
  if (!IsQuarantined(command.status)) return std::vector<CommandRecord>();
  OUTPOST_TRY(const SetAside aside, SetAside::Load(state.store->outbox()));
  return Load(state, aside.Behind({command.position}));
}

Status CheckDiscard(const CommandRecord& command) {
  if (command.status == CommandStatus::kSucceeded) {
    return NotPossible(command, "it was applied; only another operation can undo it");
  }
  if (command.type == kDiscardType) return NotPossible(command, "a discard cannot be taken back");
  return {};
}

// What stands behind the replaced command builds on the new one from now on.
void Rename(CommandRecord& command, const CommandId& from, const CommandId& to) {
  if (OUTPOST_MUTANT("edit-forgets-followers")) return;
  std::replace(command.depends_on.begin(), command.depends_on.end(), from, to);
  if (auto* after = std::get_if<AfterCommand>(&command.expected_version); after != nullptr && after->id == from) {
    after->id = to;
  }
}

// What waits or is blocked behind it, taken out of the graph.
Result<std::vector<OutboxEntry>> TakeFollowers(DeviceState& state, const CommandRecord& old) {
  std::vector<OutboxEntry> followers;
  std::vector<Position> positions;
  if (old.status == CommandStatus::kPending) {
    positions = state.graph.Refuse(old.position);
  } else {
    OUTPOST_TRY(const SetAside aside, SetAside::Load(state.store->outbox()));
    positions = aside.Behind({old.position});
  }
  for (const Position& position : positions) {
    OUTPOST_TRY(auto entry, state.store->outbox().Load(position));
    if (!entry) return Error{ErrorCode::kCorrupt, "a waiting command is missing from the outbox"};
    state.Withdraw(position, entry->command.id);
    followers.push_back(*std::move(entry));
  }
  return followers;
}

Status CheckEdit(const DeviceState& state, const CommandRecord& old) {
  if (old.type == kDiscardType) return NotPossible(old, "a discard cannot be edited");
  if (IsQuarantined(old.status)) return {};
  if (old.status == CommandStatus::kPending && !state.EverSent(old)) return {};
  return NotPossible(old, old.status == CommandStatus::kPending ? "it may be on its way; discard it first"
                                                                : "there is nothing left to edit");
}

// Whoever edits a command goes on without what was discarded before it.
Result<std::vector<CommandId>> NotDiscarded(DeviceState& state, const std::vector<CommandId>& named) {
  std::vector<CommandId> kept;
  for (const CommandId& id : named) {
    OUTPOST_TRY(const auto command, state.store->outbox().Find(id));
    if (!command || !IsDiscarded(command->status)) kept.push_back(id);
  }
  return kept;
}

Result<Accepted> Replace(DeviceState& state, const CommandRecord& old, const Intent& intent, Timestamp now) {
  OUTPOST_TRY(auto followers, TakeFollowers(state, old));
  OUTPOST_CHECK(Drop(state, old, now));
  OUTPOST_CHECK(Rebase(state));  // the new one is predicted without the old one's effect
  OUTPOST_TRY(Accepted accepted, ExecuteWithin(state, intent, old.id, now));
  const bool waits = state.open.count(accepted.id) != 0;  // not if it names a refused one itself
  for (OutboxEntry& follower : followers) {
    Rename(follower.command, old.id, accepted.id);
    const bool goes_on = waits && follower.command.status == CommandStatus::kPending;
    const StatusChange change = goes_on ? StatusChange::kRetried : StatusChange::kPredecessorRefused;
    OUTPOST_CHECK(Requeue(state, std::move(follower), change, now));
  }
  OUTPOST_CHECK(FreeUnheld(state, now));
  OUTPOST_CHECK(Rebase(state));
  return accepted;
}

}  // namespace

Status RetryCommand(DeviceState& state, const CommandId& id, RetryHow how, Timestamp now) {
  static constexpr const char* kLabels[] = {"retry", "retry with latest", "force"};
  return state.Decide(kLabels[static_cast<int>(how)], id, now, [&]() -> Status {
    OUTPOST_TRY(const CommandRecord command, FindOrFail(state, id));
    if (command.status == CommandStatus::kPending && how == RetryHow::kAgain) return TryNow(state, command, now);
    if (command.status == CommandStatus::kBlocked) {
      return NotPossible(command, "it waits for a refused one; retry, edit or discard that");
    }
    if (!IsQuarantined(command.status)) return NotPossible(command, "there is no refusal to try again");
    OUTPOST_TRY(const SetAside aside, SetAside::Load(state.store->outbox()));
    return RequeueAll(state, aside, {command.position}, how, now);
  });
}

Result<std::int64_t> RetryEverything(DeviceState& state, Timestamp now) {
  std::int64_t count = 0;
  OUTPOST_CHECK(state.Decide("retry all", std::nullopt, now, [&]() -> Status {
    OUTPOST_TRY(const SetAside aside, SetAside::Load(state.store->outbox()));
    const std::set<Position> refused = aside.Refused();
    for (const Position& position : state.graph.Deferred()) {
      OUTPOST_TRY(const auto entry, state.store->outbox().Load(position));
      if (entry) OUTPOST_CHECK(TryNow(state, entry->command, now));
      ++count;
    }
    count += static_cast<std::int64_t>(refused.size());
    return RequeueAll(state, aside, refused, RetryHow::kAgain, now);
  }));
  return count;
}

Result<Accepted> EditCommand(DeviceState& state, const CommandId& id, Intent intent, Timestamp now) {
  std::optional<Accepted> accepted;
  OUTPOST_CHECK(state.Decide("edit", id, now, [&]() -> Status {
    OUTPOST_TRY(const CommandRecord old, FindOrFail(state, id));
    OUTPOST_CHECK(CheckEdit(state, old));
    if (intent.type.empty()) intent.type = old.type;
    if (!intent.author) intent.author = old.author;
    if (intent.depends_on.empty()) {
      OUTPOST_TRY(intent.depends_on, NotDiscarded(state, old.depends_on));
    }
    OUTPOST_TRY(accepted, Replace(state, old, intent, now));
    return {};
  }));
  return *std::move(accepted);
}

Result<std::vector<CommandRecord>> PlanDiscard(DeviceState& state, const CommandId& id) {
  OUTPOST_TRY(const CommandRecord command, FindOrFail(state, id));
  OUTPOST_CHECK(CheckDiscard(command));
  return FallWith(state, command);
}

Result<std::vector<CommandId>> DiscardCommand(DeviceState& state, const CommandId& id, Timestamp now) {
  std::vector<CommandId> fallen;
  OUTPOST_CHECK(state.Decide("discard", id, now, [&]() -> Status {
    OUTPOST_TRY(const CommandRecord command, FindOrFail(state, id));
    OUTPOST_CHECK(CheckDiscard(command));
    if (IsDiscarded(command.status)) return {};
    OUTPOST_TRY(std::vector<CommandRecord> all, FallWith(state, command));
    if (command.status == CommandStatus::kPending) state.graph.Refuse(command.position);
    all.insert(all.begin(), command);
    for (const CommandRecord& one : all) {
      OUTPOST_CHECK(Drop(state, one, now));
      fallen.push_back(one.id);
    }
    OUTPOST_CHECK(state.CountSetAside());
    return Rebase(state);
  }));
  return fallen;
}

Result<std::optional<Intent>> MakeCancelling(DeviceState& state, const CommandId& id) {
  OUTPOST_TRY(const CommandRecord command, FindOrFail(state, id));
  if (command.status != CommandStatus::kSucceeded)
    return NotPossible(command, "it was not applied; discard it instead");
  OUTPOST_TRY(const TypeName name, ParseTypeName(command.type));
  OUTPOST_TRY(const json::value payload, ParseJson(command.payload));
  const rules::CommandType* type = rules::FindType(name.family, name.version);
  if (type == nullptr || !payload.is_object()) return std::optional<Intent>();
  auto cancelling = rules::CancellingOf(*type, id, payload.get_object());
  if (!cancelling) return std::optional<Intent>();
  return std::optional<Intent>(
      Intent{.type = std::move(cancelling->type), .payload = std::move(cancelling->payload), .depends_on = {id}});
}

}  // namespace outpost::engine
