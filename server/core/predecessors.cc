#include "server/core/predecessors.h"

#include <algorithm>
#include <bitset>
#include <functional>
#include <optional>
#include <queue>
#include <unordered_map>

#include "base/mutant.h"
#include "protocol/push.h"

namespace outpost::server {
namespace {

using rules::Access;

// Who touched a document so far, in the order of the list.
struct Toucher {
  std::size_t node;
  Access access;
};
struct DocumentTrail {
  std::optional<Toucher> creator;  // the first one: a second can only be refused, and nobody depends on that
  std::optional<Toucher> last;     // the last writer that does not commute
  std::vector<Toucher> commuting;  // those after it
};

bool HasBackwardEdge(std::span<const BatchNode> nodes) {
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    for (const Edge& edge : nodes[i].predecessors) {
      if (edge.from >= i) return true;
    }
  }
  return false;
}

// Everything that comes before each node, direct or not. Only built when a predecessor stands later in the list, which
// a device never sends; bounded work for whatever a hostile client does.
class Ancestors {
 public:
  explicit Ancestors(std::span<const BatchNode> nodes) : of_(nodes.size()) {
    OUTPOST_ASSERT(nodes.size() <= kBatchCommandsMax);
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      for (const Edge& edge : nodes[i].predecessors) of_[i].set(edge.from);
    }
    for (std::size_t via = 0; via < of_.size(); ++via) {
      for (Set& set : of_) {
        if (set.test(via)) set |= of_[via];
      }
    }
  }

  bool Has(std::size_t node, std::size_t ancestor) const { return of_[node].test(ancestor); }

  void Add(std::size_t before, std::size_t node) {
    Set gained = of_[before];
    gained.set(before);
    for (std::size_t i = 0; i < of_.size(); ++i) {
      if (i == node || of_[i].test(node)) of_[i] |= gained;
    }
  }

 private:
  using Set = std::bitset<kBatchCommandsMax>;
  std::vector<Set> of_;
};

class DocumentEdges {
 public:
  // `ancestors` null: no named edge goes against the list, so none can contradict.
  DocumentEdges(std::span<BatchNode> nodes, Ancestors* ancestors) : nodes_(nodes), ancestors_(ancestors) {}

  void AddAll() {
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      for (const auto& [key, access] : nodes_[i].accesses) Touch(i, key, access);
    }
  }

 private:
  void Touch(std::size_t node, const DocumentKey& key, Access access) {
    DocumentTrail& trail = trails_[key];
    if (trail.creator) Add(*trail.creator, node, access);
    if (trail.last) Add(*trail.last, node, access);
    if (access != Access::kCommutes) {
      for (const Toucher& writer : trail.commuting) Add(writer, node, access);
    }
    if (access == Access::kReads || (access == Access::kCreates && trail.creator)) return;
    if (access == Access::kCommutes) {
      trail.commuting.push_back({node, access});
      return;
    }
    if (access == Access::kCreates) trail.creator = Toucher{node, access};
    trail.last = Toucher{node, access};
    trail.commuting.clear();
  }

  void Add(const Toucher& before, std::size_t node, Access access) {
    if (before.node == node) return;
    std::vector<Edge>& edges = nodes_[node].predecessors;
    const Edge edge{before.node, EdgeKind::kDocument, before.access, access};
    const bool known = std::any_of(edges.begin(), edges.end(), [&edge](const Edge& other) {
      return other.from == edge.from && other.kind == edge.kind && other.first == edge.first &&
             other.second == edge.second;
    });
    if (known) return;
    if (ancestors_ != nullptr) {
      if (ancestors_->Has(before.node, node)) return;
      ancestors_->Add(before.node, node);
    }
    edges.push_back(edge);
  }

  std::span<BatchNode> nodes_;
  Ancestors* ancestors_;
  std::unordered_map<DocumentKey, DocumentTrail> trails_;
};

// Kahn's order, always the first of the list that is ready. What is on a cycle or behind one comes last.
std::vector<std::size_t> Sort(std::span<const BatchNode> nodes) {
  std::vector<std::vector<std::size_t>> successors(nodes.size());
  std::vector<std::size_t> waiting(nodes.size(), 0);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    waiting[i] = nodes[i].predecessors.size();
    for (const Edge& edge : nodes[i].predecessors) successors[edge.from].push_back(i);
  }
  std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (waiting[i] == 0) ready.push(i);
  }
  std::vector<std::size_t> order;
  std::vector<bool> done(nodes.size(), false);
  const auto take = [&](std::size_t node) {
    done[node] = true;
    order.push_back(node);
    for (const std::size_t successor : successors[node]) {
      if (--waiting[successor] == 0 && !done[successor]) ready.push(successor);
    }
  };
  for (std::size_t next_cyclic = 0; order.size() < nodes.size();) {
    if (!ready.empty()) {
      const std::size_t node = ready.top();
      ready.pop();
      if (!done[node]) take(node);
      continue;
    }
    while (done[next_cyclic] || !nodes[next_cyclic].on_cycle) ++next_cyclic;
    take(next_cyclic);
  }
  return order;
}

}  // namespace

std::vector<std::size_t> PlanBatch(std::span<BatchNode> nodes) {
  if (HasBackwardEdge(nodes)) {
    Ancestors ancestors(nodes);
    for (std::size_t i = 0; i < nodes.size(); ++i) nodes[i].on_cycle = ancestors.Has(i, i);
    DocumentEdges(nodes, &ancestors).AddAll();
    return Sort(nodes);
  }
  if (nodes.size() > 1) DocumentEdges(nodes, nullptr).AddAll();
  std::vector<std::size_t> order(nodes.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  return order;
}

bool HoldsBack(const Edge& edge, bool refused, rules::Nature nature) {
  if (edge.kind == EdgeKind::kDepends) return !OUTPOST_MUTANT("refused-cause-passes");
  if (edge.kind == EdgeKind::kFollows) return false;
  if (!refused) return true;
  if (edge.first == Access::kCreates) return edge.second != Access::kCreates;
  return edge.first == Access::kUpdates && edge.second == Access::kUpdates && nature == rules::Nature::kRequest;
}

}  // namespace outpost::server
