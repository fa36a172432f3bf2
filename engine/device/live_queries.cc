#include "engine/device/live_queries.h"

#include <algorithm>

namespace outpost::engine {
namespace {

VisibleDocument ToVisible(const VisibleRow& row) { return {row.key, row.version, row.body, row.pending}; }

}  // namespace

LiveQueries::Row LiveQueries::RowOf(const QueryRow& found) {
  return {found.row.key.id, found.sort, found.row.version, found.row.pending, std::hash<std::string>{}(found.row.body)};
}

bool LiveQueries::Before(const Live& live, const Row& a, const Row& b) {
  const bool down = live.query.order && live.query.order->direction == Direction::kDescending;
  const Row& first = down ? b : a;
  const Row& second = down ? a : b;
  if (SortsBefore(first.sort, second.sort)) return true;
  return !SortsBefore(second.sort, first.sort) && first.id < second.id;
}

std::size_t LiveQueries::PlaceOf(const Live& live, const DocumentId& id) {
  Row row;
  row.id = id;
  row.sort = live.at.at(id);
  const auto found = std::lower_bound(live.rows.begin(), live.rows.end(), row,
                                      [&](const Row& a, const Row& b) { return Before(live, a, b); });
  OUTPOST_ASSERT(found != live.rows.end() && found->id == id);
  return static_cast<std::size_t>(found - live.rows.begin());
}

Result<Watched> LiveQueries::Add(const Query& query) {
  if (queries_.size() >= kWatchedQueriesMax) {
    return Error{ErrorCode::kFull, "at most " + std::to_string(kWatchedQueriesMax) + " queries are watched"};
  }
  OUTPOST_TRY(const auto rows, store_.Find(query));
  Watched watched;
  watched.id = QueryId(++last_id_);
  Live& live = queries_[watched.id];
  live.query = query;
  for (const QueryRow& found : rows) {
    live.rows.push_back(RowOf(found));
    live.at[found.row.key.id] = found.sort;
    watched.documents.push_back(ToVisible(found.row));
  }
  return watched;
}

std::vector<QueryChanged> LiveQueries::Update(const std::set<DocumentKey>& changed, bool many, Cut cut) {
  std::vector<QueryChanged> changes;
  for (auto& [id, live] : queries_) {
    auto update = UpdateOne(id, live, changed, many, cut);
    if (!update.ok()) {
      live.stale = true;
      continue;
    }
    if (update.value()) changes.push_back(std::move(*update.value()));
  }
  return changes;
}

Result<std::optional<QueryChanged>> LiveQueries::UpdateOne(QueryId id, Live& live, const std::set<DocumentKey>& changed,
                                                           bool many, Cut cut) {
  live.stale = live.stale || many;
  QueryChanged change;
  if (live.stale && cut == Cut::kWhole) {
    OUTPOST_TRY(change, RunAgain(live));
  } else {
    OUTPOST_TRY(const std::vector<Touched> touched, Look(live, changed));
    if (touched.empty()) {
      ++work_.queries_skipped;
      return std::optional<QueryChanged>();
    }
    const bool loses = LosesWindow(live, touched);
    if (loses && cut == Cut::kWhole) {
      OUTPOST_TRY(change, RunAgain(live));
    } else {
      live.stale = live.stale || loses;
      change = Patch(live, touched);
    }
  }
  change.query = id;
  const bool nothing = change.added.empty() && change.changed.empty() && change.removed.empty();
  return nothing ? std::optional<QueryChanged>() : std::optional<QueryChanged>(std::move(change));
}

// Of the changed documents those that are, or were, in the result.
Result<std::vector<LiveQueries::Touched>> LiveQueries::Look(const Live& live, const std::set<DocumentKey>& changed) {
  std::vector<Touched> touched;
  auto key = changed.lower_bound({live.query.collection, DocumentId()});
  for (; key != changed.end() && key->collection == live.query.collection; ++key) {
    ++work_.query_lookups;
    OUTPOST_TRY(auto now, store_.FindOne(live.query, key->id));
    if (now || live.at.count(key->id) != 0) touched.push_back({key->id, std::move(now)});
  }
  return touched;
}

// Whether a full window has to be filled from what lies beyond it.
bool LiveQueries::LosesWindow(const Live& live, const std::vector<Touched>& touched) {
  if (live.query.limit == 0 || live.rows.size() < live.query.limit) return false;
  return std::any_of(touched.begin(), touched.end(), [&](const Touched& one) {
    if (live.at.count(one.id) == 0) return false;
    return !one.now || !Before(live, RowOf(*one.now), live.rows.back());
  });
}

QueryChanged LiveQueries::Patch(Live& live, const std::vector<Touched>& touched) {
  std::map<DocumentId, const QueryRow*> added;
  std::map<DocumentId, const QueryRow*> altered;
  QueryChanged change;
  for (const Touched& one : touched) {
    std::optional<Row> before;
    if (live.at.count(one.id) != 0) {
      const std::size_t place = PlaceOf(live, one.id);
      before = live.rows[place];
      live.rows.erase(live.rows.begin() + static_cast<std::ptrdiff_t>(place));
      live.at.erase(one.id);
    }
    if (!one.now) {
      change.removed.push_back(one.id);
      continue;
    }
    const Row row = RowOf(*one.now);
    const auto place = std::lower_bound(live.rows.begin(), live.rows.end(), row,
                                        [&](const Row& a, const Row& b) { return Before(live, a, b); });
    live.rows.insert(place, row);
    live.at[row.id] = row.sort;
    if (!before) {
      added[row.id] = &*one.now;
    } else if (!before->SameContent(row)) {
      altered[row.id] = &*one.now;
    }
  }
  while (live.query.limit != 0 && live.rows.size() > live.query.limit) {
    const DocumentId last = live.rows.back().id;
    live.rows.pop_back();
    live.at.erase(last);
    altered.erase(last);
    if (added.erase(last) == 0) change.removed.push_back(last);
  }
  for (const auto& [id, found] : added) change.added.push_back({ToVisible(found->row), PlaceOf(live, id)});
  for (const auto& [id, found] : altered) change.changed.push_back({ToVisible(found->row), PlaceOf(live, id)});
  return change;
}

Result<QueryChanged> LiveQueries::RunAgain(Live& live) {
  ++work_.query_reruns;
  OUTPOST_TRY(const auto rows, store_.Find(live.query));
  std::unordered_map<DocumentId, const Row*> before;
  for (const Row& row : live.rows) before[row.id] = &row;
  QueryChanged change;
  std::vector<Row> now;
  std::unordered_map<DocumentId, SortValue> at;
  for (const QueryRow& found : rows) {
    now.push_back(RowOf(found));
    at[found.row.key.id] = found.sort;
    const auto known = before.find(found.row.key.id);
    if (known == before.end()) change.added.push_back({ToVisible(found.row), now.size() - 1});
    if (known != before.end() && !known->second->SameContent(now.back())) {
      change.changed.push_back({ToVisible(found.row), now.size() - 1});
    }
  }
  for (const Row& row : live.rows) {
    if (at.count(row.id) == 0) change.removed.push_back(row.id);
  }
  live.rows = std::move(now);
  live.at = std::move(at);
  live.stale = false;
  return change;
}

}  // namespace outpost::engine
