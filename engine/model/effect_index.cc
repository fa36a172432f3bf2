#include "engine/model/effect_index.h"

#include <algorithm>

namespace outpost::engine {
namespace {

// Written by EncodeSum of this very process, or checked when the outbox was read.
rules::Add Decoded(const std::string& sum) {
  auto add = DecodeSum(sum);
  OUTPOST_ASSERT(add.ok());
  return std::move(add).value();
}

std::int64_t Magnitude(std::int64_t value) { return value < 0 ? -value : value; }

}  // namespace

void EffectIndex::Add(Position position, std::vector<Touch> touches, EffectStamp stamp) {
  Effect& effect = effects_[position];
  effect = {std::move(touches), std::move(stamp)};
  for (const Touch& touch : effect.touches) AddTouch(position, touch);
}

void EffectIndex::Remove(Position position) {
  const auto found = effects_.find(position);
  if (found == effects_.end()) return;
  for (const Touch& touch : found->second.touches) RemoveTouch(position, touch);
  effects_.erase(found);
}

void EffectIndex::Retouch(Position position, std::vector<Touch> touches) {
  EffectStamp stamp = effects_.at(position).stamp;
  Remove(position);
  Add(position, std::move(touches), std::move(stamp));
}

void EffectIndex::AddTouch(Position position, const Touch& touch) {
  Document& document = documents_[touch.key];
  if (touch.is_sum()) {
    document.additions.insert(position);
    Include(document.gaps[GapOf(document, position)], Decoded(touch.sum));
    return;
  }
  document.links.insert(position);
  if (touch.writes()) document.writers.insert(position);
  // A link in the middle of a gap parts it.
  const auto later = document.additions.upper_bound(position);
  const auto next_link = document.links.upper_bound(position);
  if (later != document.additions.end() && (next_link == document.links.end() || *later < *next_link)) {
    RebuildGaps(touch.key, document);
  }
}

void EffectIndex::RemoveTouch(Position position, const Touch& touch) {
  const auto found = documents_.find(touch.key);
  if (found == documents_.end()) return;
  Document& document = found->second;
  if (touch.is_sum()) {
    if (document.additions.erase(position) != 0) {
      const auto gap = document.gaps.find(GapOf(document, position));
      OUTPOST_ASSERT(gap != document.gaps.end());
      Exclude(gap->second, Decoded(touch.sum));
      if (gap->second.commands == 0) document.gaps.erase(gap);
    }
  } else if (document.links.erase(position) != 0) {
    document.writers.erase(position);
    const auto gap = document.gaps.find(position);
    // Without the link its gap and the one before are one.
    if (gap != document.gaps.end()) RebuildGaps(touch.key, document);
  }
  if (document.links.empty() && document.additions.empty()) documents_.erase(found);
}

Position EffectIndex::GapOf(const Document& document, Position position) {
  const auto next = document.links.lower_bound(position);
  return next == document.links.begin() ? Position(0) : *std::prev(next);
}

void EffectIndex::Include(Gap& gap, const rules::Add& add) {
  ++gap.commands;
  for (const auto& [field, delta] : add.deltas) {
    rules::FieldSum& sum = gap.fields[field];
    sum.delta += delta;
    sum.reach += Magnitude(delta);
  }
  for (const auto& constant : add.constants) {
    const auto same = [&](const Constant& known) {
      return known.name == constant.key() && known.value == constant.value();
    };
    auto known = std::find_if(gap.constants.begin(), gap.constants.end(), same);
    if (known == gap.constants.end()) {
      known = gap.constants.insert(known, {std::string(constant.key()), constant.value(), 0});
    }
    ++known->commands;
  }
}

void EffectIndex::Exclude(Gap& gap, const rules::Add& add) {
  --gap.commands;
  for (const auto& [field, delta] : add.deltas) {
    rules::FieldSum& sum = gap.fields[field];
    sum.delta -= delta;
    sum.reach -= Magnitude(delta);
    if (sum.reach == 0) gap.fields.erase(field);
  }
  for (const auto& constant : add.constants) {
    const auto known = std::find_if(gap.constants.begin(), gap.constants.end(), [&](const Constant& one) {
      return one.name == constant.key() && one.value == constant.value();
    });
    if (known != gap.constants.end() && --known->commands == 0) gap.constants.erase(known);
  }
}

// Rare: a link came into, or went out of, the middle of a document's additions.
void EffectIndex::RebuildGaps(const DocumentKey& key, Document& document) {
  document.gaps.clear();
  for (const Position& position : document.additions) {
    Include(document.gaps[GapOf(document, position)], AdditionOf(key, position));
  }
}

const rules::Add EffectIndex::AdditionOf(const DocumentKey& key, Position position) const {
  for (const Touch& touch : effects_.at(position).touches) {
    if (touch.key == key && touch.is_sum()) return Decoded(touch.sum);
  }
  return {};
}

bool EffectIndex::TouchedByOthers(const DocumentKey& key, Position position) const {
  const auto found = documents_.find(key);
  if (found == documents_.end()) return false;
  const Document& document = found->second;
  const std::size_t own = document.links.count(position) + document.additions.count(position);
  return document.links.size() + document.additions.size() > own;
}

bool EffectIndex::IsLink(const DocumentKey& key, Position position) const {
  const auto found = documents_.find(key);
  return found != documents_.end() && found->second.links.count(position) != 0;
}

bool EffectIndex::HasOtherLinks(const DocumentKey& key, Position position) const {
  const auto found = documents_.find(key);
  return found != documents_.end() && found->second.links.size() > found->second.links.count(position);
}

rules::Sum EffectIndex::SumOf(const DocumentKey& key, const Document& document, Position after, const Gap& gap) const {
  const auto first = document.additions.upper_bound(after);
  const auto next_link = document.links.upper_bound(after);
  const auto end =
      next_link == document.links.end() ? document.additions.end() : document.additions.lower_bound(*next_link);
  OUTPOST_ASSERT(first != document.additions.end() && first != end);
  const EffectStamp& first_stamp = effects_.at(*first).stamp;
  rules::Sum sum;
  sum.commands = gap.commands;
  sum.fields = gap.fields;
  sum.defaults = AdditionOf(key, *first).defaults;
  for (const Constant& constant : gap.constants) sum.constants[constant.name] = constant.value;
  sum.first_author = first_stamp.author;
  sum.first_at = first_stamp.at;
  sum.last_at = effects_.at(*std::prev(end)).stamp.at;
  return sum;
}

std::vector<rules::Sum> EffectIndex::SumsBetween(const DocumentKey& key, Position from, Position before) const {
  std::vector<rules::Sum> sums;
  const auto found = documents_.find(key);
  if (found == documents_.end()) return sums;
  const Document& document = found->second;
  for (auto gap = document.gaps.lower_bound(from); gap != document.gaps.end() && gap->first < before; ++gap) {
    sums.push_back(SumOf(key, document, gap->first, gap->second));
  }
  return sums;
}

std::set<Position> EffectIndex::All() const {
  std::set<Position> all;
  for (const auto& [position, effect] : effects_) all.insert(all.end(), position);
  return all;
}

bool EffectIndex::WrittenAfter(const Document& document, Position position) {
  return document.writers.upper_bound(position) != document.writers.end() ||
         document.additions.upper_bound(position) != document.additions.end();
}

std::set<Position> EffectIndex::Affected(std::set<DocumentKey>& documents,
                                         const std::set<DocumentKey>& one_by_one) const {
  std::set<Position> affected;
  std::vector<DocumentKey> open(documents.begin(), documents.end());
  const auto take = [&](Position position) {
    if (!affected.insert(position).second) return;
    for (const Touch& touch : effects_.at(position).touches) {
      if (touch.is_sum() && one_by_one.count(touch.key) == 0) continue;
      // What it only reads is shown as it will be at the end: that is what it saw, unless somebody writes it later.
      if (!touch.writes() && !WrittenAfter(documents_.at(touch.key), position)) continue;
      if (documents.insert(touch.key).second) open.push_back(touch.key);
    }
  };
  while (!open.empty()) {
    const DocumentKey key = std::move(open.back());
    open.pop_back();
    const auto document = documents_.find(key);
    if (document == documents_.end()) continue;
    for (const Position& position : document->second.links) take(position);
    if (one_by_one.count(key) == 0) continue;
    for (const Position& position : document->second.additions) take(position);
  }
  return affected;
}

}  // namespace outpost::engine
