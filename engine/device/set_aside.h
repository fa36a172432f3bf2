// The commands that are set aside (refused, blocked, being discarded) and who among them fell with whom. Read from the
// store when a person decides about one of them, and forgotten again: there are few, and they are seldom asked for.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "engine/model/dependency_graph.h"
#include "engine/store/outbox.h"

namespace outpost::engine {

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

 private:
  std::map<Position, OutboxEntry> entries_;
  DependencyGraph graph_;
  std::set<Position> roots_;  // not blocked themselves, or blocked by something that will never succeed
};

}  // namespace outpost::engine
