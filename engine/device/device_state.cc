#include "engine/device/device_state.h"

#include <algorithm>

#include "base/mutant.h"

namespace outpost::engine {
namespace {

// Beyond this many a listener is told "many" and reads again what it shows.
constexpr std::size_t kChangedMax = 1000;
constexpr std::size_t kNoticesMax = 10000;
// A command's entry without its payload.
constexpr std::size_t kEnvelopeBytesTypical = 256;

}  // namespace

rules::Nature NatureOf(std::string_view type_name) {
  const auto name = ParseTypeName(type_name);
  const rules::CommandType* type = name.ok() ? rules::FindType(name.value().family, name.value().version) : nullptr;
  return type == nullptr ? rules::Nature::kRequest : type->nature;
}

DeviceState::DeviceState(DeviceOptions device_options, Random& device_random)
    : options(std::move(device_options)),
      random(device_random),
      ulids(device_random),
      machine(options.sync, device_random) {
  lease.holder = ulids.Next(Timestamp{});
}

Status DeviceState::Reload(Timestamp now) {
  ++reloads;
  OUTPOST_TRY(shared.data_version, store->DataVersion());
  shared.stale = false;
  graph = {};
  effects = {};
  open.clear();
  uncovered.clear();
  waiting_since.clear();
  maybe_applied.clear();
  guessed.clear();
  applied_late = false;
  Meta& meta = store->meta();
  OUTPOST_TRY(const auto stored_cursor, meta.Get("cursor"));
  cursor = stored_cursor && !stored_cursor->empty() ? std::optional<Cursor>(Cursor(*stored_cursor)) : std::nullopt;
  OUTPOST_TRY(const auto stored_join, meta.Get("join_cursor"));
  join_cursor = stored_join && !stored_join->empty() ? std::optional<Cursor>(Cursor(*stored_join)) : std::nullopt;
  OUTPOST_TRY(const auto stored_filter, meta.Get("filter"));
  OUTPOST_TRY(const auto stored_wanted, meta.Get("wanted"));
  OUTPOST_TRY(subscription, SubscriptionFromText(stored_filter.value_or("")));
  OUTPOST_TRY(wanted, SubscriptionFromText(stored_wanted.value_or(stored_filter.value_or(""))));
  OUTPOST_TRY(const auto stored_joining, meta.Get("joining"));
  joining.reset();
  if (join_cursor) {
    OUTPOST_TRY(joining, SubscriptionFromText(stored_joining.value_or(ToText(wanted))));
  }
  OUTPOST_TRY(const std::int64_t last_round, meta.GetInteger("last_round", 0));
  if (last_round != 0) last_sync = Timestamp{last_round};
  OUTPOST_TRY(const auto stored_epoch, meta.Get("epoch"));
  epoch = stored_epoch && !stored_epoch->empty() ? std::optional<Epoch>(Epoch(*stored_epoch)) : std::nullopt;
  OUTPOST_TRY(const auto stored_incarnation, meta.Get("incarnation"));
  incarnation = Incarnation(stored_incarnation.value_or(""));
  OUTPOST_TRY(generation, meta.GetInteger("generation", 1));
  OUTPOST_TRY(shared.stamp, meta.GetInteger("stamp", 0));
  OUTPOST_TRY(const std::int64_t offers, meta.GetInteger("offering", 0));
  offering = offers != 0;
  OUTPOST_TRY(sent_mark.value, meta.GetInteger("sent_mark", 0));
  OUTPOST_TRY(known_seq.value, meta.GetInteger("known_seq", 0));
  OUTPOST_TRY(const std::int64_t ended, meta.GetInteger("caught_up", 0));
  OUTPOST_TRY(const std::int64_t rewriting, meta.GetInteger("resyncing", 0));
  OUTPOST_TRY(const std::int64_t open_round, meta.GetInteger("round_open", 0));
  caught_up = ended != 0;
  resyncing = rewriting != 0;
  round_open = open_round != 0;
  // What a half-pulled round has moved is known only to the process that died: the round's end makes everything anew.
  rebase_all = round_open;
  dirty.clear();
  OUTPOST_CHECK(store->outbox().ForEachOpen([&](const OutboxEntry& entry) -> Status {
    const CommandRecord& command = entry.command;
    effects.Add(command.position, entry.touches, {command.author, command.created_at});
    if (!caught_up) guessed.insert(command.position);  // the process that could tell is gone
    open[command.id] = command.position;
    if (command.status == CommandStatus::kSucceeded) {
      uncovered[command.position] = {round};  // a pull under way may have been asked for before the answer
      return {};
    }
    std::vector<Position> predecessors;
    for (const CommandId& id : NamedPredecessors(command)) {
      const auto found = open.find(id);
      if (found != open.end()) predecessors.push_back(found->second);
    }
    if (OUTPOST_MUTANT("restart-forgets-waiting") && graph.size() == 0 && command.n.value % 2 == 0) return {};
    graph.Add(command.position, entry.touches, std::move(predecessors), NatureOf(command.type), kCommandBytesTypical);
    if (command.next_attempt_at > now) graph.Defer(command.position, command.next_attempt_at);
    waiting_since[command.position] = command.created_at;
    if (EverSent(command)) maybe_applied.insert(command.position);  // the process that could tell is gone
    return {};
  }));
  // Exchanges under way end as before, whatever happened to the store meanwhile.
  for (const auto& [id, exchange] : exchanges) {
    for (const SentCommand& command : exchange.commands) graph.MarkInFlight(command.position);
  }
  OUTPOST_TRY(last_position, store->outbox().LastPosition());
  last_position = std::max(last_position, sent_mark);  // never reused, also when history was purged
  OUTPOST_CHECK(FindLastNumber());
  return CountSetAside();
}

Status DeviceState::FindLastNumber() {
  OUTPOST_TRY(last_n, store->outbox().LastNumber(incarnation));
  OUTPOST_TRY(const std::int64_t purged, store->meta().GetInteger("purged_n", 0));
  last_n = std::max(last_n, CommandNumber(purged));
  return {};
}

Status DeviceState::CountSetAside() {
  quarantined = 0;
  discarded = 0;
  for (const auto status : {CommandStatus::kFailed, CommandStatus::kConflict, CommandStatus::kBlocked,
                            CommandStatus::kDiscarding, CommandStatus::kDiscarded}) {
    OUTPOST_TRY(const std::int64_t count, store->outbox().Count(status));
    (IsQuarantined(status) ? quarantined : discarded) += count;
  }
  return {};
}

void DeviceState::Enter(const CommandRecord& command, std::vector<Touch> touches) {
  std::vector<Position> predecessors;
  for (const CommandId& id : NamedPredecessors(command)) {
    const auto found = open.find(id);
    if (found != open.end() && graph.Contains(found->second)) predecessors.push_back(found->second);
  }
  open[command.id] = command.position;
  waiting_since[command.position] = command.created_at;
  if (command.sent) maybe_applied.insert(command.position);
  effects.Add(command.position, touches, {command.author, command.created_at});
  graph.Add(command.position, std::move(touches), std::move(predecessors), NatureOf(command.type),
            std::max(command.payload.size(), kCommandBytesTypical / 4) + kEnvelopeBytesTypical);
}

void DeviceState::DropEffect(Position position) {
  for (const Touch& touch : effects.TouchesOf(position)) dirty.insert(touch.key);
  effects.Remove(position);
  guessed.erase(position);
}

void DeviceState::Withdraw(Position position, const CommandId& id) {
  open.erase(id);
  if (effects.Contains(position)) DropEffect(position);
  waiting_since.erase(position);
  maybe_applied.erase(position);
}

Status DeviceState::Run(const char* label, Durability durability, Timestamp now, const std::function<Status()>& body,
                        Knowledge needed) {
  bool begun = false;
  auto done = store->Run(label, durability, [&]() -> Status {
    begun = true;
    OUTPOST_CHECK(Learn(*this, now, needed));
    return body();
  });
  if (done.ok() || !begun) return done;
  const auto reloaded = Reload(now);
  if (!reloaded.ok()) store_error = reloaded.error().message;
  return done;
}

Status DeviceState::RunStamped(const char* label, Durability durability, Timestamp now,
                               const std::function<Status()>& body) {
  auto done = Run(label, durability, now, [&]() -> Status {
    OUTPOST_CHECK(body());
    OUTPOST_CHECK(WriteAudit(*this));
    return store->meta().Set("stamp", ++shared.stamp);
  });
  if (done.ok()) audit.clear();
  return done;
}

Status DeviceState::Decide(const char* label, const std::optional<CommandId>& command, Timestamp now,
                           const std::function<Status()>& body) {
  if (!store_error.empty()) return Error{ErrorCode::kIo, store_error};
  if (signed_out) return Error{ErrorCode::kRefused, "nobody is signed in"};
  std::optional<Error> refused;
  AuditRow row;
  row.at = row.until = now;
  row.kind = label;
  row.command = command;
  row.author = options.user;
  if (command) row.trace_id = TraceIdOf("", command->value);
  const auto done = RunStamped(label, Durability::kFull, now, [&] {
    auto decided = body();
    if (!decided.ok()) refused = decided.error();
    if (decided.ok()) decided = store->audit().Add(row);
    return decided;
  });
  return refused ? Status(*refused) : done;
}

bool DeviceState::Subscribed(const CollectionName& collection) const {
  return MayStore(collection) && (subscription.Has(collection) || (joining && joining->Has(collection)));
}

bool DeviceState::MayStore(const CollectionName& collection) const {
  const auto& sensitive = options.sensitive;
  return options.store_sensitive || std::find(sensitive.begin(), sensitive.end(), collection) == sensitive.end();
}

bool DeviceState::Holds(const CollectionName& collection) const {
  const bool internal = !collection.value.empty() && collection.value.front() == '_';
  return caught_up && !internal && subscription.HoldsAllOf(collection) && MayStore(collection);
}

bool DeviceState::IsPushing() const {
  return std::any_of(exchanges.begin(), exchanges.end(),
                     [](const auto& one) { return one.second.kind == Exchange::Kind::kPush; });
}

QueueState DeviceState::Queue() {
  QueueState queue;
  // A server that lost what it had acknowledged gets that first: what waits may build on it.
  queue.ready = graph.has_ready() && (!offering || OUTPOST_MUTANT("restored-out-of-order"));
  queue.next_attempt_at = graph.NextDue();
  queue.uncovered = !uncovered.empty();
  return queue;
}

void DeviceState::NoteChanged(const DocumentKey& key) {
  if (changed.size() >= kChangedMax) {
    changed_many = true;
    return;
  }
  changed.insert(key);
}

void DeviceState::NoteChangedByPage(const DocumentKey& key) {
  if (changed_in_round.size() >= kChangedMax) {
    changed_many_in_round = true;
    return;
  }
  changed_in_round.insert(key);
}

void DeviceState::TellRound() {
  for (const DocumentKey& key : std::exchange(changed_in_round, {})) NoteChanged(key);
  changed_many = std::exchange(changed_many_in_round, false) || changed_many;
}

void DeviceState::Tell(Notice::Kind kind, std::optional<CommandId> command, std::string detail, std::string trace_id) {
  if (notices.size() >= kNoticesMax) return;
  Notice notice;
  notice.kind = kind;
  notice.trace_id = trace_id.empty() && command ? TraceIdOf("", command->value) : std::move(trace_id);
  notice.command = std::move(command);
  notice.detail = std::move(detail);
  notices.push_back(std::move(notice));
}

Status DeviceState::Cover(Position position) {
  OUTPOST_CHECK(store->outbox().Cover(position));
  DropEffect(position);
  uncovered.erase(position);
  return {};
}

}  // namespace outpost::engine
