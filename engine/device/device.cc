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
  state.device = DeviceId(state.ulids.Next(now));
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

ExchangeVerdict Broken(std::string reason, Verdict verdict = Verdict::kUnreachable) {
  ExchangeVerdict result;
  result.verdict = verdict;
  result.reason = std::move(reason);
  return result;
}

// The store's trouble is not the server's answer: nothing is taken, everything is asked again later.
ExchangeVerdict Outcome(ExchangeVerdict verdict, const Status& taken) {
  if (taken.ok()) return verdict;
  const bool foreign = taken.error().code == ErrorCode::kUnavailable;
  return Broken(taken.error().message, foreign ? Verdict::kUnreachable : Verdict::kServerTrouble);
}

void LearnEpoch(DeviceState& state, const ExchangeVerdict& verdict) {
  if (verdict.verdict != Verdict::kEpochChanged || !verdict.problem) return;
  const std::string_view epoch = StringOr(verdict.problem->extra, "epoch");
  state.epoch = epoch.empty() ? std::nullopt : std::optional<Epoch>(Epoch(std::string(epoch)));
}

ExchangeVerdict TakeResponse(DeviceState& state, const Exchange& exchange, const std::string& body, Timestamp now) {
  const auto response = PushResponseFromJson(body);
  if (!response.ok()) return Broken(response.error().message);
  if (AsksForPatience(response.value())) {
    ExchangeVerdict trouble = Broken("the server puts everything off", Verdict::kServerTrouble);
    trouble.retry_after_ms = response.value().results.front().retry_after_ms;
    return trouble;
  }
  ExchangeVerdict verdict;
  verdict.verdict = Verdict::kVerified;
  return Outcome(std::move(verdict), TakeAnswers(state, exchange, response.value(), now));
}

MachineEvent EndPush(DeviceState& state, const Exchange& exchange, const HttpOutcome& outcome, Timestamp now) {
  ExchangeVerdict verdict = Classify(outcome);
  const int commands = static_cast<int>(exchange.commands.size());
  if (verdict.verdict == Verdict::kVerified) {
    verdict = TakeResponse(state, exchange, std::get<HttpResponse>(outcome).body, now);
  } else if (verdict.verdict == Verdict::kBatchRefused && commands == 1 && verdict.problem) {
    verdict = Outcome(verdict, RefuseAlone(state, exchange.commands.front(), *verdict.problem, now));
  }
  if (OUTPOST_MUTANT("expired-token-drops-queue") && verdict.verdict == Verdict::kSignInNeeded) {
    static_cast<void>(RefuseAlone(state, exchange.commands.front(), *verdict.problem, now));
  }
  LearnEpoch(state, verdict);
  for (const SentCommand& command : exchange.commands) {
    if (OUTPOST_MUTANT("in-flight-for-ever") && verdict.verdict != Verdict::kVerified) continue;
    state.graph.PutBack(command.position);
  }
  return PushEnded{std::move(verdict), commands};
}

MachineEvent EndPull(DeviceState& state, const Exchange& exchange, const HttpOutcome& outcome, Timestamp now) {
  ExchangeVerdict verdict = Classify(outcome);
  bool more = false;
  if (verdict.verdict == Verdict::kVerified && exchange.generation != state.generation) {
    more = true;  // asked for before a resync began: not of this round
  } else if (verdict.verdict == Verdict::kVerified) {
    const auto page = ChangesPageFromNdjson(std::get<HttpResponse>(outcome).body);
    const auto take = exchange.join ? TakeJoinPage : TakePage;
    verdict = page.ok() ? Outcome(verdict, take(state, page.value(), now)) : Broken(page.error().message);
    // After a join the round goes on with everything.
    more = page.ok() && (page.value().more || exchange.join);
    if (verdict.verdict == Verdict::kVerified && !more) state.Tell(Notice::Kind::kRoundFinished);
  }
  LearnEpoch(state, verdict);
  return PullEnded{std::move(verdict), more};
}

std::optional<MachineEvent> Translate(DeviceState& state, const Event& event, Timestamp now) {
  if (std::holds_alternative<Start>(event)) return MachineStarted{};
  if (std::holds_alternative<Wake>(event)) return MachineWoken{};
  if (const auto* line = std::get_if<NetworkChanged>(&event)) return LineChanged{line->up};
  if (std::holds_alternative<TokenChanged>(event)) return TokenRenewed{};
  if (std::holds_alternative<SyncNow>(event)) return SyncAsked{};
  const auto& done = std::get<HttpDone>(event);
  const auto found = state.exchanges.find(done.exchange);
  if (found == state.exchanges.end()) return std::nullopt;  // of an earlier life, or answered already
  const Exchange exchange = std::move(found->second);
  state.exchanges.erase(found);
  return exchange.kind == Exchange::Kind::kPush ? EndPush(state, exchange, done.outcome, now)
                                                : EndPull(state, exchange, done.outcome, now);
}

// Performs what the machine decided; what that leads to is a next event for the machine.
std::optional<MachineEvent> Perform(DeviceState& state, const MachineAction& action, Timestamp now,
                                    std::vector<Effect>& effects) {
  if (const auto* push = std::get_if<StartPush>(&action)) {
    auto send = BuildPush(state, push->commands_max, now);
    if (!send.ok()) return PushEnded{Broken(send.error().message, Verdict::kServerTrouble), 0};
    if (!send.value()) return PushEnded{Broken("nothing to send", Verdict::kServerTrouble), 0};
    effects.push_back(std::move(*send.value()));
    return MachineWoken{};
  }
  if (std::holds_alternative<StartPull>(action)) {
    effects.push_back(BuildPull(state));
  } else if (const auto* wake = std::get_if<WakeMachineAt>(&action)) {
    effects.push_back(WakeAt{wake->at});
  } else if (std::holds_alternative<AskSignIn>(action)) {
    state.Tell(Notice::Kind::kSignInNeeded);
  } else if (std::holds_alternative<BeginResync>(action)) {
    if (BeginNewGeneration(state, now).ok()) state.Tell(Notice::Kind::kResyncStarted);
  } else if (std::holds_alternative<RenewIncarnation>(action)) {
    if (TakeNewIncarnation(state, now).ok()) state.Tell(Notice::Kind::kDeviceCloned);
  }
  return std::nullopt;
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

// No command is made to wait longer for its own next attempt.
Milliseconds LongestWait(const SyncSettings& settings) {
  return Milliseconds(std::max(kRetryAfterMsMax, settings.backoff_ms.back()));
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

}  // namespace

Device::Device(std::unique_ptr<DeviceState> state) : state_(std::move(state)) {}
Device::~Device() = default;

Result<std::unique_ptr<Device>> Device::Open(DeviceOptions options, Timestamp now, Random& random) {
  auto state = std::make_unique<DeviceState>(std::move(options), random);
  OUTPOST_TRY(state->store, DeviceStore::Open(state->options.store));
  OUTPOST_CHECK(Claim(*state, now));
  OUTPOST_CHECK(state->Reload(now));
  if (!state->options.as_it_is) {
    OUTPOST_CHECK(KeepSubscription(*state, now));
    OUTPOST_CHECK(KeepIndexes(*state));
  }
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

std::vector<Effect> Device::Handle(const Event& event, Timestamp now) {
  std::vector<Effect> effects;
  DeviceState& state = *state_;
  std::optional<MachineEvent> next = state.store_error.empty() ? Translate(state, event, now) : std::nullopt;
  while (next && state.store_error.empty()) {
    state.graph.ResumeDue(now, LongestWait(state.options.sync));
    const auto actions = state.machine.Step(*next, state.Queue(), now);
    next.reset();
    for (const MachineAction& action : actions) {
      auto follow = Perform(state, action, now, effects);
      if (follow) next = std::move(follow);
    }
  }
  KeepLastWakeUp(effects);
  if (static_cast<std::int64_t>(state.graph.size()) < state.options.waiting_alert) state.alerted = false;
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
  status.waiting = static_cast<std::int64_t>(state_->graph.size());
  status.in_flight = static_cast<std::int64_t>(state_->graph.in_flight());
  status.quarantined = state_->quarantined;
  status.online = state_->machine.online();
  status.caught_up = state_->caught_up;
  status.last_sync = state_->last_sync;
  if (!state_->waiting_since.empty()) status.oldest_waiting = state_->waiting_since.begin()->second;
  status.store_error = state_->store_error;
  return status;
}

const DeviceWork& Device::work() const { return state_->work; }
const DeviceId& Device::id() const { return state_->device; }
const Incarnation& Device::incarnation() const { return state_->incarnation; }

Status Device::CheckOverlays() { return CheckOverlaysAgainstReplay(*state_); }

}  // namespace outpost::engine
