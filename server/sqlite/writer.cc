#include "server/sqlite/writer.h"

#include "base/mutant.h"
#include "server/core/stored_text.h"

namespace outpost::server {
namespace {

// Columns of a key or command row, in the order ReadKeyRecord and LoadCommand take them.
#define OUTPOST_COMMAND_COLUMNS                                                                                    \
  "place, state, fingerprint, revision, http_status, resource_shelf, resource_id, resource_version, ids, author, " \
  "family, key, seq, id, incarnation, kind"

}  // namespace

Result<std::unique_ptr<Writer>> Writer::Prepare(sqlite::Connection& connection) {
  OUTPOST_TRY(Names names, Names::Prepare(connection));
  OUTPOST_TRY(InternalDocuments internal, InternalDocuments::Open(connection));
  std::unique_ptr<Writer> writer(new Writer(connection, std::move(names), std::move(internal)));
  OUTPOST_CHECK(writer->PrepareStatements());
  return writer;
}

Status Writer::PrepareStatements() {
  const std::pair<sqlite::Statement*, const char*> statements[] = {
      {&find_workspace_, "SELECT workspace, head, outside, purged_below FROM workspace WHERE name = ?1"},
      {&insert_workspace_, "INSERT INTO workspace(name) VALUES (?1)"},
      {&update_workspace_, "UPDATE workspace SET head = ?2, outside = ?3 WHERE workspace = ?1"},
      {&command_at_, "SELECT id FROM command WHERE place = ?1"},
      {&key_by_id_, "SELECT " OUTPOST_COMMAND_COLUMNS " FROM command WHERE id = ?1 AND place BETWEEN ?2 AND ?3"},
      {&key_by_key_, "SELECT " OUTPOST_COMMAND_COLUMNS
                     " FROM command WHERE key = ?1 AND author = ?2 AND family = ?3 AND kind = 0 AND key IS NOT NULL"},
      {&outcome_body_, "SELECT body FROM outcome WHERE place = ?1"},
      // Succeeded (1) before refused (2) before burnt (3), should several authors have used the id.
      {&command_by_id_, "SELECT " OUTPOST_COMMAND_COLUMNS
                        " FROM command WHERE id = ?1 AND place BETWEEN ?2 AND ?3 ORDER BY state, place LIMIT 1"},
      {&load_document_, "SELECT version, position, deleted, scope, body FROM document WHERE shelf = ?1 AND id = ?2"},
      {&load_incarnation_, "SELECT highest_n, keys_purged_below FROM incarnation WHERE incarnation = ?1"},
      {&load_number_, "SELECT id FROM command WHERE incarnation = ?1 AND n = ?2 ORDER BY place LIMIT 1"},
      {&load_local_, "SELECT id FROM local_id WHERE workspace = ?1 AND device = ?2 AND local = ?3"},
      {&load_sign_in_, "SELECT roles FROM sign_in WHERE workspace = ?1 AND device = ?2 AND user = ?3"},
      {&insert_document_,
       "INSERT INTO document(position, shelf, scope, version, deleted, id, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"},
      {&move_document_,
       "UPDATE document SET position = ?1, scope = ?3, version = ?4, deleted = ?5, body = ?7 WHERE shelf = ?2 AND id = "
       "?6"},
      {&insert_departed_, "INSERT OR REPLACE INTO departed(scope, seq, id, version) VALUES (?1, ?2, ?3, ?4)"},
      {&insert_command_,
       "INSERT INTO command(place, kind, id, key, author, family, incarnation, n, state, revision, http_status, at, "
       "seq, "
       "resource_shelf, resource_id, resource_version, ids, fingerprint) "
       "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)"},
      {&insert_outcome_, "INSERT INTO outcome(place, body) VALUES (?1, ?2)"},
      {&delete_command_, "DELETE FROM command WHERE place = ?1 RETURNING state, incarnation"},
      {&delete_outcome_, "DELETE FROM outcome WHERE place = ?1"},
      {&find_adoptable_,
       "SELECT place, incarnation, state FROM command WHERE id = ?1 AND place BETWEEN ?2 AND ?3 AND author = ?4 "
       "ORDER BY state, place LIMIT 1"},
      {&adopt_, "UPDATE command SET incarnation = ?2, n = ?3 WHERE place = ?1"},
      {&add_tally_,
       "UPDATE incarnation SET acknowledged = acknowledged + ?2, refused = refused + ?3 WHERE incarnation = ?1"},
      {&see_device_,
       "UPDATE incarnation SET highest_n = max(highest_n, ?2), last_seen = ?3, "
       "last_command = coalesce(?4, last_command) WHERE incarnation = ?1"},
      {&report_device_, "UPDATE incarnation SET report = ?2 WHERE incarnation = ?1"},
      {&insert_sign_in_, "INSERT OR REPLACE INTO sign_in(workspace, device, user, roles) VALUES (?1, ?2, ?3, ?4)"},
      {&insert_local_, "INSERT OR IGNORE INTO local_id(workspace, device, local, id) VALUES (?1, ?2, ?3, ?4)"},
  };
  for (const auto& [statement, sql] : statements) {
    OUTPOST_TRY(*statement, connection_.Prepare(sql));
  }
  return {};
}

Result<LockedWorkspace> Writer::LoadWorkspace(const WorkspaceId& workspace) {
  LockedWorkspace locked;
  OUTPOST_TRY(const bool found, find_workspace_.Bind(1, workspace.value).Step());
  if (!found) {
    OUTPOST_CHECK(insert_workspace_.Bind(1, workspace.value).Run());
    locked.row = WorkspaceRow(sqlite3_last_insert_rowid(connection_.handle()));
    if (locked.row.value > kWorkspacesMax)
      return Error{ErrorCode::kFull, "the store holds as many workspaces as it can"};
    return locked;
  }
  locked.row = WorkspaceRow(find_workspace_.Integer(0));
  locked.head.head = Sequence(find_workspace_.Integer(1));
  locked.outside = find_workspace_.Integer(2);
  locked.head.purged_below = Sequence(find_workspace_.Integer(3));
  find_workspace_.Reset();
  if (locked.head.head.value == 0) return locked;
  command_at_.Bind(1, PlaceOf(locked.row.value, locked.head.head.value));
  OUTPOST_TRY(const bool at_head, command_at_.Step());
  if (at_head) {
    locked.head.tag = TagOf(CommandId(std::string(command_at_.Text(0))), locked.head.head);
    command_at_.Reset();
  }
  return locked;
}

Status Writer::StoreWorkspace(const LockedWorkspace& workspace) {
  update_workspace_.Bind(1, workspace.row.value).Bind(2, workspace.head.head.value).Bind(3, workspace.outside);
  return update_workspace_.Run();
}

Result<std::optional<DocumentKey>> Writer::ReadResource(sqlite::Statement& row, int column, const std::string& id) {
  if (row.IsNull(column)) return std::optional<DocumentKey>();
  OUTPOST_TRY(CollectionName collection, names_.CollectionOf(ShelfRow(row.Integer(column))));
  std::string resource = row.IsNull(column + 1) ? id : std::string(row.Text(column + 1));
  return std::optional<DocumentKey>(DocumentKey{std::move(collection), DocumentId(std::move(resource))});
}

Result<KeyRecord> Writer::ReadKeyRecord(sqlite::Statement& row, const std::string& id) {
  KeyRecord record;
  const std::int64_t place = row.Integer(0);
  record.state = static_cast<KeyState>(row.Integer(1));
  const std::string_view fingerprint = row.Blob(2);
  if (fingerprint.size() != record.fingerprint.size())
    return Error{ErrorCode::kCorrupt, "a fingerprint has a wrong length"};
  std::copy(fingerprint.begin(), fingerprint.end(), reinterpret_cast<char*>(record.fingerprint.data()));
  record.revision = Revision(row.Integer(3));
  record.http_status = static_cast<int>(row.Integer(4));
  OUTPOST_TRY(record.resource, ReadResource(row, 5, id));
  record.resource_version = Version(row.Integer(7));
  record.ids = PairsFromText(row.Text(8));
  record.command = CommandId(id);
  record.device_known = !row.IsNull(14);
  record.seq = SequenceOfPlace(place);
  OUTPOST_TRY(const bool kept, outcome_body_.Bind(1, place).Step());
  record.outcome_purged = !kept;
  if (kept) record.body = outcome_body_.Text(0);
  outcome_body_.Reset();
  return record;
}

Result<sqlite::Statement*> Writer::FindKeyRow(LockedWorkspace& workspace, const KeyRef& key) {
  OUTPOST_TRY(const AuthorRow author, names_.Find(workspace.row, key.author));
  OUTPOST_TRY(const FamilyRow family, names_.Find(key.family));
  sqlite::Statement& by_id = key_by_id_;
  by_id.Bind(1, key.key.value).Bind(2, FirstPlace(workspace.row.value)).Bind(3, LastPlace(workspace.row.value));
  for (bool any = false;; any = true) {
    OUTPOST_TRY(const bool more, by_id.Step());
    if (!more && !any) workspace.unused_ids.insert(key.key.value);
    if (!more) break;
    const bool claims = by_id.Integer(15) == 0 && by_id.IsNull(11);
    if (claims && by_id.Integer(9) == author.value && by_id.Integer(10) == family.value) return &by_id;
  }
  if (author.value == 0 || family.value == 0) return nullptr;
  OUTPOST_TRY(bool found, key_by_key_.Bind(1, key.key.value).Bind(2, author.value).Bind(3, family.value).Step());
  if (OUTPOST_MUTANT("key-of-any-author") && !found) {
    OUTPOST_TRY(found, key_by_key_.Bind(2, std::int64_t{1}).Step());
  }
  return found ? &key_by_key_ : nullptr;
}

Result<std::optional<KeyRecord>> Writer::LoadKey(LockedWorkspace& workspace, const KeyRef& key) {
  OUTPOST_TRY(sqlite::Statement* const row, FindKeyRow(workspace, key));
  if (row == nullptr) return std::optional<KeyRecord>();
  auto record = ReadKeyRecord(*row, std::string(row->Text(13)));
  row->Reset();
  if (!record.ok()) return record.error();
  return std::optional<KeyRecord>(std::move(record).value());
}

Result<std::optional<CommandRecord>> Writer::LoadCommand(const LockedWorkspace& workspace, const CommandId& id) {
  if (workspace.unused_ids.count(id.value) > 0) return std::optional<CommandRecord>();
  sqlite::Statement& row = command_by_id_;
  row.Bind(1, id.value).Bind(2, FirstPlace(workspace.row.value)).Bind(3, LastPlace(workspace.row.value));
  OUTPOST_TRY(const bool found, row.Step());
  if (!found) return std::optional<CommandRecord>();
  CommandRecord record;
  record.state = static_cast<KeyState>(row.Integer(1));
  OUTPOST_TRY(record.resource, ReadResource(row, 5, id.value));
  record.resource_version = Version(row.Integer(7));
  OUTPOST_TRY(record.author, names_.NameOf(AuthorRow(row.Integer(9))));
  OUTPOST_TRY(record.family, names_.NameOf(FamilyRow(row.Integer(10))));
  record.key = IdempotencyKey(row.IsNull(11) ? id.value : std::string(row.Text(11)));
  record.seq = row.IsNull(12) ? SequenceOfPlace(row.Integer(0)) : Sequence(row.Integer(12));
  row.Reset();
  return std::optional<CommandRecord>(std::move(record));
}

Result<std::optional<DocumentRow>> Writer::LoadDocument(const LockedWorkspace& workspace, const DocumentKey& key) {
  const std::lock_guard lock(mutex_);
  OUTPOST_TRY(const ShelfRow shelf, names_.Find(workspace.row, key.collection));
  if (shelf.value == 0) return std::optional<DocumentRow>();
  if (key.collection.value.starts_with('_')) return internal_.Load(shelf, key.id);
  OUTPOST_TRY(const bool found, load_document_.Bind(1, shelf.value).Bind(2, key.id.value).Step());
  if (!found) {
    // A purged tombstone is remembered there for its version.
    if (workspace.head.purged_below.value > 0) return internal_.Load(shelf, key.id);
    return std::optional<DocumentRow>();
  }
  DocumentRow document;
  document.version = Version(load_document_.Integer(0));
  document.seq = SequenceOfPosition(load_document_.Integer(1));
  document.deleted = load_document_.Integer(2) != 0;
  document.body = load_document_.Text(4);
  auto scope = names_.NameOf(ScopeRow(load_document_.Integer(3)));
  load_document_.Reset();
  if (!scope.ok()) return scope.error();
  document.scope = std::move(scope).value();
  return std::optional<DocumentRow>(std::move(document));
}

Result<IncarnationRecord> Writer::LoadIncarnation(WorkspaceRow workspace, const DeviceRef& device) {
  OUTPOST_TRY(const IncarnationRow row, names_.Find(workspace, device));
  if (row.value == 0) return IncarnationRecord{};
  OUTPOST_TRY(const bool found, load_incarnation_.Bind(1, row.value).Step());
  if (!found) return IncarnationRecord{};
  IncarnationRecord record{CommandNumber(load_incarnation_.Integer(0)), CommandNumber(load_incarnation_.Integer(1))};
  load_incarnation_.Reset();
  return record;
}

Result<std::optional<CommandId>> Writer::LoadNumber(WorkspaceRow workspace, const DeviceRef& device, CommandNumber n) {
  OUTPOST_TRY(const IncarnationRow row, names_.Find(workspace, device));
  if (row.value == 0) return std::optional<CommandId>();
  OUTPOST_TRY(const bool found, load_number_.Bind(1, row.value).Bind(2, n.value).Step());
  if (!found) return std::optional<CommandId>();
  CommandId id{std::string(load_number_.Text(0))};
  load_number_.Reset();
  return std::optional<CommandId>(std::move(id));
}

Result<std::optional<DocumentId>> Writer::LoadLocalId(WorkspaceRow workspace, const DeviceId& device,
                                                      const std::string& local) {
  OUTPOST_TRY(const bool found, load_local_.Bind(1, workspace.value).Bind(2, device.value).Bind(3, local).Step());
  if (!found) return std::optional<DocumentId>();
  DocumentId id{std::string(load_local_.Text(0))};
  load_local_.Reset();
  return std::optional<DocumentId>(std::move(id));
}

Result<std::optional<Roles>> Writer::LoadSignIn(WorkspaceRow workspace, const SignInRef& who) {
  load_sign_in_.Bind(1, workspace.value).Bind(2, who.device.value).Bind(3, who.user.value);
  OUTPOST_TRY(const bool found, load_sign_in_.Step());
  if (!found) return std::optional<Roles>();
  std::optional<Roles> roles = RolesFromText(load_sign_in_.Text(0));
  load_sign_in_.Reset();
  return roles;
}

}  // namespace outpost::server
