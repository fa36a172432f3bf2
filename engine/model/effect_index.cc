#include "engine/model/effect_index.h"

namespace outpost::engine {

void EffectIndex::Add(Position position, std::vector<Touch> touches) {
  for (const Touch& touch : touches) by_document_[touch.key].insert(position);
  touches_[position] = std::move(touches);
}

void EffectIndex::Remove(Position position) {
  const auto found = touches_.find(position);
  if (found == touches_.end()) return;
  for (const Touch& touch : found->second) {
    const auto document = by_document_.find(touch.key);
    if (document == by_document_.end()) continue;
    document->second.erase(position);
    if (document->second.empty()) by_document_.erase(document);
  }
  touches_.erase(found);
}

void EffectIndex::Retouch(Position position, std::vector<Touch> touches) {
  Remove(position);
  Add(position, std::move(touches));
}

std::set<Position> EffectIndex::All() const {
  std::set<Position> all;
  for (const auto& [position, touches] : touches_) all.insert(all.end(), position);
  return all;
}

const std::set<Position>& EffectIndex::UsersOf(const DocumentKey& key) const {
  const auto found = by_document_.find(key);
  return found == by_document_.end() ? nobody_ : found->second;
}

std::set<Position> EffectIndex::Affected(std::set<DocumentKey>& documents) const {
  std::set<Position> affected;
  std::vector<DocumentKey> open(documents.begin(), documents.end());
  while (!open.empty()) {
    const DocumentKey key = std::move(open.back());
    open.pop_back();
    const auto users = by_document_.find(key);
    if (users == by_document_.end()) continue;
    for (const Position& position : users->second) {
      if (!affected.insert(position).second) continue;
      for (const Touch& touch : touches_.at(position)) {
        if (touch.writes() && documents.insert(touch.key).second) open.push_back(touch.key);
      }
    }
  }
  return affected;
}

}  // namespace outpost::engine
