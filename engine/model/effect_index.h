// Which commands' effects are shown on top of base: those not settled, and those applied whose effect base does not
// hold yet (the rebase set of law 1). Knows for every document the commands that touch it, in order of execution.
//
// A command that only adds to a document it never looked at (a sale, on its article's stock) is no link in the chain of
// commands that build on one another: its addition holds on any state. Additions between two other commands are kept
// summed, so that a document's overlay is base, the others in turn, and one sum in each gap, however many sales wait.
// Pure memory, rebuilt from the outbox when a store opens. No call walks over all that waits, but for All.
#pragma once

#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/model/command_record.h"
#include "engine/model/touch.h"
#include "rules/apply_sum.h"

namespace outpost::engine {

// What a command stamps on the documents it writes; frozen with it.
struct EffectStamp {
  UserId author;
  Timestamp at;
};

class EffectIndex {
 public:
  void Add(Position position, std::vector<Touch> touches, EffectStamp stamp);
  void Remove(Position position);
  // A rerun met other documents than before.
  void Retouch(Position position, std::vector<Touch> touches);

  bool Contains(Position position) const { return effects_.count(position) != 0; }
  bool Touches(const DocumentKey& key) const { return documents_.count(key) != 0; }
  bool TouchedByOthers(const DocumentKey& key, Position position) const;
  const std::vector<Touch>& TouchesOf(Position position) const { return effects_.at(position).touches; }
  std::set<Position> All() const;
  std::size_t size() const { return effects_.size(); }

  // Whether it touches the document otherwise than by an addition.
  bool IsLink(const DocumentKey& key, Position position) const;
  bool HasOtherLinks(const DocumentKey& key, Position position) const;
  // The additions of the gaps that begin at links from `from` on and before `before`, a sum per gap, in order.
  std::vector<rules::Sum> SumsBetween(const DocumentKey& key, Position from, Position before) const;

  // The first command up to `last` that touches the document and fulfils the condition.
  template <class Condition>
  bool AnyUserUpTo(const DocumentKey& key, Position last, Condition condition) const {
    const auto found = documents_.find(key);
    if (found == documents_.end()) return false;
    for (const std::set<Position>* users : {&found->second.links, &found->second.additions}) {
      for (const Position& position : *users) {
        if (last < position) break;
        if (condition(position)) return true;
      }
    }
    return false;
  }

  // Commands whose result can change when these documents change: those that touch one of them otherwise than by an
  // addition, closed over what they write, and over what they read of which later commands have written. Adds those
  // documents to `documents`. In documents `one_by_one` additions count as links too.
  std::set<Position> Affected(std::set<DocumentKey>& documents, const std::set<DocumentKey>& one_by_one = {}) const;

 private:
  struct Effect {
    std::vector<Touch> touches;
    EffectStamp stamp;
  };
  struct Constant {
    std::string name;
    json::value value;
    std::int64_t commands = 0;  // that set it
  };
  // The additions between one link and the next.
  struct Gap {
    std::int64_t commands = 0;
    std::map<std::string, rules::FieldSum> fields;
    std::vector<Constant> constants;
  };
  struct Document {
    std::set<Position> links;      // readers and writers that looked at it
    std::set<Position> writers;    // of the links
    std::set<Position> additions;  // the others
    std::map<Position, Gap> gaps;  // by the link they follow; Position(0): before the first
  };

  void AddTouch(Position position, const Touch& touch);
  void RemoveTouch(Position position, const Touch& touch);
  const rules::Add AdditionOf(const DocumentKey& key, Position position) const;
  static Position GapOf(const Document& document, Position position);
  static void Include(Gap& gap, const rules::Add& add);
  static void Exclude(Gap& gap, const rules::Add& add);
  void RebuildGaps(const DocumentKey& key, Document& document);
  rules::Sum SumOf(const DocumentKey& key, const Document& document, Position after, const Gap& gap) const;
  static bool WrittenAfter(const Document& document, Position position);

  std::map<Position, Effect> effects_;
  std::unordered_map<DocumentKey, Document> documents_;
};

}  // namespace outpost::engine
