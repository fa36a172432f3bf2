#include "engine/store/documents.h"

namespace outpost::engine {
namespace {

DocumentKey ReadKey(const sqlite::Statement& row) {
  return {CollectionName(std::string(row.Text(0))), DocumentId(std::string(row.Text(1)))};
}

sqlite::Statement& BindKey(sqlite::Statement& statement, const DocumentKey& key) {
  return statement.Bind(1, key.collection.value).Bind(2, key.id.value);
}

}  // namespace

Status Documents::Prepare(sqlite::Connection& db) {
  connection_ = &db;
  OUTPOST_TRY(base_, db.Prepare("SELECT version,seq,body,hidden FROM document WHERE collection=?1 AND id=?2"));
  OUTPOST_TRY(store_,
              db.Prepare("INSERT INTO document(collection,id,version,seq,generation,body) VALUES(?1,?2,?3,?4,?5,?6) "
                         "ON CONFLICT(collection,id) DO UPDATE SET version=excluded.version,seq=excluded.seq,"
                         "generation=excluded.generation,body=excluded.body,hidden=0 "
                         "WHERE excluded.seq>seq OR excluded.generation>generation"));
  OUTPOST_TRY(remove_, db.Prepare("DELETE FROM document WHERE collection=?1 AND id=?2 AND (seq<?3 OR generation<?4)"));
  OUTPOST_TRY(hide_, db.Prepare("UPDATE document SET hidden=1,seq=?3,generation=?4 "
                                "WHERE collection=?1 AND id=?2 AND (seq<?3 OR generation<?4)"));
  OUTPOST_TRY(drop_hidden_, db.Prepare("DELETE FROM document WHERE collection=?1 AND id=?2 AND hidden=1"));
  OUTPOST_TRY(sizes_,
              db.Prepare("SELECT collection,count(*),sum(length(CAST(body AS BLOB))) FROM document WHERE hidden=0 "
                         "GROUP BY collection ORDER BY collection"));
  OUTPOST_TRY(sweep_list_, db.Prepare("SELECT collection,id FROM document WHERE generation<?1 ORDER BY collection,id"));
  OUTPOST_TRY(sweep_, db.Prepare("DELETE FROM document WHERE generation<?1"));
  OUTPOST_TRY(overlay_, db.Prepare("SELECT collection,id,version,body FROM overlay WHERE collection=?1 AND id=?2"));
  OUTPOST_TRY(put_overlay_, db.Prepare("INSERT INTO overlay(collection,id,version,body,hidden) VALUES(?1,?2,?3,?4,"
                                       "ifnull((SELECT hidden FROM document WHERE collection=?1 AND id=?2),0)) "
                                       "ON CONFLICT(collection,id) DO UPDATE SET "
                                       "version=excluded.version,body=excluded.body,hidden=excluded.hidden"));
  OUTPOST_TRY(remove_overlay_, db.Prepare("DELETE FROM overlay WHERE collection=?1 AND id=?2"));
  OUTPOST_TRY(all_overlays_, db.Prepare("SELECT collection,id,version,body FROM overlay ORDER BY collection,id"));
  OUTPOST_TRY(visible_, db.Prepare("SELECT version,body,1,hidden FROM overlay WHERE collection=?1 AND id=?2 UNION ALL "
                                   "SELECT version,body,0,hidden FROM document WHERE collection=?1 AND id=?2"));
  // UNION ALL over equal keys: a LEFT JOIN with COALESCE reads and sorts the whole collection first.
  OUTPOST_TRY(
      list_visible_,
      db.Prepare("SELECT collection,id,version,body,1 FROM overlay WHERE collection=?1 AND body IS NOT NULL AND "
                 "hidden=0 UNION ALL SELECT collection,id,version,body,0 FROM document d WHERE collection=?1 AND "
                 "hidden=0 AND NOT EXISTS "
                 "(SELECT 1 FROM overlay o WHERE o.collection=d.collection AND o.id=d.id) ORDER BY id LIMIT ?2"));
  return {};
}

Result<std::optional<BaseDocument>> Documents::Base(const DocumentKey& key) {
  OUTPOST_TRY(const bool row, BindKey(base_, key).Step());
  if (!row) return std::optional<BaseDocument>();
  BaseDocument document{Version(base_.Integer(0)), Sequence(base_.Integer(1)), std::string(base_.Text(2)),
                        base_.Integer(3) != 0};
  base_.Reset();
  return std::optional<BaseDocument>(std::move(document));
}

Result<bool> Documents::StoreBase(const Change& change, std::int64_t generation) {
  BindKey(store_, change.key)
      .Bind(3, change.version.value)
      .Bind(4, change.seq.value)
      .Bind(5, generation)
      .Bind(6, change.doc);
  OUTPOST_CHECK(store_.Run());
  return connection_->changes() > 0;
}

Result<bool> Documents::RemoveBase(const DocumentKey& key, Sequence seq, std::int64_t generation) {
  OUTPOST_CHECK(BindKey(remove_, key).Bind(3, seq.value).Bind(4, generation).Run());
  return connection_->changes() > 0;
}

Result<bool> Documents::HideBase(const DocumentKey& key, Sequence seq, std::int64_t generation) {
  OUTPOST_CHECK(BindKey(hide_, key).Bind(3, seq.value).Bind(4, generation).Run());
  return connection_->changes() > 0;
}

Status Documents::DropHidden(const DocumentKey& key) { return BindKey(drop_hidden_, key).Run(); }

Result<std::vector<DocumentKey>> Documents::OlderThan(std::int64_t generation) {
  std::vector<DocumentKey> keys;
  sweep_list_.Bind(1, generation);
  for (;;) {
    OUTPOST_TRY(const bool row, sweep_list_.Step());
    if (!row) return keys;
    keys.push_back(ReadKey(sweep_list_));
  }
}

Result<std::vector<CollectionSize>> Documents::Sizes() {
  std::vector<CollectionSize> sizes;
  for (;;) {
    OUTPOST_TRY(const bool row, sizes_.Step());
    if (!row) return sizes;
    sizes.push_back({CollectionName(std::string(sizes_.Text(0))), sizes_.Integer(1), sizes_.Integer(2)});
  }
}

Status Documents::SweepOlderThan(std::int64_t generation) { return sweep_.Bind(1, generation).Run(); }

Result<std::optional<OverlayDocument>> Documents::Overlay(const DocumentKey& key) {
  OUTPOST_TRY(const bool row, BindKey(overlay_, key).Step());
  if (!row) return std::optional<OverlayDocument>();
  OverlayDocument document{key, Version(overlay_.Integer(2)), std::nullopt};
  if (!overlay_.IsNull(3)) document.body = std::string(overlay_.Text(3));
  overlay_.Reset();
  return std::optional<OverlayDocument>(std::move(document));
}

Status Documents::PutOverlay(const OverlayDocument& document) {
  BindKey(put_overlay_, document.key).Bind(3, document.version.value).BindNull(4);
  if (document.body) put_overlay_.Bind(4, *document.body);
  return put_overlay_.Run();
}

Status Documents::RemoveOverlay(const DocumentKey& key) { return BindKey(remove_overlay_, key).Run(); }

Result<std::vector<OverlayDocument>> Documents::AllOverlays() {
  std::vector<OverlayDocument> overlays;
  for (;;) {
    OUTPOST_TRY(const bool row, all_overlays_.Step());
    if (!row) return overlays;
    OverlayDocument document{ReadKey(all_overlays_), Version(all_overlays_.Integer(2)), std::nullopt};
    if (!all_overlays_.IsNull(3)) document.body = std::string(all_overlays_.Text(3));
    overlays.push_back(std::move(document));
  }
}

Result<std::optional<VisibleRow>> Documents::Visible(const DocumentKey& key) { return Read(key, false); }
Result<std::optional<VisibleRow>> Documents::Current(const DocumentKey& key) { return Read(key, true); }

// The overlay's row comes first; where there is one, base does not matter.
Result<std::optional<VisibleRow>> Documents::Read(const DocumentKey& key, bool hidden_too) {
  OUTPOST_TRY(const bool row, BindKey(visible_, key).Step());
  if (!row) return std::optional<VisibleRow>();
  std::optional<VisibleRow> visible;
  if (!visible_.IsNull(1) && (hidden_too || visible_.Integer(3) == 0)) {
    visible = {key, Version(visible_.Integer(0)), std::string(visible_.Text(1)), visible_.Integer(2) != 0};
  }
  visible_.Reset();
  return visible;
}

Result<std::vector<VisibleRow>> Documents::ListVisible(const CollectionName& collection, std::size_t limit) {
  std::vector<VisibleRow> rows;
  list_visible_.Bind(1, collection.value).Bind(2, limit == 0 ? std::int64_t{-1} : static_cast<std::int64_t>(limit));
  for (;;) {
    OUTPOST_TRY(const bool row, list_visible_.Step());
    if (!row) return rows;
    rows.push_back({ReadKey(list_visible_), Version(list_visible_.Integer(2)), std::string(list_visible_.Text(3)),
                    list_visible_.Integer(4) != 0});
  }
}

}  // namespace outpost::engine
