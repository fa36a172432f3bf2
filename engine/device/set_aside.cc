#include "engine/device/set_aside.h"

#include <algorithm>
#include <iterator>
#include <unordered_map>

#include "engine/device/device_state.h"

namespace outpost::engine {
namespace {

// Whether it names a predecessor that was discarded: nothing frees it but an edit or a discard.
Result<bool> IsHopeless(Outbox& outbox, const CommandRecord& command) {
  for (const CommandId& id : NamedPredecessors(command)) {
    OUTPOST_TRY(const auto named, outbox.Find(id));
    if (named && named->status == CommandStatus::kDiscarded) return true;
  }
  return false;
}

}  // namespace

Result<SetAside> SetAside::Load(Outbox& outbox) {
  SetAside aside;
  std::unordered_map<CommandId, Position> by_id;
  std::vector<Position> blocked;
  OUTPOST_CHECK(outbox.ForEachSetAside([&](const OutboxEntry& entry) -> Status {
    const CommandRecord& command = entry.command;
    std::vector<Position> named;
    for (const CommandId& id : NamedPredecessors(command)) {
      if (const auto found = by_id.find(id); found != by_id.end()) named.push_back(found->second);
    }
    // All that stood on the effect of one being discarded fell with it, or was moved behind its replacement.
    const bool discarding = command.status == CommandStatus::kDiscarding;
    aside.graph_.Add(command.position, discarding ? std::vector<Touch>() : entry.touches, std::move(named),
                     NatureOf(command.type), 0);
    by_id[command.id] = command.position;
    if (command.status == CommandStatus::kBlocked) {
      blocked.push_back(command.position);
    } else {
      aside.roots_.insert(command.position);
    }
    aside.entries_.emplace(command.position, entry);
    return {};
  }));
  for (const Position& position : blocked) {
    OUTPOST_TRY(const bool hopeless, IsHopeless(outbox, aside.entries_.at(position).command));
    if (hopeless) aside.roots_.insert(position);
  }
  return aside;
}

std::vector<Position> SetAside::FreedBy(const std::set<Position>& roots) const {
  std::set<Position> others;
  std::set_difference(roots_.begin(), roots_.end(), roots.begin(), roots.end(), std::inserter(others, others.end()));
  const std::vector<Position> behind = Behind(roots);
  const std::vector<Position> held = Behind(others);
  std::vector<Position> freed;
  std::set_difference(behind.begin(), behind.end(), held.begin(), held.end(), std::back_inserter(freed));
  return freed;
}

std::vector<Position> SetAside::Unheld() const {
  const std::vector<Position> held = Behind(roots_);
  std::vector<Position> unheld;
  for (const auto& [position, entry] : entries_) {
    const bool is_held = roots_.count(position) != 0 || std::binary_search(held.begin(), held.end(), position);
    if (!is_held) unheld.push_back(position);
  }
  return unheld;
}

std::set<Position> SetAside::Refused() const {
  std::set<Position> refused;
  for (const auto& [position, entry] : entries_) {
    const CommandStatus status = entry.command.status;
    if (status == CommandStatus::kFailed || status == CommandStatus::kConflict) refused.insert(position);
  }
  return refused;
}

Result<bool> IsRefused(Outbox& outbox, const CommandId& id) {
  OUTPOST_TRY(const auto named, outbox.Find(id));
  return named && (IsQuarantined(named->status) || IsDiscarded(named->status));
}

Result<bool> NamesRefused(Outbox& outbox, const CommandRecord& command) {
  for (const CommandId& id : NamedPredecessors(command)) {
    OUTPOST_TRY(const bool refused, IsRefused(outbox, id));
    if (refused) return true;
  }
  return false;
}

Status Requeue(DeviceState& state, OutboxEntry entry, StatusChange change, Timestamp now) {
  CommandRecord& command = entry.command;
  const Position from = command.position;
  const auto next = TryAdvance(command.status, change);
  command.sent = state.EverSent(command);
  command.position = Position(++state.last_position.value);
  if (command.incarnation != state.incarnation) {
    command.incarnation = state.incarnation;
    command.n = CommandNumber(++state.last_n.value);
  }
  OUTPOST_CHECK(state.store->outbox().Requeue(from, command, change, now));
  for (const Touch& touch : entry.touches) state.dirty.insert(touch.key);
  if (next == CommandStatus::kPending) state.Enter(command, std::move(entry.touches));
  return {};
}

Status FreeUnheld(DeviceState& state, Timestamp now) {
  OUTPOST_TRY(const SetAside aside, SetAside::Load(state.store->outbox()));
  for (const Position& position : aside.Unheld()) {
    OUTPOST_CHECK(Requeue(state, aside.at(position), StatusChange::kPredecessorRetried, now));
  }
  return state.CountSetAside();
}

}  // namespace outpost::engine
