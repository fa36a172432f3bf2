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
    aside.graph_.Add(command.position, entry.touches, std::move(named), NatureOf(command.type), 0);
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

std::set<Position> SetAside::Refused() const {
  std::set<Position> refused;
  for (const auto& [position, entry] : entries_) {
    const CommandStatus status = entry.command.status;
    if (status == CommandStatus::kFailed || status == CommandStatus::kConflict) refused.insert(position);
  }
  return refused;
}

}  // namespace outpost::engine
