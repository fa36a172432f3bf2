#include "engine/device/device.h"

#include <algorithm>

#include "base/mutant.h"
#include "engine/device/device_state.h"

namespace outpost::engine {
namespace {

// The store belongs to one workspace and one user, or to a terminal, for its whole life.
Status Claim(DeviceState& state, Timestamp now) {
  Meta& meta = state.store->meta();
  const bool terminal = state.options.sharing == Sharing::kTerminal;
  state.owner = terminal ? UserId() : state.options.user;
  state.signed_out = terminal && state.options.user.value.empty();
  OUTPOST_TRY(const auto workspace, meta.Get("workspace"));
  if (workspace) {
    OUTPOST_TRY(const auto user, meta.Get("user"));
    if (*workspace != state.options.workspace.value || user.value_or("") != state.owner.value) {
      return Error{ErrorCode::kInvalidArgument,
                   "the store belongs to workspace '" + *workspace + "', " +
                       (user.value_or("").empty() ? "a shared terminal" : "user '" + *user + "'")};
    }
    OUTPOST_TRY(const auto device, meta.Get("device"));
    state.device = DeviceId(device.value_or(""));
    return {};
  }
  const DeviceId& known = state.options.new_device;
  if (!known.value.empty() && !IsValidId(known.value)) return Error{ErrorCode::kInvalidArgument, "no id of a device"};
  state.device = known.value.empty() ? DeviceId(state.ulids.Next(now)) : known;
  const std::string incarnation = state.ulids.Next(now);
  return state.store->Run("create the store", Durability::kFull, [&]() -> Status {
    OUTPOST_CHECK(meta.Set("workspace", state.options.workspace.value));
    OUTPOST_CHECK(meta.Set("user", state.owner.value));
    OUTPOST_CHECK(meta.Set("device", state.device.value));
    return meta.Set("incarnation", incarnation);
  });
}

// The options' subscription counts when it is another than at the last start; else what Subscribe made of it.
Status KeepSubscription(DeviceState& state, Timestamp now) {
  const DeviceOptions& options = state.options;
  OUTPOST_TRY(Subscription wanted, MakeSubscription(options.collections, options.scope, options.scoped));
  const std::string text = ToText(wanted);
  Meta& meta = state.store->meta();
  OUTPOST_TRY(auto last, meta.Get("subscribed_at_start"));
  if (!last) {
    OUTPOST_TRY(last, meta.Get("filter"));
  }
  if (!last || *last != text) OUTPOST_CHECK(ChangeSubscription(state, std::move(wanted), now));
  return state.store->Run("keep the subscription", Durability::kNormal,
                          [&] { return meta.Set("subscribed_at_start", text); });
}

Status KeepIndexes(DeviceState& state) {
  return state.store->Run("keep the indexes", Durability::kNormal,
                          [&] { return state.store->queries().KeepIndexes(state.options.indexes); });
}

void HandOverQueryChanges(DeviceState& state, std::vector<Effect>& effects) {
  const Cut cut = state.round_open ? Cut::kMidRound : Cut::kWhole;
  for (QueryChanged& change : state.live->Update(state.changed, state.changed_many, cut)) {
    effects.push_back(std::move(change));
  }
}

void HandOverNotices(DeviceState& state, std::vector<Effect>& effects) {
  if (!state.live->empty()) HandOverQueryChanges(state, effects);
  if (!state.changed.empty() || state.changed_many) {
    Notice notice;
    notice.kind = Notice::Kind::kDocumentsChanged;
    if (!state.changed_many) notice.documents.assign(state.changed.begin(), state.changed.end());
    state.notices.push_back(std::move(notice));
    state.changed.clear();
    state.changed_many = false;
  }
  for (Notice& notice : state.notices) effects.push_back(std::move(notice));
  state.notices.clear();
}

// Only the last wake-up counts.
void KeepLastWakeUp(std::vector<Effect>& effects) {
  bool seen = false;
  for (std::size_t i = effects.size(); i-- > 0;) {
    if (!std::holds_alternative<WakeAt>(effects[i])) continue;
    if (seen) effects.erase(effects.begin() + static_cast<std::ptrdiff_t>(i));
    seen = true;
  }
}

// Where others may share the store, the device is woken to keep its lease, or to see whether it can have it.
void LookAgain(DeviceState& state, Timestamp now, std::vector<Effect>& effects) {
  if (!state.running || (IsAlone(state) && state.lease.held)) return;
  const auto wake = std::find_if(effects.begin(), effects.end(),
                                 [](const Effect& effect) { return std::holds_alternative<WakeAt>(effect); });
  if (wake != effects.end()) state.wake_at = std::get<WakeAt>(*wake).at;
  if (!state.lease.held) state.wake_at.reset();
  Timestamp next = NextLook(state, now);
  if (state.wake_at && now < *state.wake_at) next = std::min(next, *state.wake_at);
  if (wake != effects.end()) effects.erase(wake);
  effects.push_back(WakeAt{next});
}

}  // namespace

Device::Device(std::unique_ptr<DeviceState> state) : state_(std::move(state)) {}
Device::~Device() { ReleaseLease(*state_); }

Result<std::unique_ptr<Device>> Device::Open(DeviceOptions options, Timestamp now, Random& random) {
  auto state = std::make_unique<DeviceState>(std::move(options), random);
  OUTPOST_TRY(state->store, DeviceStore::Open(state->options.store));
  OUTPOST_CHECK(Claim(*state, now));
  OUTPOST_CHECK(state->store->Run("read the store", Durability::kNormal, [&] { return state->Reload(now); }));
  if (!state->options.as_it_is) OUTPOST_CHECK(KeepIndexes(*state));
  state->live.emplace(state->store->queries(), state->work);
  return std::unique_ptr<Device>(new Device(std::move(state)));
}

Result<StoreOwner> Device::OwnerOf(const StoreOptions& options) {
  OUTPOST_TRY(const auto store, DeviceStore::Open(options));
  OUTPOST_TRY(const auto workspace, store->meta().Get("workspace"));
  OUTPOST_TRY(const auto user, store->meta().Get("user"));
  if (!workspace) return Error{ErrorCode::kNotFound, "the store is empty: it is nobody's yet"};
  return StoreOwner{WorkspaceId(*workspace), UserId(user.value_or(""))};
}

Result<Accepted> Device::Execute(const Intent& intent, Timestamp now) {
  if (state_->signed_out) return Error{ErrorCode::kRefused, "nobody is signed in"};
  return ExecuteIntent(*state_, intent, now);
}

Result<ExportedQueue> Device::ExportQueue(Timestamp now) {
  OUTPOST_TRY(const QueueFile file, GatherQueue(*state_, now));
  return ExportedQueue{ToText(file), DigestOf(file), static_cast<std::int64_t>(file.commands.size())};
}
Result<ImportedQueue> Device::ImportQueue(std::string_view text, Timestamp now) {
  return TakeQueue(*state_, text, now);
}

Status Device::SignIn(UserId user, std::optional<std::vector<CollectionName>> may_read) {
  return engine::SignIn(*state_, std::move(user), std::move(may_read));
}
Status Device::SignOut(Logout how, std::string_view export_digest, Timestamp now) {
  return LogOut(*state_, how, export_digest, now);
}

Status Device::Retry(const CommandId& id, Timestamp now) { return RetryCommand(*state_, id, RetryHow::kAgain, now); }
Result<std::int64_t> Device::RetryAll(Timestamp now) { return RetryEverything(*state_, now); }
Status Device::RetryWithLatest(const CommandId& id, Timestamp now) {
  return RetryCommand(*state_, id, RetryHow::kLatest, now);
}
Status Device::Force(const CommandId& id, Timestamp now) { return RetryCommand(*state_, id, RetryHow::kForce, now); }
Result<Accepted> Device::Edit(const CommandId& id, Intent intent, Timestamp now) {
  return EditCommand(*state_, id, std::move(intent), now);
}
Result<std::vector<CommandRecord>> Device::DiscardPlan(const CommandId& id) { return PlanDiscard(*state_, id); }
Result<std::vector<CommandId>> Device::Discard(const CommandId& id, Timestamp now) {
  return DiscardCommand(*state_, id, now);
}

Result<std::optional<Intent>> Device::CancellingIntent(const CommandId& id) { return MakeCancelling(*state_, id); }

std::vector<Effect> Device::Handle(const Event& event, Timestamp now) {
  std::vector<Effect> effects;
  DeviceState& state = *state_;
  const bool starts = std::holds_alternative<Start>(event);
  state.running = state.running || starts;
  const bool held = state.lease.held;
  if (state.running && state.store_error.empty()) KeepLease(state, now);
  const bool flushes = state.lease.held || !state.running;
  if (state.lease.held && !held) {
    if (!state.options.as_it_is && !KeepSubscription(state, now).ok()) state.lease.lost = true;
    if (!starts) Drive(state, Start{}, now, effects);
  }
  if (flushes) Drive(state, event, now, effects);
  if (state.lease.lost) KeepLease(state, now);
  FlushAudit(state);
  if (state.lease.held) Housekeep(state, now);
  KeepLastWakeUp(effects);
  LookAgain(state, now, effects);
  if (state.Waiting() < state.options.waiting_alert) state.alerted = false;
  HandOverNotices(state, effects);
  return effects;
}

Status Device::Subscribe(Subscription subscription, Timestamp now) {
  OUTPOST_TRY(Subscription wanted, MakeSubscription(std::move(subscription.collections), std::move(subscription.scope),
                                                    std::move(subscription.scoped)));
  return ChangeSubscription(*state_, std::move(wanted), now);
}

const Subscription& Device::subscription() const { return state_->wanted; }

Result<std::vector<DataSet>> Device::DataSets() {
  OUTPOST_TRY(const auto sizes, state_->store->documents().Sizes());
  std::vector<DataSet> sets;
  for (const CollectionSize& size : sizes) {
    const bool held = state_->subscription.Has(size.collection);
    sets.push_back({size.collection, size.documents, size.bytes, held ? state_->last_sync : std::nullopt, !held});
  }
  for (const CollectionName& collection : state_->wanted.collections) {
    const auto known = [&](const DataSet& set) { return set.collection == collection; };
    if (std::any_of(sets.begin(), sets.end(), known)) continue;
    const bool held = state_->subscription.Has(collection);
    sets.push_back({collection, 0, 0, held ? state_->last_sync : std::nullopt, !held});
  }
  return sets;
}

Result<std::vector<AuditRow>> Device::Audit(const std::optional<CommandId>& command, std::size_t limit) {
  return state_->store->audit().List(command, limit);
}

Result<std::optional<VisibleDocument>> Device::Get(const DocumentKey& key) {
  OUTPOST_CHECK(state_->MayRead(key.collection));
  OUTPOST_TRY(auto row, state_->store->documents().Visible(key));
  if (!row) return std::optional<VisibleDocument>();
  return std::optional<VisibleDocument>({std::move(row->key), row->version, std::move(row->body), row->pending});
}

Result<std::vector<VisibleDocument>> Device::List(const CollectionName& collection, std::size_t limit) {
  OUTPOST_CHECK(state_->MayRead(collection));
  OUTPOST_TRY(auto rows, state_->store->documents().ListVisible(collection, limit));
  std::vector<VisibleDocument> documents;
  documents.reserve(rows.size());
  for (VisibleRow& row : rows) documents.push_back({std::move(row.key), row.version, std::move(row.body), row.pending});
  return documents;
}

Result<std::vector<VisibleDocument>> Device::Find(const Query& query) {
  OUTPOST_CHECK(state_->MayRead(query.collection));
  OUTPOST_TRY(auto rows, state_->store->queries().Find(query));
  std::vector<VisibleDocument> documents;
  documents.reserve(rows.size());
  for (QueryRow& found : rows) {
    documents.push_back({std::move(found.row.key), found.row.version, std::move(found.row.body), found.row.pending});
  }
  return documents;
}

Result<std::int64_t> Device::Count(const Query& query) {
  OUTPOST_CHECK(state_->MayRead(query.collection));
  return state_->store->queries().Count(query);
}

Result<Watched> Device::Watch(const Query& query) {
  OUTPOST_CHECK(state_->MayRead(query.collection));
  return state_->live->Add(query);
}
void Device::Unwatch(QueryId id) { state_->live->Remove(id); }

Result<std::vector<CommandRecord>> Device::Queue(std::optional<CommandStatus> status, std::size_t limit) {
  return state_->store->outbox().List(status, limit);
}

Result<std::optional<CommandRecord>> Device::FindCommand(const CommandId& id) {
  return state_->store->outbox().Find(id);
}

SyncStatus Device::status() const {
  SyncStatus status;
  status.waiting = state_->Waiting();
  status.in_flight = static_cast<std::int64_t>(state_->graph.in_flight());
  status.quarantined = state_->quarantined;
  status.online = state_->machine.online();
  status.caught_up = state_->caught_up;
  status.last_sync = state_->last_sync;
  if (!state_->waiting_since.empty()) status.oldest_waiting = state_->waiting_since.begin()->second;
  status.flushing = state_->lease.held;
  status.store_error = state_->store_error;
  return status;
}

const DeviceWork& Device::work() const { return state_->work; }
const StatusMoves& Device::status_moves() const { return state_->store->outbox().moves(); }
const DeviceId& Device::id() const { return state_->device; }
const Incarnation& Device::incarnation() const { return state_->incarnation; }

Status Device::CheckOverlays() { return CheckOverlaysAgainstReplay(*state_); }

}  // namespace outpost::engine
