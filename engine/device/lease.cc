// Several processes on one store (O11): what one of them learns of what the others did, and who of them flushes.
//
// Memory mirrors the store, so each transaction begins by asking SQLite whether another connection has written since.
// Commands that were only added are learned one by one; any other change is known by the stamp, which everything but
// `execute` raises, and memory is read anew. A process that does not flush lets that wait until it needs to know.
#include <algorithm>

#include "base/mutant.h"
#include "engine/device/device_state.h"

namespace outpost::engine {
namespace {

// Others' commands are looked for this often once another process was seen on the store.
constexpr std::int64_t kLookMs = 250;

// Appended by another process, nothing else happened.
Status LearnNew(DeviceState& state) {
  if (OUTPOST_MUTANT("others-not-learned")) return {};
  return state.store->outbox().ForEachAfter(state.last_position, [&](const OutboxEntry& entry) -> Status {
    const CommandRecord& command = entry.command;
    state.last_position = command.position;
    if (command.incarnation == state.incarnation) state.last_n = std::max(state.last_n, command.n);
    if (command.status != CommandStatus::kPending) return state.CountSetAside();
    if (!state.caught_up) state.guessed.insert(command.position);
    for (const Touch& touch : entry.touches) {
      if (touch.writes()) state.NoteChanged(touch.key);
    }
    state.Enter(command, entry.touches);
    return {};
  });
}

// By the clock, or because its holder has not renewed it for as long as a lease lasts: clocks can be set back.
bool IsExpired(const Lease& lease, DeviceState& state, Timestamp now) {
  LeaseState& seen = state.lease;
  const bool moved = seen.seen_token != lease.token || seen.seen_until != lease.expires_at;
  if (moved || now < seen.seen_at) seen.seen_at = now;
  seen.seen_token = lease.token;
  seen.seen_until = lease.expires_at;
  return lease.expires_at <= now || seen.seen_at + Milliseconds(state.options.lease_ttl_ms) < now;
}

bool IsMine(const DeviceState& state, const std::optional<Lease>& lease) {
  return lease && lease->holder == state.lease.holder && lease->token == state.lease.token;
}

Status Take(DeviceState& state, std::int64_t token, Timestamp now) {
  state.lease.token = token;
  state.lease.until = now + Milliseconds(state.options.lease_ttl_ms);
  OUTPOST_CHECK(state.store->lease().Write({state.lease.holder, token, state.lease.until}));
  state.lease.held = true;
  return {};
}

// A look without a transaction: most of the time the holder is alive.
bool OthersHold(DeviceState& state, Timestamp now) {
  if (IsAlone(state)) return false;
  const auto lease = state.store->lease().Read();
  return lease.ok() && lease.value() && !IsMine(state, lease.value()) && !IsExpired(*lease.value(), state, now);
}

// Commands that others appended become ready here.
void LookAround(DeviceState& state, Timestamp now) {
  const auto version = state.store->DataVersion();
  if (version.ok() && version.value() == state.shared.data_version) return;
  static_cast<void>(state.Run("look around", Durability::kNormal, now, [] { return Status(); }));
}

Status AskForLease(DeviceState& state, Timestamp now) {
  const bool held = state.lease.held;
  return state.Run("ask for the lease", Durability::kNormal, now, [&]() -> Status {
    OUTPOST_TRY(const auto lease, state.store->lease().Read());
    if (IsMine(state, lease)) return Take(state, lease->token, now);
    if (lease && !IsAlone(state) && !IsExpired(*lease, state, now)) {
      state.lease.held = false;
      state.lease.until = lease->expires_at;
      if (held) state.Tell(Notice::Kind::kLeaseLost);
      return {};
    }
    OUTPOST_CHECK(Take(state, lease ? lease->token + 1 : 1, now));
    state.Tell(Notice::Kind::kLeaseTaken);
    // What was sent before may have been answered to a former holder; with none before, memory is as good as the store.
    return lease ? state.Reload(now) : Status();
  });
}

// While memory is behind, the waiting are counted again after that many appended commands.
constexpr std::int64_t kRecountAfter = 256;

Status EstimateWaiting(DeviceState& state, bool moved) {
  if (!moved || state.shared.appended++ % kRecountAfter != 0) return {};
  OUTPOST_TRY(state.shared.waiting, state.store->outbox().CountOpen());
  return {};
}

}  // namespace

bool IsAlone(const DeviceState& state) { return state.options.store.exclusive_locking || state.options.sole_process; }

Status Learn(DeviceState& state, Timestamp now, Knowledge wanted) {
  OUTPOST_TRY(const std::int64_t version, state.store->DataVersion());
  const bool moved = version != state.shared.data_version;
  state.shared.data_version = version;
  if (moved) {
    state.shared.seen = true;
    Meta& meta = state.store->meta();
    OUTPOST_TRY(const std::int64_t stamp, meta.GetInteger("stamp", 0));
    OUTPOST_TRY(state.sent_mark.value, meta.GetInteger("sent_mark", 0));
    if (stamp != state.shared.stamp) state.shared.stale = true;
  }
  if (state.shared.stale && (wanted == Knowledge::kAll || state.lease.held)) return state.Reload(now);
  if (!state.shared.stale) return moved ? LearnNew(state) : Status();
  // Enough to append: the end of the queue, and whether absence means anything.
  OUTPOST_TRY(state.last_position, state.store->outbox().LastPosition());
  state.last_position = std::max(state.last_position, state.sent_mark);
  OUTPOST_TRY(const auto incarnation, state.store->meta().Get("incarnation"));
  state.incarnation = Incarnation(incarnation.value_or(""));
  OUTPOST_CHECK(state.FindLastNumber());
  OUTPOST_TRY(const std::int64_t caught_up, state.store->meta().GetInteger("caught_up", 0));
  state.caught_up = caught_up != 0;
  return EstimateWaiting(state, moved);
}

Status RunHeld(DeviceState& state, const char* label, Durability durability, Timestamp now,
               const std::function<Status()>& body) {
  return state.RunStamped(label, durability, now, [&]() -> Status {
    OUTPOST_TRY(const auto lease, state.store->lease().Read());
    if (!IsMine(state, lease) && !OUTPOST_MUTANT("fencing-ignored")) {
      state.lease.lost = state.lease.held;
      return Error{ErrorCode::kBusy, "another process flushes this store"};
    }
    return body();
  });
}

Status RunIfHeld(DeviceState& state, const char* label, Durability durability, Timestamp now,
                 const std::function<Status()>& body) {
  return state.lease.held ? RunHeld(state, label, durability, now, body)
                          : state.RunStamped(label, durability, now, body);
}

void KeepLease(DeviceState& state, Timestamp now) {
  LeaseState& lease = state.lease;
  const Milliseconds ttl(state.options.lease_ttl_ms);
  const bool held = lease.held;
  if (lease.lost) {
    // What was under way ended in the middle: flushing starts anew, if it does, with the next look.
    lease.held = lease.lost = false;
    lease.ask_at = now + Milliseconds(kLookMs);
    state.Tell(Notice::Kind::kLeaseLost);
    return DropExchanges(state);
  }
  if (lease.held && (IsAlone(state) || OUTPOST_MUTANT("fencing-ignored"))) return;
  if (lease.held && now + ttl / 2 < lease.until && lease.until <= now + ttl) return LookAround(state, now);
  if (!held && OthersHold(state, now)) return;
  if (held || now >= lease.ask_at || lease.ask_at > now + ttl) {
    lease.ask_at = now + Milliseconds(kLookMs);
    if (!AskForLease(state, now).ok()) lease.held = false;
  }
  if (held && !lease.held) DropExchanges(state);
}

void ReleaseLease(DeviceState& state) {
  if (!state.lease.held || state.options.store.exclusive_locking) return;
  // If this fails the lease ends by itself.
  static_cast<void>(state.store->Run("release the lease", Durability::kNormal, [&]() -> Status {
    OUTPOST_TRY(const auto lease, state.store->lease().Read());
    if (!IsMine(state, lease)) return {};
    return state.store->lease().Write({lease->holder, lease->token, Timestamp{}});
  }));
}

Timestamp NextLook(const DeviceState& state, Timestamp now) {
  const bool near = state.shared.seen || !state.lease.held;
  return now + Milliseconds(near ? kLookMs : std::min(state.options.lease_ttl_ms / 3, kLookMs * 10));
}

void DropExchanges(DeviceState& state) {
  for (const auto& [id, exchange] : state.exchanges) {
    for (const SentCommand& command : exchange.commands) state.graph.PutBack(command.position);
  }
  state.exchanges.clear();
  state.machine.Stop();
}

}  // namespace outpost::engine
