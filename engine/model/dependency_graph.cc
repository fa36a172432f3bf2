#include "engine/model/dependency_graph.h"

#include <algorithm>
#include <queue>

#include "base/mutant.h"

namespace outpost::engine {

using rules::Access;

namespace {

// Edges come from documents and accesses alone.
bool SameEdges(const std::vector<Touch>& a, const std::vector<Touch>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Touch& one, const Touch& other) {
    return one.access == other.access && one.key == other.key;
  });
}

std::vector<Touch> WithoutSums(std::vector<Touch> touches) {
  for (Touch& touch : touches) touch.sum = std::string();
  return touches;
}

}  // namespace

void DependencyGraph::Add(Position position, std::vector<Touch> touches, std::vector<Position> depends_on,
                          rules::Nature nature, std::size_t bytes) {
  OUTPOST_ASSERT(nodes_.empty() || nodes_.rbegin()->first < position);
  Refresh();
  Node& node = nodes_[position];
  if (OUTPOST_MUTANT("commuting-is-update")) {
    for (Touch& touch : touches) {
      if (touch.access == Access::kCommutes) touch.access = Access::kUpdates;
    }
  }
  node.touches = WithoutSums(std::move(touches));
  node.depends_on = std::move(depends_on);
  node.nature = nature;
  node.bytes = bytes;
  Link(position, node);
  MarkReady(position, node);
}

void DependencyGraph::Link(Position position, Node& node) {
  for (const Position& predecessor : node.depends_on) {
    const auto found = nodes_.find(predecessor);
    if (found == nodes_.end() || !(predecessor < position)) continue;
    if (OUTPOST_MUTANT("depends-on-ignored")) continue;
    found->second.successors.push_back({position, true});
    ++node.unsettled;
  }
  for (const Touch& touch : node.touches) LinkTouch(position, node, touch);
}

void DependencyGraph::LinkTouch(Position position, Node& node, const Touch& touch) {
  DocumentState& document = documents_[touch.key];
  document.users.insert(position);
  if (document.last_writer) {
    Node& writer = nodes_.at(*document.last_writer);
    Access writer_access = Access::kUpdates;
    for (const Touch& theirs : writer.touches) {
      if (theirs.key == touch.key) writer_access = theirs.access;
    }
    const bool both_update = writer_access == Access::kUpdates && touch.access == Access::kUpdates;
    const bool failure =
        writer_access == Access::kCreates ||
        (both_update && (node.nature == rules::Nature::kRequest || OUTPOST_MUTANT("facts-fall-with-plans")));
    writer.successors.push_back({position, failure});
    ++node.unsettled;
  }
  if (touch.access == Access::kCommutes) {
    std::vector<std::shared_ptr<Barrier>>& row = document.commuting;
    if (row.empty() || !row.back()->waiters.empty()) row.push_back(std::make_shared<Barrier>());
    ++row.back()->open;
    node.member_of.push_back(row.back());
    return;
  }
  for (const auto& barrier : document.commuting) {
    if (barrier->open == 0 || OUTPOST_MUTANT("barrier-forgotten")) continue;
    barrier->waiters.push_back(position);
    ++node.unsettled;
  }
  if (touch.access == Access::kReads) return;
  document.last_writer = position;
  document.commuting.clear();
}

void DependencyGraph::MarkReady(Position position, const Node& node) {
  if (node.state == State::kWaiting && node.unsettled == 0) ready_.insert(position);
}

// What TakeBatch knows while it walks: releases that hold only if the batch is executed in order.
struct DependencyGraph::Batch {
  std::priority_queue<Position, std::vector<Position>, std::greater<>> candidates;
  std::map<Position, std::size_t> released;
  std::map<const Barrier*, std::size_t> passed;
};

std::vector<Position> DependencyGraph::TakeBatch(std::size_t commands_max, std::size_t bytes_max) {
  Refresh();
  std::vector<Position> taken;
  std::size_t bytes = 0;
  Batch batch;
  auto next_ready = ready_.begin();
  const auto release = [&](Position to) {
    const Node& node = nodes_.at(to);
    if (++batch.released[to] == node.unsettled && node.state == State::kWaiting) batch.candidates.push(to);
  };
  while (taken.size() < commands_max && (next_ready != ready_.end() || !batch.candidates.empty())) {
    const bool from_ready =
        next_ready != ready_.end() && (batch.candidates.empty() || *next_ready < batch.candidates.top());
    const Position position = from_ready ? *next_ready : batch.candidates.top();
    const Node& node = nodes_.at(position);
    if (!taken.empty() && bytes + node.bytes > bytes_max) break;
    if (from_ready) {
      ++next_ready;
    } else {
      batch.candidates.pop();
    }
    taken.push_back(position);
    bytes += node.bytes;
    for (const Edge& edge : node.successors) {
      if (nodes_.count(edge.to) != 0) release(edge.to);
    }
    for (const auto& barrier : node.member_of) {
      if (++batch.passed[barrier.get()] != barrier->open) continue;
      for (const Position& waiter : barrier->waiters) {
        if (nodes_.count(waiter) != 0) release(waiter);
      }
    }
  }
  for (const Position& position : taken) {
    ready_.erase(position);
    nodes_.at(position).state = State::kInFlight;
  }
  in_flight_ += taken.size();
  return taken;
}

void DependencyGraph::MarkInFlight(Position position) {
  const auto found = nodes_.find(position);
  if (found == nodes_.end() || found->second.state == State::kInFlight) return;
  if (found->second.state == State::kDeferred) deferred_.erase({found->second.until.ms, position});
  found->second.state = State::kInFlight;
  ready_.erase(position);
  ++in_flight_;
}

void DependencyGraph::PutBack(Position position) {
  const auto found = nodes_.find(position);
  if (found == nodes_.end() || found->second.state != State::kInFlight) return;
  found->second.state = State::kWaiting;
  --in_flight_;
  MarkReady(position, found->second);
}

void DependencyGraph::Defer(Position position, Timestamp until) {
  Node& node = nodes_.at(position);
  if (node.state == State::kInFlight) --in_flight_;
  if (node.state == State::kDeferred) deferred_.erase({node.until.ms, position});
  node.state = State::kDeferred;
  node.until = until;
  ready_.erase(position);
  deferred_.insert({until.ms, position});
}

void DependencyGraph::ResumeDue(Timestamp now, Milliseconds longest_wait) {
  while (!deferred_.empty() && deferred_.begin()->first <= now.ms) Resume(deferred_.begin()->second);
  while (!deferred_.empty() && deferred_.rbegin()->first > (now + longest_wait).ms) Resume(deferred_.rbegin()->second);
}

void DependencyGraph::Resume(Position position) {
  Node& node = nodes_.at(position);
  deferred_.erase({node.until.ms, position});
  node.state = State::kWaiting;
  MarkReady(position, node);
}

std::optional<Timestamp> DependencyGraph::NextDue() const {
  if (deferred_.empty()) return std::nullopt;
  return Timestamp{deferred_.begin()->first};
}

std::vector<Position> DependencyGraph::Deferred() const {
  std::vector<Position> positions;
  for (const auto& [until, position] : deferred_) positions.push_back(position);
  return positions;
}

void DependencyGraph::Release(Position position) {
  const auto found = nodes_.find(position);
  if (found == nodes_.end()) return;  // it left before: refused with a predecessor
  OUTPOST_ASSERT(found->second.unsettled > 0);
  --found->second.unsettled;
  MarkReady(position, found->second);
}

void DependencyGraph::Settle(Position position) {
  const auto found = nodes_.find(position);
  if (found == nodes_.end()) return;
  const Node node = std::move(found->second);
  nodes_.erase(found);
  Leave(position, node);
}

// Takes a node's marks off everything; `node` is no longer in nodes_.
void DependencyGraph::Leave(Position position, const Node& node) {
  ready_.erase(position);
  if (node.state == State::kInFlight) --in_flight_;
  if (node.state == State::kDeferred) deferred_.erase({node.until.ms, position});
  for (const Touch& touch : node.touches) {
    const auto document = documents_.find(touch.key);
    if (document == documents_.end()) continue;
    if (document->second.last_writer == position) document->second.last_writer.reset();
    document->second.users.erase(position);
    if (document->second.users.empty()) documents_.erase(document);
  }
  for (const Edge& edge : node.successors) Release(edge.to);
  for (const auto& barrier : node.member_of) {
    if (--barrier->open > 0) continue;
    for (const Position& waiter : std::exchange(barrier->waiters, {})) Release(waiter);
  }
}

std::vector<Position> DependencyGraph::FailureDependents(Position position, const Node& node) const {
  std::vector<Position> dependents;
  for (const Edge& edge : node.successors) {
    if (edge.failure) dependents.push_back(edge.to);
  }
  for (const Touch& touch : node.touches) {
    if (touch.access != Access::kCreates) continue;
    const auto document = documents_.find(touch.key);
    if (document == documents_.end()) continue;
    const std::set<Position>& users = document->second.users;
    dependents.insert(dependents.end(), users.upper_bound(position), users.end());
  }
  return dependents;
}

std::vector<Position> DependencyGraph::Dependents(const std::set<Position>& of,
                                                  const std::set<Position>& spared) const {
  std::set<Position> fallen;
  std::vector<Position> open(of.begin(), of.end());
  while (!open.empty()) {
    const Position next = open.back();
    open.pop_back();
    const auto found = nodes_.find(next);
    if (found == nodes_.end() || !fallen.insert(next).second) continue;
    for (const Position& dependent : FailureDependents(next, found->second)) {
      if (spared.count(dependent) == 0) open.push_back(dependent);
    }
  }
  for (const Position& position : of) fallen.erase(position);
  return {fallen.begin(), fallen.end()};
}

std::vector<Position> DependencyGraph::Refuse(Position position) {
  const std::vector<Position> fallen = Dependents({position});
  const auto found = nodes_.find(position);
  const bool waited = found != nodes_.end() && found->second.unsettled > 0;
  Settle(position);
  for (const Position& gone : fallen) Settle(gone);
  // What fell, or was taken out by a person, may have been the last writer behind others that are still here, and stood
  // between them and what comes after: the edges are drawn afresh.
  if (waited || !fallen.empty()) Relink();
  return fallen;
}

void DependencyGraph::Retouch(std::map<Position, std::vector<Touch>>&& touches) {
  bool other_edges = false;
  for (auto& [position, met] : touches) {
    const auto found = nodes_.find(position);
    if (found == nodes_.end()) continue;
    other_edges = other_edges || !SameEdges(found->second.touches, met);
    found->second.touches = WithoutSums(std::move(met));
  }
  if (other_edges) DrawEdges();
}

void DependencyGraph::Refresh() {
  if (stale_) DrawEdges();
}

void DependencyGraph::DrawEdges() {
  stale_ = false;
  documents_.clear();
  ready_.clear();
  for (auto& [position, node] : nodes_) {
    node.unsettled = 0;
    node.successors.clear();
    node.member_of.clear();
  }
  for (auto& [position, node] : nodes_) Link(position, node);
  for (auto& [position, node] : nodes_) MarkReady(position, node);
}

bool DependencyGraph::IsInFlight(Position position) const {
  const auto found = nodes_.find(position);
  return found != nodes_.end() && found->second.state == State::kInFlight;
}

std::optional<Position> DependencyGraph::oldest() const {
  if (nodes_.empty()) return std::nullopt;
  return nodes_.begin()->first;
}

std::optional<Position> DependencyGraph::LastWriter(const DocumentKey& key) {
  Refresh();
  const auto document = documents_.find(key);
  return document == documents_.end() ? std::nullopt : document->second.last_writer;
}

}  // namespace outpost::engine
