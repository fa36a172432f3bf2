// The commands that are set aside (refused, blocked, being discarded) and who among them fell with whom. Read from the
// store when a person decides about one of them, and forgotten again: there are few, and they are seldom asked for.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "engine/model/dependency_graph.h"
#include "engine/store/outbox.h"

namespace outpost::engine {

struct DeviceState;

class SetAside {
 public:
  static Result<SetAside> Load(Outbox& outbox);

  // BLOCKED along failure edges from one of these, in order.
  std::vector<Position> Behind(const std::set<Position>& roots) const { return graph_.Dependents(roots, roots_); }
  // BLOCKED behind no others than these: what waits again when they do.
  std::vector<Position> FreedBy(const std::set<Position>& roots) const;
  const OutboxEntry& at(Position position) const { return entries_.at(position); }
  // Refused by their own answers, in order.
  std::set<Position> Refused() const;
  // BLOCKED, and what they fell with is no longer refused, in order.
  std::vector<Position> Unheld() const;

 private:
  std::map<Position, OutboxEntry> entries_;
  DependencyGraph graph_;
  std::set<Position> roots_;  // not blocked themselves, or blocked by something that will never succeed
};

// Whether that command was refused or discarded: what names it cannot be applied before a person decides.
Result<bool> IsRefused(Outbox& outbox, const CommandId& id);
// Whether it names such a predecessor.
Result<bool> NamesRefused(Outbox& outbox, const CommandRecord& command);
// It goes to the end of the queue: to wait, or to stay set aside, as the change says. Inside a transaction.
Status Requeue(DeviceState& state, OutboxEntry entry, StatusChange change, Timestamp now);
// What is BLOCKED behind nothing that is refused any more waits again. Inside a transaction.
Status FreeUnheld(DeviceState& state, Timestamp now);

}  // namespace outpost::engine
