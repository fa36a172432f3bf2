// The causal order of one batch: which command runs after which, and whose failure holds back whom. Pure.
//
// Named predecessors (dependsOn, {"after"}, the maker of a local id) come first, whatever the order of the list. Beyond
// them a command follows every earlier writer of a document it touches, unless both commute; such an edge is left out
// where it would contradict the named ones. Otherwise the order of the list stands.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "rules/rule.h"

namespace outpost::server {

enum class EdgeKind {
  kDepends,   // must have succeeded
  kFollows,   // only comes first: same key, replaced, discarded
  kDocument,  // touched the same document before
};

struct Edge {
  std::size_t from = 0;
  EdgeKind kind = EdgeKind::kDepends;
  // kDocument: what the two do with it.
  rules::Access first = rules::Access::kUpdates;
  rules::Access second = rules::Access::kUpdates;
};

// One command as the order sees it.
struct BatchNode {
  std::vector<Edge> predecessors;  // named ones in, document edges added by PlanBatch
  std::vector<std::pair<DocumentKey, rules::Access>> accesses;
  bool on_cycle = false;
};

// Adds the document edges and marks the cycles of named predecessors; returns the order to execute in.
std::vector<std::size_t> PlanBatch(std::span<BatchNode> nodes);

// Whether a predecessor that did not succeed holds this one back. `refused`: it is refused for good, or held back
// itself by one that is; otherwise it may still come to pass (RETRY). `nature` is this one's: what has happened is
// recorded whatever became of the plans before it.
bool HoldsBack(const Edge& edge, bool refused, rules::Nature nature);

}  // namespace outpost::server
