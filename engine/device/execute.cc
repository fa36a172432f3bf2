// Execute: from an intent to a row in the outbox with its edges and overlays, in one durable transaction.
#include <algorithm>

#include "base/mutant.h"
#include "engine/device/device_state.h"
#include "engine/device/set_aside.h"
#include "engine/device/visible_documents.h"
#include "rules/execute.h"

namespace outpost::engine {
namespace {

// A command on its way into the outbox.
struct Draft {
  const rules::CommandType* type = nullptr;
  TypeName name;
  CommandRecord command;
  std::vector<Touch> touches;
  std::vector<OverlayDocument> overlays;
  std::optional<std::string> optimistic;
};

Result<Draft> StartDraft(DeviceState& state, const Intent& intent, Timestamp now) {
  Draft draft;
  OUTPOST_TRY(draft.name, ParseTypeName(intent.type));
  draft.type = rules::FindType(draft.name.family, draft.name.version);
  if (draft.type == nullptr) return Error{ErrorCode::kInvalidArgument, "unknown command type " + intent.type};
  if (intent.key && !IsValidKey(intent.key->value)) {
    return Error{ErrorCode::kInvalidArgument, "a key is 1 to 255 visible characters"};
  }
  CommandRecord& command = draft.command;
  command.id = CommandId(state.ulids.Next(now));
  command.author = intent.author.value_or(state.options.user);
  command.type = intent.type;
  const bool rewritten = OUTPOST_MUTANT("upcast-at-rest") && draft.type->upcast != nullptr;
  command.payload = ToJson(rewritten ? draft.type->upcast(intent.payload) : intent.payload);
  command.key = intent.key.value_or(IdempotencyKey(command.id.value));
  command.expected_version = intent.expected_version;
  command.depends_on = intent.depends_on;
  command.fingerprint = FingerprintOf(draft.name.family, intent.payload);
  command.created_at = command.updated_at = now;
  command.traceparent = intent.traceparent;
  return draft;
}

// The version this device saw, for types that mind what happened since (a stock count): its own waiting count, if there
// is one, else what the server last said.
Status FillExpectedVersion(DeviceState& state, Draft& draft, const json::object& payload, Timestamp now) {
  if (draft.type->version_conflict == nullptr) return {};
  if (!std::holds_alternative<std::monostate>(draft.command.expected_version)) return {};
  const auto target = rules::TargetOf(*draft.type, draft.command.id, payload);
  if (!target || !state.Holds(target->collection)) return {};
  if (state.shared.stale) OUTPOST_CHECK(state.Reload(now));
  if (const auto writer = state.graph.LastWriter(*target)) {
    OUTPOST_TRY(const auto entry, state.store->outbox().Load(*writer));
    if (entry) draft.command.expected_version = AfterCommand{entry->command.id};
    return {};
  }
  OUTPOST_TRY(const auto base, state.store->documents().Base(*target));
  draft.command.expected_version = base ? base->version : Version(0);
  return {};
}

// Runs the rule on what is visible. A refusal stops the command only where this device can know.
Status Predict(DeviceState& state, Draft& draft, const Intent& intent, Timestamp now) {
  VisibleDocuments documents(state);
  rules::ExecutionRequest request;
  request.type = draft.type;
  request.context = {draft.command.id, draft.command.author, now, state.options.currency, false};
  request.payload = &intent.payload;
  request.tell_added = true;
  OUTPOST_TRY(rules::Execution execution, rules::Execute(request, documents));
  for (Touch& touch : TouchesOf(execution)) {
    if (OUTPOST_MUTANT("read-is-no-edge") && touch.access == rules::Access::kReads) continue;
    draft.touches.push_back(std::move(touch));
  }
  if (auto* refused = std::get_if<rules::Refused>(&execution.outcome)) {
    if (!refused->met_not_held && intent.local_refusal == LocalRefusal::kRefuse) {
      const bool malformed = refused->problem.code == ProblemCode::kValidationFailed;
      std::string message = std::string(Name(refused->problem.code)) + ": " + refused->problem.detail;
      for (const FieldError& error : refused->problem.errors) message += "; " + error.field + " " + error.message;
      return Error{malformed ? ErrorCode::kInvalidArgument : ErrorCode::kRefused, std::move(message)};
    }
    draft.command.doubtful = true;
    draft.command.resource = rules::TargetOf(*draft.type, draft.command.id, intent.payload);
    return {};
  }
  auto& executed = std::get<rules::Executed>(execution.outcome);
  draft.command.resource = executed.resource;
  for (rules::NewDocument& document : executed.documents) {
    if (!state.MayStore(document.key.collection)) continue;
    OverlayDocument overlay{document.key, document.version, std::nullopt};
    if (!document.deleted) overlay.body = ToJson(document.body);
    draft.overlays.push_back(std::move(overlay));
  }
  draft.optimistic = ToJson(executed.resource_body());
  return {};
}

// A command that builds on one that was refused or discarded is set aside with it.
Status FindPredecessors(DeviceState& state, Draft& draft) {
  for (const CommandId& id : NamedPredecessors(draft.command)) {
    const auto waiting = state.open.find(id);
    const bool sure = !state.shared.stale && waiting != state.open.end();
    if (sure && state.graph.Contains(waiting->second)) continue;
    OUTPOST_TRY(const bool refused, IsRefused(state.store->outbox(), id));
    if (!refused) continue;
    draft.command.status = CommandStatus::kBlocked;
    draft.overlays.clear();
    draft.optimistic.reset();
  }
  return {};
}

Status Persist(DeviceState& state, const Draft& draft) {
  // Online it is sent as soon as this returns: the mark costs no write of its own then.
  if (state.machine.online()) OUTPOST_CHECK(state.store->meta().Set("sent_mark", draft.command.position.value));
  OUTPOST_CHECK(state.store->outbox().Insert(draft.command, draft.touches));
  for (const OverlayDocument& overlay : draft.overlays) OUTPOST_CHECK(state.store->documents().PutOverlay(overlay));
  return {};
}

// Whether some write has no document to show for it.
bool IsGuess(const Draft& draft) {
  if (draft.command.doubtful) return true;
  for (const Touch& touch : draft.touches) {
    const bool shown = std::any_of(draft.overlays.begin(), draft.overlays.end(),
                                   [&](const auto& overlay) { return overlay.key == touch.key; });
    if (touch.writes() && !shown) return true;
  }
  return false;
}

void Remember(DeviceState& state, Draft& draft) {
  const CommandRecord& command = draft.command;
  state.last_position = command.position;
  if (!OUTPOST_MUTANT("number-given-twice")) state.last_n = command.n;
  if (state.machine.online()) state.sent_mark = command.position;
  for (const OverlayDocument& overlay : draft.overlays) state.NoteChanged(overlay.key);
  if (command.status != CommandStatus::kPending) {
    ++state.quarantined;
    return;
  }
  ++state.shared.waiting;
  if (state.shared.stale) return;  // memory is read anew when it is needed
  if (!state.caught_up && IsGuess(draft)) state.guessed.insert(command.position);
  state.Enter(command, std::move(draft.touches));
  if (static_cast<std::int64_t>(state.graph.size()) >= state.options.waiting_alert && !state.alerted) {
    state.alerted = true;
    state.Tell(Notice::Kind::kTooManyWaiting, std::nullopt, "Too many offline operations. Please connect to sync.");
  }
}

Result<Accepted> AcceptedAs(const CommandRecord& command, DeviceState& state) {
  Accepted accepted{command.id, command.n, command.resource, std::nullopt};
  if (command.resource) {
    OUTPOST_TRY(auto visible, state.store->documents().Visible(*command.resource));
    if (visible) accepted.optimistic = std::move(visible->body);
  }
  return accepted;
}

Status CheckLimit(const DeviceState& state) {
  if (state.Waiting() < state.options.waiting_max) return {};
  return Error{ErrorCode::kFull, "the queue holds " + std::to_string(state.options.waiting_max) +
                                     " waiting operations, its limit; connect to sync"};
}

// The same operation again, by its key: what was accepted then is the answer.
Result<std::optional<Accepted>> KnownByKey(DeviceState& state, const Draft& draft, const Intent& intent) {
  if (!intent.key) return std::optional<Accepted>();
  OUTPOST_TRY(const auto known, state.store->outbox().FindKey(draft.command.author, draft.name.family, *intent.key));
  if (!known) return std::optional<Accepted>();
  if (known->fingerprint != draft.command.fingerprint) {
    return Error{ErrorCode::kAlreadyExists, "the key is in use by an operation with other content"};
  }
  OUTPOST_TRY(Accepted accepted, AcceptedAs(*known, state));
  return std::optional<Accepted>(std::move(accepted));
}

// Everything that can say no; changes nothing.
Status Finish(DeviceState& state, Draft& draft, const Intent& intent, Timestamp now) {
  OUTPOST_CHECK(FillExpectedVersion(state, draft, intent.payload, now));
  OUTPOST_CHECK(Predict(state, draft, intent, now));
  OUTPOST_CHECK(FindPredecessors(state, draft));
  draft.command.position = Position(state.last_position.value + 1);
  draft.command.incarnation = state.incarnation;
  draft.command.n = CommandNumber(state.last_n.value + 1);
  return {};
}

Result<Accepted> Keep(DeviceState& state, Draft& draft) {
  OUTPOST_CHECK(Persist(state, draft));
  Accepted accepted{draft.command.id, draft.command.n, draft.command.resource, std::move(draft.optimistic)};
  Remember(state, draft);
  return accepted;
}

}  // namespace

Result<Accepted> ExecuteIntent(DeviceState& state, const Intent& intent, Timestamp now) {
  if (!state.store_error.empty()) return Error{ErrorCode::kIo, state.store_error};
  OUTPOST_TRY(Draft draft, StartDraft(state, intent, now));
  std::optional<Accepted> accepted;
  std::optional<Error> refused;
  // The prediction is made inside the transaction: what it rests on cannot move before it is kept.
  const Durability durability = OUTPOST_MUTANT("execute-not-synced") ? Durability::kNormal : Durability::kFull;
  OUTPOST_CHECK(state.Run(
      "execute", durability, now,
      [&]() -> Status {
        auto known = KnownByKey(state, draft, intent);
        if (known.ok() && known.value()) {
          accepted = std::move(known).value();
          return {};
        }
        Status checked = known.ok() ? CheckLimit(state) : Status(known.error());
        if (checked.ok()) checked = Finish(state, draft, intent, now);
        if (!checked.ok()) {
          refused = checked.error();  // nothing was changed: no reason to roll back and read everything anew
          return {};
        }
        OUTPOST_TRY(accepted, Keep(state, draft));
        return {};
      },
      Knowledge::kAppend));
  if (refused) return *refused;
  return *std::move(accepted);
}

Result<Accepted> ExecuteWithin(DeviceState& state, const Intent& intent, const std::optional<CommandId>& replaces,
                               Timestamp now) {
  OUTPOST_TRY(Draft draft, StartDraft(state, intent, now));
  OUTPOST_TRY(auto known, KnownByKey(state, draft, intent));
  if (known) return Error{ErrorCode::kAlreadyExists, "the key is in use by another operation"};
  draft.command.replaces = replaces;
  OUTPOST_CHECK(Finish(state, draft, intent, now));
  return Keep(state, draft);
}

Status ImportCommand(DeviceState& state, CommandRecord command, Timestamp now) {
  Draft draft;
  OUTPOST_TRY(draft.name, ParseTypeName(command.type));
  draft.type = rules::FindType(draft.name.family, draft.name.version);
  if (draft.type == nullptr) {
    return Error{ErrorCode::kInvalidArgument, "this release does not know " + command.type + " of " + command.id.value};
  }
  OUTPOST_TRY(const json::value payload, ParseJson(command.payload));
  if (!payload.is_object()) return Error{ErrorCode::kInvalidArgument, "no payload in " + command.id.value};
  draft.command = std::move(command);
  draft.command.updated_at = now;
  draft.command.resource = rules::TargetOf(*draft.type, draft.command.id, payload.get_object());
  if (draft.command.status == CommandStatus::kPending) {
    Intent intent;
    intent.payload = payload.get_object();
    intent.local_refusal = LocalRefusal::kQueueAnyway;
    OUTPOST_CHECK(Predict(state, draft, intent, draft.command.created_at));
    OUTPOST_CHECK(FindPredecessors(state, draft));
  }
  draft.command.position = Position(state.last_position.value + 1);
  draft.command.incarnation = state.incarnation;
  draft.command.n = CommandNumber(state.last_n.value + 1);
  OUTPOST_CHECK(Persist(state, draft));
  Remember(state, draft);
  return {};
}

}  // namespace outpost::engine
