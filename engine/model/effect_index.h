// Which commands' effects are shown on top of base: those not settled, and those applied whose effect base does not
// hold yet (the rebase set of law 1). Knows for every document the commands that touch it, in order of execution.
// Pure memory, rebuilt from the outbox when a store opens.
#pragma once

#include <map>
#include <set>
#include <unordered_map>
#include <vector>

#include "engine/model/command_record.h"
#include "engine/model/touch.h"

namespace outpost::engine {

class EffectIndex {
 public:
  void Add(Position position, std::vector<Touch> touches);
  void Remove(Position position);
  // A rerun met other documents than before.
  void Retouch(Position position, std::vector<Touch> touches);

  bool Contains(Position position) const { return touches_.count(position) != 0; }
  bool Touches(const DocumentKey& key) const { return by_document_.count(key) != 0; }
  // Who touches a document, in order of execution.
  const std::set<Position>& UsersOf(const DocumentKey& key) const;
  const std::vector<Touch>& TouchesOf(Position position) const { return touches_.at(position); }
  std::set<Position> All() const;
  std::size_t size() const { return touches_.size(); }

  // Commands whose result can change when these documents change: those that touch one of them, closed over what they
  // write. Adds the documents they write to `documents`.
  std::set<Position> Affected(std::set<DocumentKey>& documents) const;

 private:
  std::map<Position, std::vector<Touch>> touches_;
  std::unordered_map<DocumentKey, std::set<Position>> by_document_;
  std::set<Position> nobody_;
};

}  // namespace outpost::engine
