// Queries that are watched: what of their results changed since the last cut. Nothing calls anybody back: Update is
// asked once per cut (an execute, an answer, the end of a round) and returns the differences.
//
// Work is bounded by what changed: a query over another collection costs nothing, a changed document one look-up by
// its key; a query is run again only when a limited window lost a row, or when too much changed to name it.
#pragma once

#include <map>
#include <set>
#include <unordered_map>
#include <vector>

#include "engine/device/device.h"
#include "engine/store/query_store.h"

namespace outpost::engine {

inline constexpr std::size_t kWatchedQueriesMax = 256;

// While a round is open base is between two cuts: a query is then patched with local changes, never run again.
enum class Cut { kWhole, kMidRound };

class LiveQueries {
 public:
  LiveQueries(QueryStore& store, DeviceWork& work) : store_(store), work_(work) {}

  Result<Watched> Add(const Query& query);
  void Remove(QueryId id) { queries_.erase(id); }
  bool empty() const { return queries_.empty(); }

  // `many`: more changed than `changed` names. Queries that cannot be read now are looked at again next time.
  std::vector<QueryChanged> Update(const std::set<DocumentKey>& changed, bool many, Cut cut);

 private:
  struct Row {
    DocumentId id;
    SortValue sort;
    Version version;
    bool pending = false;
    std::size_t body_hash = 0;

    bool SameContent(const Row& other) const {
      return version == other.version && pending == other.pending && body_hash == other.body_hash;
    }
  };
  struct Live {
    Query query;
    std::vector<Row> rows;                         // in the query's order
    std::unordered_map<DocumentId, SortValue> at;  // where each row stands
    bool stale = false;                            // to be run again at the next whole cut
  };
  struct Touched {
    DocumentId id;
    std::optional<QueryRow> now;
  };

  static Row RowOf(const QueryRow& found);
  static bool Before(const Live& live, const Row& a, const Row& b);
  static std::size_t PlaceOf(const Live& live, const DocumentId& id);
  static bool LosesWindow(const Live& live, const std::vector<Touched>& touched);
  Result<std::optional<QueryChanged>> UpdateOne(QueryId id, Live& live, const std::set<DocumentKey>& changed, bool many,
                                                Cut cut);
  Result<std::vector<Touched>> Look(const Live& live, const std::set<DocumentKey>& changed);
  QueryChanged Patch(Live& live, const std::vector<Touched>& touched);
  Result<QueryChanged> RunAgain(Live& live);

  QueryStore& store_;
  DeviceWork& work_;
  std::map<QueryId, Live> queries_;
  std::int64_t last_id_ = 0;
};

}  // namespace outpost::engine
