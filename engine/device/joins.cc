// Subscriptions that change at run time. Added collections are pulled alone, up to the cursor of what is held (the
// joint); their last page's cursor is good for both, and they join. Anything else (less, another scope) is pulled anew
// into a generation of its own beside what is shown. A restart goes on where the last page ended.
#include <algorithm>

#include "engine/device/device_state.h"

namespace outpost::engine {
namespace {

Status KeepWanted(DeviceState& state) {
  Meta& meta = state.store->meta();
  OUTPOST_CHECK(meta.Set("filter", ToText(state.subscription)));
  OUTPOST_CHECK(meta.Set("wanted", ToText(state.wanted)));
  OUTPOST_CHECK(meta.Set("joining", state.joining ? ToText(*state.joining) : ""));
  return meta.Set("join_cursor", state.join_cursor ? state.join_cursor->value : "");
}

// Commands that met nothing where the joined collections are now get another chance to show their effect.
void DirtyJoined(DeviceState& state, const std::vector<CollectionName>& joined) {
  for (const Position& position : state.effects.All()) {
    for (const Touch& touch : state.effects.TouchesOf(position)) {
      if (std::find(joined.begin(), joined.end(), touch.key.collection) != joined.end()) state.dirty.insert(touch.key);
    }
  }
}

Status EndJoin(DeviceState& state, const Cursor& joint, const Subscription& joined) {
  DirtyJoined(state, joined.Beyond(state.subscription));
  state.cursor = joint;
  state.subscription = joined;
  state.joining.reset();
  state.join_cursor.reset();
  OUTPOST_CHECK(state.store->meta().Set("cursor", joint.value));
  OUTPOST_CHECK(KeepWanted(state));
  // What was answered meanwhile is not in this cut, which ends at the joint: nothing is covered by it.
  state.TellRound();
  return Rebase(state);
}

// Whether `wanted` is reached from there by adding alone.
bool IsReached(const Subscription& wanted, const Subscription& from) {
  return wanted == from || !wanted.Beyond(from).empty();
}

}  // namespace

std::optional<Subscription> DeviceState::NextJoin() const {
  if (joining) return joining;
  if (!cursor || resyncing || wanted.Beyond(subscription).empty()) return std::nullopt;
  return wanted;
}

Status ChangeSubscription(DeviceState& state, Subscription wanted, Timestamp now) {
  if (wanted == state.wanted) return {};
  // What comes on top of a running join is added after it.
  const Subscription& reached = state.joining ? *state.joining : state.subscription;
  if (state.cursor && !state.resyncing && IsReached(wanted, reached)) {
    return state.RunStamped("want more", Durability::kNormal, now, [&]() -> Status {
      state.wanted = std::move(wanted);
      return KeepWanted(state);
    });
  }
  const bool fresh = !state.cursor && !state.round_open && state.exchanges.empty();
  state.wanted = std::move(wanted);
  if (!fresh) return BeginNewGeneration(state, now);
  return state.RunStamped("subscribe", Durability::kNormal, now, [&]() -> Status {
    state.subscription = state.wanted;
    return KeepWanted(state);
  });
}

Status SettleSubscription(DeviceState& state) {
  state.subscription = state.wanted;
  state.joining.reset();
  state.join_cursor.reset();
  return KeepWanted(state);
}

Status TakeJoinPage(DeviceState& state, const ChangesPage& page, const Subscription& joins, Timestamp now) {
  // Asked for before somebody wanted less.
  if (!state.joining && !IsReached(state.wanted, joins)) return {};
  return RunHeld(state, "take a page of a new subscription", Durability::kNormal, now, [&]() -> Status {
    for (const Change& change : page.changes) {
      OUTPOST_TRY(const bool moved, StoreChange(state, change));
      if (moved) state.NoteChangedByPage(change.key);
    }
    state.joining = joins;
    state.join_cursor = page.cursor;
    state.round_open = page.more;
    Meta& meta = state.store->meta();
    OUTPOST_CHECK(meta.Set("joining", ToText(joins)));
    OUTPOST_CHECK(meta.Set("join_cursor", page.cursor.value));
    OUTPOST_CHECK(meta.Set("round_open", std::int64_t{page.more}));
    return page.more ? Status() : EndJoin(state, page.cursor, joins);
  });
}

}  // namespace outpost::engine
