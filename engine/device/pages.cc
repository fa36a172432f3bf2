// Pages: what the feed brings. A round is the pages up to `more: false`; each page is one transaction with its cursor,
// overlays untouched; the round's end makes the overlays anew and tells listeners once: a consistent cut.
#include <algorithm>
#include <utility>

#include "base/mutant.h"
#include "engine/device/device_state.h"
#include "engine/device/set_aside.h"

namespace outpost::engine {
namespace {

Status StorePage(DeviceState& state, const ChangesPage& page) {
  for (const Change& change : page.changes) {
    state.known_seq = std::max(state.known_seq, change.seq);
    if (!state.Subscribed(change.key.collection)) continue;  // all was asked for, and this must not be here
    OUTPOST_TRY(const bool moved, StoreChange(state, change));
    if (moved) state.NoteChangedByPage(change.key);
  }
  return {};
}

// Set aside or discarded, and yet applied: its own answer was lost on the way.
Status TakeOwnSetAside(DeviceState& state, const OwnCommand& own, Timestamp now) {
  if (state.quarantined + state.discarded == 0) return {};
  OUTPOST_TRY(const auto command, state.store->outbox().Find(own.id));
  if (!command || ToHex(command->fingerprint) != own.fingerprint) return {};
  return TakeApplied(state, own.id, own.seq, now);
}

// Commands of ours that lie in this page's range are in base now, whether their answer came or not.
Status TakeOwn(DeviceState& state, const OwnCommand& own, Timestamp now) {
  if (state.offering) OUTPOST_CHECK(state.store->outbox().Unmark(own.id, own.seq));
  const auto found = state.open.find(own.id);
  if (found == state.open.end()) return TakeOwnSetAside(state, own, now);
  const Position position = found->second;
  if (state.graph.Contains(position)) {
    OUTPOST_TRY(const auto entry, state.store->outbox().Load(position));
    if (!entry || ToHex(entry->command.fingerprint) != own.fingerprint) return {};
    OUTPOST_CHECK(state.store->outbox().Succeed(position, CommandStatus::kPending, own.seq, Version(0), true, now));
    state.graph.Settle(position);
    state.waiting_since.erase(position);
    state.maybe_applied.erase(position);
    state.Tell(Notice::Kind::kSettled, own.id);
  }
  if (OUTPOST_MUTANT("own-effect-twice")) return {};
  OUTPOST_CHECK(state.Cover(position));
  state.open.erase(own.id);
  return {};
}

// Every answer that came before this round began lies within its cut, also where `own` cannot list it any more.
Status CoverAnsweredBefore(DeviceState& state, std::int64_t round) {
  std::vector<Position> covered;
  for (const auto& [position, answer] : state.uncovered) {
    if (answer.answered_in_round < round) covered.push_back(position);
  }
  for (const Position& position : covered) {
    OUTPOST_CHECK(state.Cover(position));
    OUTPOST_TRY(const auto entry, state.store->outbox().Load(position));
    if (entry) state.open.erase(entry->command.id);
  }
  return {};
}

// The end of a resync: what it did not bring again is gone.
Status Sweep(DeviceState& state) {
  Documents& documents = state.store->documents();
  OUTPOST_TRY(const auto gone, documents.OlderThan(state.generation));
  for (const DocumentKey& key : gone) {
    if (state.effects.Touches(key)) OUTPOST_CHECK(documents.HideBase(key, state.known_seq, state.generation));
    state.dirty.insert(key);
    state.NoteChangedByPage(key);
  }
  return documents.SweepOlderThan(state.generation);
}

Status EndRound(DeviceState& state, Timestamp now) {
  OUTPOST_CHECK(CoverAnsweredBefore(state, state.round));
  if (state.resyncing && !OUTPOST_MUTANT("generation-never-swept")) {
    OUTPOST_CHECK(Sweep(state));
    state.resyncing = false;
    OUTPOST_CHECK(state.store->meta().Set("resyncing", 0));
  }
  // From the first cut on, "absent here" means absent: predictions made without knowing are made anew.
  if (!state.caught_up) OUTPOST_CHECK(state.store->meta().Set("caught_up", 1));
  state.caught_up = true;
  for (const Position& position : state.guessed) {
    for (const Touch& touch : state.effects.TouchesOf(position)) state.dirty.insert(touch.key);
  }
  state.guessed.clear();
  OUTPOST_CHECK(OfferAgain(state, now));
  state.TellRound();
  return Rebase(state);
}

// Whether base holds what was applied at `seq`: a page has passed it, or another's answer brought a document that has
// it.
Result<bool> IsInBase(DeviceState& state, const OutboxEntry& entry, std::optional<Sequence> seq) {
  if (!seq || *seq <= state.known_seq) return true;
  for (const Touch& touch : entry.touches) {
    OUTPOST_TRY(const auto base, state.store->documents().Base(touch.key));
    if (touch.writes() && base && base->seq >= *seq) return true;
  }
  return false;
}

// What the server applied shows until a page brings it.
void ShowUncovered(DeviceState& state, const OutboxEntry& entry) {
  const CommandRecord& command = entry.command;
  state.effects.Add(command.position, entry.touches, {command.author, command.created_at});
  state.open[command.id] = command.position;
  state.uncovered[command.position] = {state.round};
  for (const Touch& touch : entry.touches) state.dirty.insert(touch.key);
}

}  // namespace

Result<bool> StoreChange(DeviceState& state, const Change& change) {
  Documents& documents = state.store->documents();
  // An answer brings documents whatever their scope: out of it is gone, as the feed will say.
  const bool gone = change.doc.empty() || !state.subscription.Shows(change.key.collection, change.doc);
  const bool waited_on = state.effects.Touches(change.key);
  bool moved = false;
  if (!gone) {
    OUTPOST_TRY(moved, documents.StoreBase(change, state.generation));
  } else if (waited_on) {
    OUTPOST_TRY(moved, documents.HideBase(change.key, change.seq, state.generation));
  } else {
    OUTPOST_TRY(moved, documents.RemoveBase(change.key, change.seq, state.generation));
  }
  if (moved && waited_on) state.dirty.insert(change.key);
  return moved;
}

Status TakeApplied(DeviceState& state, const CommandId& id, std::optional<Sequence> seq, Timestamp now) {
  OUTPOST_TRY(const auto command, state.store->outbox().Find(id));
  if (!command || command->status == CommandStatus::kSucceeded || command->status == CommandStatus::kPending) return {};
  const bool discarded = !IsQuarantined(command->status);
  OUTPOST_TRY(const auto entry, state.store->outbox().Load(command->position));
  if (!entry) return Error{ErrorCode::kCorrupt, "a command that was set aside is missing from the outbox"};
  OUTPOST_TRY(const bool covered, IsInBase(state, *entry, seq));
  OUTPOST_CHECK(state.store->outbox().Succeed(command->position, command->status, seq, Version(0), covered, now));
  if (!covered) ShowUncovered(state, *entry);
  state.Tell(discarded ? Notice::Kind::kAlreadyApplied : Notice::Kind::kSettled, id);
  state.applied_late = true;  // counted with what it frees, at the end of the page or response
  return {};
}

Status TakePage(DeviceState& state, const ChangesPage& page, Timestamp now) {
  if (OUTPOST_MUTANT("cursor-before-rows")) {
    OUTPOST_CHECK(state.Run("cursor first", Durability::kFull, now,
                            [&] { return state.store->meta().Set("cursor", page.cursor.value); }));
  }
  OUTPOST_CHECK(RunHeld(state, "take a page", Durability::kNormal, now, [&]() -> Status {
    Meta& meta = state.store->meta();
    if (!state.epoch || *state.epoch != page.epoch) {
      // Told by 410 alone: the first page of the resync says whose epoch it is.
      if (state.epoch) OUTPOST_CHECK(MarkForOffering(state, now));
      state.epoch = page.epoch;
      OUTPOST_CHECK(meta.Set("epoch", page.epoch.value));
    }
    OUTPOST_CHECK(StorePage(state, page));
    for (const OwnCommand& own : page.own) OUTPOST_CHECK(TakeOwn(state, own, now));
    if (std::exchange(state.applied_late, false)) OUTPOST_CHECK(FreeUnheld(state, now));
    state.cursor = page.cursor;
    state.round_open = page.more && !OUTPOST_MUTANT("half-a-round-is-a-cut");
    OUTPOST_CHECK(meta.Set("cursor", page.cursor.value));
    OUTPOST_CHECK(meta.Set("known_seq", state.known_seq.value));
    OUTPOST_CHECK(meta.Set("round_open", std::int64_t{page.more}));
    if (page.more) return {};
    OUTPOST_CHECK(meta.Set("last_round", now.ms));
    return EndRound(state, now);
  }));
  if (!page.more) state.last_sync = now;
  return {};
}

Status BeginNewGeneration(DeviceState& state, Timestamp now) {
  return RunIfHeld(state, "begin a resync", Durability::kNormal, now, [&]() -> Status {
    Meta& meta = state.store->meta();
    OUTPOST_TRY(const auto epoch, meta.Get("epoch"));
    const bool replaced = epoch && !epoch->empty() && (!state.epoch || *epoch != state.epoch->value);
    if (replaced) OUTPOST_CHECK(MarkForOffering(state, now));
    ++state.generation;
    state.resyncing = true;
    // The round is open from here to the end of the resync: base is between two cuts, overlays stay as they are.
    state.round_open = true;
    state.rebase_all = true;
    ++state.round;
    state.cursor.reset();
    state.known_seq = Sequence(0);
    OUTPOST_CHECK(SettleSubscription(state));
    if (OUTPOST_MUTANT("generation-swept-early")) {
      OUTPOST_CHECK(state.store->documents().SweepOlderThan(state.generation));
    }
    if (OUTPOST_MUTANT("resync-drops-pending")) {
      for (const auto& [position, since] : state.waiting_since) OUTPOST_CHECK(state.store->outbox().Cover(position));
      state.graph = {};
    }
    OUTPOST_CHECK(meta.Set("generation", state.generation));
    OUTPOST_CHECK(meta.Set("resyncing", 1));
    OUTPOST_CHECK(meta.Set("round_open", 1));
    OUTPOST_CHECK(meta.Set("cursor", ""));
    OUTPOST_CHECK(meta.Set("epoch", state.epoch ? state.epoch->value : ""));
    return meta.Set("known_seq", std::int64_t{0});
  });
}

Status TakeNewIncarnation(DeviceState& state, Timestamp now) {
  const Incarnation fresh(state.ulids.Next(now));
  return RunHeld(state, "take a new incarnation", Durability::kFull, now, [&]() -> Status {
    CommandNumber n(0);
    for (const auto& [position, since] : state.waiting_since) {
      ++n.value;
      OUTPOST_CHECK(state.store->outbox().Renumber(position, fresh, n));
    }
    state.incarnation = fresh;
    state.last_n = n;
    OUTPOST_CHECK(state.store->meta().Set("purged_n", std::int64_t{0}));
    return state.store->meta().Set("incarnation", fresh.value);
  });
}

}  // namespace outpost::engine
