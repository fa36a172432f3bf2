// PostgresRead::ReadFeed: the rows of a page in order of their sequence, each part of the filter by its own index.
#include <algorithm>

#include "server/core/feed_page.h"
#include "server/postgres/read_transaction.h"

namespace outpost::server {
namespace {

using postgres::Parameters;
using postgres::Rows;
using postgres::Statement;
using postgres::Texts;

// Rows of one round trip; a page may take several.
constexpr std::int64_t kFeedRowsMax = 2000;
// A departure stands behind the documents of its sequence.
constexpr std::int64_t kDepartedOrdinal = std::int64_t{1} << 31;

enum FeedColumn { kSeq, kOrdinal, kCollection, kId, kVersion, kDeleted, kDeparted, kBody };

// $1 workspace, $2 and $3 the place to go on from, $4 the last sequence, $5 rows, $6 whether deleted ones are left out.
constexpr Statement kAll{
    "feed_all",
    "SELECT seq, ordinal::bigint, collection, id, version, deleted, false, body FROM document "
    "WHERE workspace = $1::bigint AND (seq, ordinal) > ($2::bigint, $3::bigint) AND seq <= $4::bigint AND seq > 0 "
    "AND NOT (deleted AND $6::boolean) ORDER BY seq, ordinal LIMIT $5::bigint"};
// $7 collections that come whole, $8 those that the scope $9 narrows, $10 the id of a departure to go on from.
constexpr Statement kParts{
    "feed_parts",
    "SELECT * FROM ("
    "SELECT d.* FROM unnest($7::text[]) p(collection) CROSS JOIN LATERAL ("
    "SELECT seq, ordinal::bigint, collection, id, version, deleted, false AS departed, body FROM document "
    "WHERE workspace = $1::bigint AND collection = p.collection AND (seq, ordinal) > ($2::bigint, $3::bigint) "
    "AND seq <= $4::bigint AND seq > 0 AND NOT (deleted AND $6::boolean) ORDER BY seq, ordinal LIMIT $5::bigint) d "
    "UNION ALL "
    "SELECT d.* FROM unnest($8::text[]) p(collection) CROSS JOIN LATERAL ("
    "SELECT seq, ordinal::bigint, collection, id, version, deleted, false AS departed, body FROM document "
    "WHERE workspace = $1::bigint AND collection = p.collection AND scope = $9::text AND scope <> '' "
    "AND (seq, ordinal) > ($2::bigint, $3::bigint) "
    "AND seq <= $4::bigint AND seq > 0 AND NOT (deleted AND $6::boolean) ORDER BY seq, ordinal LIMIT $5::bigint) d "
    "UNION ALL "
    "SELECT d.* FROM unnest($8::text[]) p(collection) CROSS JOIN LATERAL ("
    "SELECT seq, 2147483648::bigint AS ordinal, collection, id, version, true, true AS departed, '' FROM departed "
    "WHERE workspace = $1::bigint AND collection = p.collection AND scope = $9::text AND NOT $6::boolean "
    "AND seq >= $2::bigint AND (seq, 2147483648::bigint, id) > ($2::bigint, $3::bigint, $10::text) "
    "AND seq <= $4::bigint ORDER BY seq, id LIMIT $5::bigint) d"
    ") page ORDER BY seq, ordinal, id LIMIT $5::bigint"};

Change ChangeOf(const Rows& rows, int row) {
  Change change;
  change.seq = Sequence(rows.Integer(row, kSeq));
  change.key = {CollectionName(rows.String(row, kCollection)), DocumentId(rows.String(row, kId))};
  change.version = Version(rows.Integer(row, kVersion));
  if (rows.Flag(row, kDeparted)) {
    change.reason = "left";
  } else if (rows.Flag(row, kDeleted)) {
    change.reason = "deleted";
  } else {
    change.doc = rows.String(row, kBody);
  }
  return change;
}

}  // namespace

Result<FeedPage> PostgresRead::ReadFeed(const WorkspaceId& workspace, const FeedQuery& query) {
  OUTPOST_TRY(const Workspace* const found, Find(workspace));
  const Sequence up_to = query.up_to ? std::min(*query.up_to, found->head.head) : found->head.head;
  FeedPageCutter page(query);
  if (found->row == 0 || up_to <= query.after) return page.Take(std::max(up_to, query.after));
  // One beyond the page tells whether it ends on a commit boundary.
  const std::int64_t rows_max = std::min<std::int64_t>(std::int64_t{query.limit} + 1, kFeedRowsMax);
  FeedPlace place{query.after.value, kDepartedOrdinal + 1, {}};  // behind everything of that sequence
  for (;;) {
    OUTPOST_TRY(const Rows rows, FeedRows(found->row, query, place, up_to, rows_max));
    for (int row = 0; row < rows.size(); ++row) {
      if (!page.Add(ChangeOf(rows, row))) return page.Take(up_to);
    }
    if (rows.size() < rows_max) return page.Take(up_to);
    const int last = rows.size() - 1;
    place = {rows.Integer(last, kSeq), rows.Integer(last, kOrdinal), rows.String(last, kId)};
  }
}

Result<Rows> PostgresRead::FeedRows(std::int64_t workspace, const FeedQuery& query, const FeedPlace& after,
                                    Sequence up_to, std::int64_t rows_max) {
  Parameters asked;
  asked.Integer(workspace).Integer(after.seq).Integer(after.ordinal).Integer(up_to.value).Integer(rows_max);
  asked.Flag(query.from_start);
  if (query.collections.empty()) return connection_->Query(kAll, std::move(asked));
  Texts whole, scoped;
  for (const CollectionName& name : query.collections) {
    const bool narrowed = std::find(query.scoped.begin(), query.scoped.end(), name) != query.scoped.end();
    (narrowed ? scoped : whole).Add(name.value);
  }
  asked.Add(whole).Add(scoped).Text(query.scope).Text(after.id);
  return connection_->Query(kParts, std::move(asked));
}

}  // namespace outpost::server
