// Which first answers may put their documents into base. A document in an answer holds, besides the command's own
// effect, those of every command applied before it. If one of these is ours and base does not say so (its answer was
// lost, or came as a replay without documents), its effect would be counted twice: in base, and again on top of it.
//
// So an answer's documents are stored only if every command of ours that touches them and may have been applied is
// answered for the first time in this very response, and then all of its documents or none. What stays out is covered
// by the next round, whose `own` list knows.
//
// And only where the feed's first page has come: it tells of no deletion, and what an answer brought before it would
// stay for ever if it was deleted in between.
#include <algorithm>

#include "engine/device/device_state.h"

namespace outpost::engine {
namespace {

using Answers = std::vector<std::pair<const SentCommand*, const CommandResult*>>;

// Refused, blocked or put off: verified not to have taken effect.
bool NotApplied(WireStatus status) { return status != WireStatus::kSucceeded; }

bool FeedHasBegun(const DeviceState& state, const CollectionName& collection) {
  const bool joins = state.joining && !state.subscription.Has(collection);
  return !state.Subscribed(collection) || (joins ? state.join_cursor.has_value() : state.cursor.has_value());
}

// Documents an answered command touches: those the server wrote and those this device met.
std::vector<DocumentKey> DocumentsOf(const DeviceState& state, const SentCommand& sent, const CommandResult& result) {
  std::vector<DocumentKey> keys;
  for (const Change& change : result.changes) keys.push_back(change.key);
  if (!state.effects.Contains(sent.position)) return keys;
  for (const Touch& touch : state.effects.TouchesOf(sent.position)) {
    if (touch.writes()) keys.push_back(touch.key);
  }
  return keys;
}

class Contest {
 public:
  Contest(const DeviceState& state, const Answers& answers) : state_(state) {
    for (const auto& [sent, result] : answers) {
      if (NotApplied(result->status)) answered_.insert(sent->position);
      const bool first = result->status == WireStatus::kSucceeded && !result->replayed && result->seq;
      if (!first || !state.graph.Contains(sent->position)) continue;
      answered_.insert(sent->position);
      candidates_[sent->position] = DocumentsOf(state, *sent, *result);
    }
  }

  std::set<Position> Winners() {
    // A command that stays out keeps its documents out, and with them the others that wrote those.
    for (bool changed = true; changed;) {
      changed = false;
      for (auto at = candidates_.begin(); at != candidates_.end();) {
        const bool out = IsContested(at->second);
        changed = changed || out;
        if (out) Lose(at->first);
        at = out ? candidates_.erase(at) : std::next(at);
      }
    }
    std::set<Position> winners;
    for (const auto& [position, keys] : candidates_) winners.insert(winners.end(), position);
    return winners;
  }

 private:
  void Lose(Position position) {
    for (const Touch& touch : state_.effects.TouchesOf(position)) lost_.insert(touch.key);
  }
  bool IsContested(const std::vector<DocumentKey>& keys) {
    return std::any_of(keys.begin(), keys.end(),
                       [&](const DocumentKey& key) { return lost_.count(key) != 0 || IsContestedByOthers(key); });
  }
  // By a command of which this response does not tell. Each document is looked at once, and only as far as commands
  // have been sent: what waits behind them cannot have been applied.
  bool IsContestedByOthers(const DocumentKey& key) {
    const auto [known, first] = contested_.try_emplace(key, !FeedHasBegun(state_, key.collection));
    if (!first || known->second) return known->second;
    known->second = state_.effects.AnyUserUpTo(key, LastSuspect(), [&](Position user) {
      if (answered_.count(user) != 0) return false;
      return state_.uncovered.count(user) != 0 || state_.maybe_applied.count(user) != 0;
    });
    return known->second;
  }
  Position LastSuspect() const {
    Position last;
    if (!state_.uncovered.empty()) last = state_.uncovered.rbegin()->first;
    if (!state_.maybe_applied.empty()) last = std::max(last, *state_.maybe_applied.rbegin());
    return last;
  }

  const DeviceState& state_;
  std::set<Position> answered_;  // refused, or for the first time: a candidate
  std::map<Position, std::vector<DocumentKey>> candidates_;
  std::set<DocumentKey> lost_;
  std::map<DocumentKey, bool> contested_;
};

}  // namespace

std::set<Position> Coverable(const DeviceState& state, const Answers& answers) {
  return Contest(state, answers).Winners();
}

}  // namespace outpost::engine
