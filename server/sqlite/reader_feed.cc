// Reader::ReadFeed: a page is one range of the document table, or a merge of ranges per collection and scope.
#include <algorithm>

#include "base/mutant.h"
#include "server/core/feed_page.h"
#include "server/sqlite/reader.h"

namespace outpost::server {
namespace {

constexpr const char* kAllRows =
    "SELECT position, shelf, version, deleted, id, body FROM document WHERE position > ?1 AND position <= ?2 "
    "ORDER BY position";
constexpr const char* kShelfRows =
    "SELECT position, shelf, version, deleted, id, body FROM document INDEXED BY document_shelf "
    "WHERE shelf = ?3 AND position > ?1 AND position <= ?2 ORDER BY position";
constexpr const char* kScopeRows =
    "SELECT position, shelf, version, deleted, id, body FROM document INDEXED BY document_scope "
    "WHERE scope = ?3 AND scope > 0 AND position > ?1 AND position <= ?2 ORDER BY position";
constexpr const char* kDepartedRows =
    "SELECT seq, id, version FROM departed WHERE scope = ?3 AND seq > ?1 AND seq <= ?2 ORDER BY seq, id";

}  // namespace

struct Reader::Stream {
  sqlite::Statement rows;
  CollectionName collection;  // empty: read from the row's shelf
  bool departed = false;
  std::pair<std::int64_t, std::int64_t> at;  // sequence, order within it
};

Result<FeedPage> Reader::ReadFeed(const WorkspaceId& workspace, const FeedQuery& query) {
  OUTPOST_TRY(const WorkspaceHead head, Head(workspace));
  const Sequence up_to = query.up_to ? std::min(*query.up_to, head.head) : head.head;
  FeedPage empty;
  empty.last = std::max(up_to, query.after);
  OUTPOST_TRY(const WorkspaceRow row, Find(workspace));
  if (row.value == 0 || up_to <= query.after) return empty;
  OUTPOST_TRY(std::vector<Stream> streams, OpenStreams(row, query, up_to));
  return Merge(streams, query, up_to);
}

Result<std::vector<Reader::Stream>> Reader::OpenStreams(WorkspaceRow workspace, const FeedQuery& query,
                                                        Sequence up_to) {
  std::vector<Stream> streams;
  if (query.collections.empty()) {
    Stream all;
    OUTPOST_TRY(all.rows, connection_.Prepare(kAllRows));
    all.rows.Bind(1, LastPositionOf(workspace.value, query.after.value))
        .Bind(2, LastPositionOf(workspace.value + (OUTPOST_MUTANT("workspaces-leak") ? 1 : 0), up_to.value));
    streams.push_back(std::move(all));
  }
  for (const CollectionName& collection : query.collections)
    OUTPOST_CHECK(OpenCollection(workspace, collection, query, up_to, streams));
  std::vector<Stream> filled;
  for (Stream& stream : streams) {
    OUTPOST_TRY(const bool more, Advance(stream));
    if (more) filled.push_back(std::move(stream));
  }
  return filled;
}

Status Reader::OpenCollection(WorkspaceRow workspace, const CollectionName& collection, const FeedQuery& query,
                              Sequence up_to, std::vector<Stream>& streams) {
  OUTPOST_TRY(const ShelfRow shelf, names_.Find(workspace, collection));
  if (shelf.value == 0) return {};
  const bool scoped = std::find(query.scoped.begin(), query.scoped.end(), collection) != query.scoped.end();
  std::int64_t part = shelf.value;
  if (scoped) {
    OUTPOST_TRY(const ScopeRow scope, names_.Find(shelf, query.scope));
    if (scope.value == 0) return {};
    part = scope.value;
  }
  Stream rows;
  rows.collection = collection;
  OUTPOST_TRY(rows.rows, connection_.Prepare(scoped ? kScopeRows : kShelfRows));
  rows.rows.Bind(1, LastPositionOf(workspace.value, query.after.value));
  rows.rows.Bind(2, LastPositionOf(workspace.value, up_to.value)).Bind(3, part);
  streams.push_back(std::move(rows));
  if (!scoped || query.from_start) return {};
  Stream departed;
  departed.collection = collection;
  departed.departed = true;
  OUTPOST_TRY(departed.rows, connection_.Prepare(kDepartedRows));
  departed.rows.Bind(1, query.after.value).Bind(2, up_to.value).Bind(3, part);
  streams.push_back(std::move(departed));
  return {};
}

Result<bool> Reader::Advance(Stream& stream) {
  OUTPOST_TRY(const bool more, stream.rows.Step());
  if (!more) return false;
  const std::int64_t first = stream.rows.Integer(0);
  // A departure stands behind the documents of its sequence.
  stream.at = stream.departed ? std::pair(first, kOrdinalMax + 1)
                              : std::pair(SequenceOfPosition(first).value, first & kOrdinalMax);
  return true;
}

Result<Change> Reader::ReadChange(Stream& stream) {
  const sqlite::Statement& row = stream.rows;
  Change change;
  change.seq = Sequence(stream.at.first);
  change.key.collection = stream.collection;
  if (stream.departed) {
    change.key.id = DocumentId(std::string(row.Text(1)));
    change.version = Version(row.Integer(2));
    change.reason = "left";
    return change;
  }
  if (stream.collection.value.empty()) {
    OUTPOST_TRY(change.key.collection, names_.CollectionOf(ShelfRow(row.Integer(1))));
  }
  change.key.id = DocumentId(std::string(row.Text(4)));
  change.version = Version(row.Integer(2));
  if (row.Integer(3) != 0) {
    change.reason = "deleted";
  } else {
    change.doc = row.Text(5);
  }
  return change;
}

Result<FeedPage> Reader::Merge(std::vector<Stream>& streams, const FeedQuery& query, Sequence up_to) {
  FeedPageCutter page(query);
  while (!streams.empty()) {
    const auto next =
        std::min_element(streams.begin(), streams.end(), [](const Stream& a, const Stream& b) { return a.at < b.at; });
    OUTPOST_TRY(Change change, ReadChange(*next));
    if (!page.Add(std::move(change))) break;
    OUTPOST_TRY(const bool more, Advance(*next));
    if (!more) streams.erase(next);
  }
  return page.Take(up_to);
}

}  // namespace outpost::server
