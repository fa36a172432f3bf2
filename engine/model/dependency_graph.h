// Who waits for whom among the commands that are not settled yet (law 4).
//
// Order edge: a commuting command waits for the last unsettled non-commuting writer of the same document; any other for
// that one and for every unsettled commuting writer after it (kept as one barrier with a count, not as n edges).
// Failure edge: creator → user, update → update, explicit dependsOn. A commuting command passes a refused update, and
// so does a fact: what has happened is recorded whatever became of the plans before it.
//
// Pure memory, rebuilt from the outbox when a store opens. Costs of every call are bounded by what it hands out and the
// edges of that, never by the length of the queue.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "engine/model/command_record.h"
#include "engine/model/touch.h"

namespace outpost::engine {

class DependencyGraph {
 public:
  // Positions must come in rising order. `depends_on` names unsettled commands only. bytes: for the batch limit.
  void Add(Position position, std::vector<Touch> touches, std::vector<Position> depends_on, rules::Nature nature,
           std::size_t bytes);

  // The ready prefix: commands all of whose predecessors are settled or earlier in this very batch, in causal order;
  // at most `commands_max`, and at most `bytes_max` unless one command alone is larger. They are in flight from now on.
  std::vector<Position> TakeBatch(std::size_t commands_max, std::size_t bytes_max);

  // Of a batch that went out before the graph was rebuilt.
  void MarkInFlight(Position position);
  // In flight without an answer: ready again.
  void PutBack(Position position);
  // A verified RETRY: not before `until`.
  void Defer(Position position, Timestamp until);
  // Those whose time has come are ready again, and those that wait longer than anybody is ever made to: the clock was
  // set back meanwhile.
  void ResumeDue(Timestamp now, Milliseconds longest_wait);
  std::optional<Timestamp> NextDue() const;
  std::vector<Position> Deferred() const;

  // Succeeded: releases its successors.
  void Settle(Position position);
  // Refused: leaves, and takes everything with it that a failure edge reaches. Returns those, in order, without itself.
  std::vector<Position> Refuse(Position position);

  // What would fall with these, in order, without themselves. What stands in `spared` does not fall, nor what falls
  // only through it.
  std::vector<Position> Dependents(const std::set<Position>& of, const std::set<Position>& spared = {}) const;

  // Reruns met other documents than before. No effect on what is in flight. Walks over the whole graph, once.
  void Retouch(std::map<Position, std::vector<Touch>>&& touches);

  bool Contains(Position position) const { return nodes_.count(position) != 0; }
  bool IsInFlight(Position position) const;
  bool has_ready() {
    Refresh();
    return !ready_.empty();
  }
  std::size_t size() const { return nodes_.size(); }
  std::size_t in_flight() const { return in_flight_; }
  std::optional<Position> oldest() const;
  // The last unsettled non-commuting writer of a document.
  std::optional<Position> LastWriter(const DocumentKey& key);

 private:
  enum class State { kWaiting, kInFlight, kDeferred };

  // Commuting writers in a row; closed to newcomers as soon as somebody waits for it, or he would wait for his
  // successors.
  struct Barrier {
    std::size_t open = 0;
    std::vector<Position> waiters;
  };
  struct Edge {
    Position to;
    bool failure = false;
  };
  struct Node {
    std::vector<Touch> touches;
    std::vector<Position> depends_on;
    rules::Nature nature = rules::Nature::kRequest;
    std::size_t bytes = 0;
    State state = State::kWaiting;
    Timestamp until;
    std::size_t unsettled = 0;  // predecessors and barriers it still waits for
    std::vector<Edge> successors;
    std::vector<std::shared_ptr<Barrier>> member_of;
  };
  struct DocumentState {
    std::optional<Position> last_writer;
    std::vector<std::shared_ptr<Barrier>> commuting;  // since the last writer
    std::set<Position> users;
  };
  struct Batch;

  void Link(Position position, Node& node);
  void LinkTouch(Position position, Node& node, const Touch& touch);
  void Release(Position position);
  void Leave(Position position, const Node& node);
  void MarkReady(Position position, const Node& node);
  void Resume(Position position);
  // Some edges have to be drawn afresh, before anybody is linked or sent. A batch of refusals pays for it once; until
  // then only order edges to what came before the fallen are missing, never failure edges.
  void Relink() { stale_ = true; }
  void Refresh();
  void DrawEdges();
  std::vector<Position> FailureDependents(Position position, const Node& node) const;

  std::map<Position, Node> nodes_;
  std::unordered_map<DocumentKey, DocumentState> documents_;
  std::set<Position> ready_;
  std::set<std::pair<std::int64_t, Position>> deferred_;  // by time
  std::size_t in_flight_ = 0;
  bool stale_ = false;
};

}  // namespace outpost::engine
