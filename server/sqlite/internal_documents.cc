#include "server/sqlite/internal_documents.h"

namespace outpost::server {

Result<InternalDocuments> InternalDocuments::Open(sqlite::Connection& connection) {
  InternalDocuments documents;
  OUTPOST_TRY(documents.load_,
              connection.Prepare("SELECT version, deleted, body FROM internal WHERE shelf = ?1 AND id = ?2"));
  OUTPOST_TRY(
      documents.append_,
      connection.Prepare("INSERT INTO internal_log(shelf, id, version, deleted, body) VALUES (?1, ?2, ?3, ?4, ?5)"));
  // Sorted, so that each page of the table is touched once; the later of two versions of a document comes last and
  // wins.
  OUTPOST_TRY(
      documents.merge_,
      connection.Prepare("INSERT OR REPLACE INTO internal(shelf, id, version, deleted, body) "
                         "SELECT shelf, id, version, deleted, body FROM internal_log ORDER BY shelf, id, entry"));
  OUTPOST_TRY(documents.clear_, connection.Prepare("DELETE FROM internal_log"));
  OUTPOST_TRY(auto rows,
              connection.Prepare("SELECT shelf, id, version, deleted, body FROM internal_log ORDER BY entry"));
  for (;;) {
    OUTPOST_TRY(const bool more, rows.Step());
    if (!more) break;
    documents.log_[{ShelfRow(rows.Integer(0)), std::string(rows.Text(1))}] = {
        Version(rows.Integer(2)), rows.Integer(3) != 0, std::string(rows.Text(4))};
    ++documents.rows_;
  }
  documents.committed_rows_ = documents.rows_;
  return documents;
}

Result<std::optional<DocumentRow>> InternalDocuments::Load(ShelfRow shelf, const DocumentId& id) {
  DocumentRow document;
  for (const Documents* recent : {&pending_, &log_}) {
    const auto found = recent->find(KeyView(shelf, id.value));
    if (found == recent->end()) continue;
    document.version = found->second.version;
    document.deleted = found->second.deleted;
    document.body = found->second.body;
    return std::optional<DocumentRow>(std::move(document));
  }
  OUTPOST_TRY(const bool found, load_.Bind(1, shelf.value).Bind(2, id.value).Step());
  if (!found) return std::optional<DocumentRow>();
  document.version = Version(load_.Integer(0));
  document.deleted = load_.Integer(1) != 0;
  document.body = load_.Text(2);
  load_.Reset();
  return std::optional<DocumentRow>(std::move(document));
}

Status InternalDocuments::Put(ShelfRow shelf, const DocumentWrite& write) {
  append_.Bind(1, shelf.value).Bind(2, write.key.id.value).Bind(3, write.version.value);
  append_.Bind(4, std::int64_t{write.deleted}).Bind(5, write.body);
  OUTPOST_CHECK(append_.Run());
  pending_[{shelf, write.key.id.value}] = {write.version, write.deleted, write.body};
  ++rows_;
  return {};
}

Status InternalDocuments::MergeWhenFull() {
  if (rows_ < kInternalLogRowsMax) return {};
  OUTPOST_CHECK(merge_.Run());
  OUTPOST_CHECK(clear_.Run());
  rows_ = 0;
  merged_ = true;
  return {};
}

void InternalDocuments::Committed() {
  if (merged_) {
    log_.clear();
  } else {
    log_.merge(pending_);
    // What was in the log already is replaced by its newer version.
    for (auto& [key, value] : pending_) log_[key] = std::move(value);
  }
  pending_.clear();
  committed_rows_ = rows_;
  merged_ = false;
}

void InternalDocuments::RolledBack() {
  pending_.clear();
  rows_ = committed_rows_;
  merged_ = false;
}

}  // namespace outpost::server
