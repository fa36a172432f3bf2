#include "server/sqlite/reader.h"

#include <algorithm>

#include "server/core/stored_text.h"

namespace outpost::server {

Result<std::unique_ptr<Reader>> Reader::Prepare(sqlite::Connection& connection) {
  std::unique_ptr<Reader> reader(new Reader(connection));
  OUTPOST_TRY(reader->names_, Names::Prepare(connection));
  OUTPOST_CHECK(reader->PrepareStatements());
  return reader;
}

Status Reader::PrepareStatements() {
  const std::pair<sqlite::Statement*, const char*> statements[] = {
      {&find_workspace_, "SELECT workspace, head, purged_below FROM workspace WHERE name = ?1"},
      {&command_at_, "SELECT id FROM command WHERE place = ?1"},
      {&own_,
       "SELECT id, place, fingerprint FROM command INDEXED BY command_own "
       "WHERE incarnation IN (SELECT incarnation FROM incarnation WHERE workspace = ?1 AND device = ?2) "
       "AND place > ?3 AND place <= ?4 AND state = 1"},
      {&own_aliases_,
       "SELECT id, seq, fingerprint FROM command INDEXED BY command_alias "
       "WHERE incarnation IN (SELECT incarnation FROM incarnation WHERE workspace = ?1 AND device = ?2) "
       "AND seq > ?3 AND seq <= ?4 AND kind = 1 AND state = 1"},
      {&get_, "SELECT version, position, deleted, scope, body FROM document WHERE shelf = ?1 AND id = ?2"},
      {&get_internal_,
       "SELECT version, deleted, body FROM "
       "(SELECT version, deleted, body FROM internal_log WHERE shelf = ?1 AND id = ?2 "
       "UNION ALL SELECT version, deleted, body FROM internal WHERE shelf = ?1 AND id = ?2) "
       "ORDER BY version DESC LIMIT 1"},
      {&list_,
       "SELECT id, version, position, scope, body FROM document "
       "WHERE shelf = ?1 AND id < ?2 AND deleted = 0 ORDER BY id DESC LIMIT ?3"},
      {&list_by_field_,
       "SELECT id, version, position, scope, body FROM document "
       "WHERE shelf = ?1 AND id < ?2 AND deleted = 0 AND json_extract(body, ?4) = ?5 ORDER BY id DESC LIMIT ?3"},
      {&devices_,
       "SELECT device, name, last_command, highest_n, acknowledged, refused, last_seen, report FROM incarnation "
       "WHERE workspace = ?1 ORDER BY device, name"},
  };
  for (const auto& [statement, sql] : statements) {
    OUTPOST_TRY(*statement, connection_.Prepare(sql));
  }
  return {};
}

Result<WorkspaceRow> Reader::Find(const WorkspaceId& workspace) {
  OUTPOST_TRY(const bool found, find_workspace_.Bind(1, workspace.value).Step());
  if (!found) return WorkspaceRow(0);
  const WorkspaceRow row(find_workspace_.Integer(0));
  find_workspace_.Reset();
  return row;
}

Result<WorkspaceHead> Reader::Head(const WorkspaceId& workspace) {
  WorkspaceHead head;
  OUTPOST_TRY(const bool found, find_workspace_.Bind(1, workspace.value).Step());
  if (!found) return head;
  head.head = Sequence(find_workspace_.Integer(1));
  head.purged_below = Sequence(find_workspace_.Integer(2));
  find_workspace_.Reset();
  OUTPOST_TRY(const auto tag, TagAt(workspace, head.head));
  head.tag = tag.value_or(0);
  return head;
}

Result<std::optional<std::uint64_t>> Reader::TagAt(const WorkspaceId& workspace, Sequence seq) {
  if (seq.value <= 0 || seq.value > kSequenceMax) return std::optional<std::uint64_t>();
  OUTPOST_TRY(const WorkspaceRow row, Find(workspace));
  if (row.value == 0) return std::optional<std::uint64_t>();
  OUTPOST_TRY(const bool found, command_at_.Bind(1, PlaceOf(row.value, seq.value)).Step());
  if (!found) return std::optional<std::uint64_t>();
  const std::uint64_t tag = TagOf(CommandId(std::string(command_at_.Text(0))), seq);
  command_at_.Reset();
  return std::optional<std::uint64_t>(tag);
}

Result<std::vector<OwnCommand>> Reader::OwnCommands(const WorkspaceId& workspace, const DeviceId& device,
                                                    Sequence after, Sequence up_to) {
  std::vector<OwnCommand> own;
  OUTPOST_TRY(const WorkspaceRow row, Find(workspace));
  if (row.value == 0) return own;
  own_.Bind(1, row.value).Bind(2, device.value);
  own_.Bind(3, PlaceOf(row.value, after.value)).Bind(4, PlaceOf(row.value, up_to.value));
  own_aliases_.Bind(1, row.value).Bind(2, device.value).Bind(3, after.value).Bind(4, up_to.value);
  for (sqlite::Statement* statement : {&own_, &own_aliases_}) {
    for (;;) {
      OUTPOST_TRY(const bool more, statement->Step());
      if (!more) break;
      const Sequence seq =
          statement == &own_ ? SequenceOfPlace(statement->Integer(1)) : Sequence(statement->Integer(1));
      own.push_back({CommandId(std::string(statement->Text(0))), seq, ToHex(statement->Blob(2))});
    }
  }
  std::stable_sort(own.begin(), own.end(), [](const OwnCommand& a, const OwnCommand& b) { return a.seq < b.seq; });
  return own;
}

Result<std::optional<DocumentRow>> Reader::Get(const WorkspaceId& workspace, const DocumentKey& key) {
  OUTPOST_TRY(const WorkspaceRow row, Find(workspace));
  if (row.value == 0) return std::optional<DocumentRow>();
  OUTPOST_TRY(const ShelfRow shelf, names_.Find(row, key.collection));
  if (shelf.value == 0) return std::optional<DocumentRow>();
  const bool internal = key.collection.value.starts_with('_');
  sqlite::Statement& statement = internal ? get_internal_ : get_;
  OUTPOST_TRY(const bool found, statement.Bind(1, shelf.value).Bind(2, key.id.value).Step());
  if (!found) return std::optional<DocumentRow>();
  DocumentRow document;
  document.version = Version(statement.Integer(0));
  document.deleted = statement.Integer(internal ? 1 : 2) != 0;
  document.body = statement.Text(internal ? 2 : 4);
  const ScopeRow scope(internal ? 0 : statement.Integer(3));
  if (!internal) document.seq = SequenceOfPosition(statement.Integer(1));
  statement.Reset();
  OUTPOST_TRY(document.scope, names_.NameOf(scope));
  return std::optional<DocumentRow>(std::move(document));
}

Result<DocumentList> Reader::List(const WorkspaceId& workspace, const CollectionName& collection,
                                  std::string_view field, std::string_view value, std::string_view after, int limit) {
  DocumentList list;
  OUTPOST_TRY(const WorkspaceRow row, Find(workspace));
  if (row.value == 0) return list;
  OUTPOST_TRY(const ShelfRow shelf, names_.Find(row, collection));
  if (shelf.value == 0) return list;
  // Above every valid id, which is ASCII.
  const std::string_view below = after.empty() ? std::string_view("\x7f") : after;
  const std::string path = "$.\"" + std::string(field) + "\"";
  sqlite::Statement& statement = field.empty() ? list_ : list_by_field_;
  statement.Bind(1, shelf.value).Bind(2, below).Bind(3, std::int64_t{limit} + 1);
  if (!field.empty()) statement.Bind(4, path).Bind(5, value);
  std::string last;
  for (;;) {
    OUTPOST_TRY(const bool more, statement.Step());
    if (!more) break;
    if (list.rows.size() == static_cast<std::size_t>(limit)) {
      statement.Reset();
      list.next = last;
      break;
    }
    last = statement.Text(0);
    DocumentRow document;
    document.version = Version(statement.Integer(1));
    document.seq = SequenceOfPosition(statement.Integer(2));
    document.body = statement.Text(4);
    OUTPOST_TRY(document.scope, names_.NameOf(ScopeRow(statement.Integer(3))));
    list.rows.push_back(std::move(document));
  }
  return list;
}

Result<std::vector<DeviceStatus>> Reader::Devices(const WorkspaceId& workspace) {
  std::vector<DeviceStatus> devices;
  OUTPOST_TRY(const WorkspaceRow row, Find(workspace));
  if (row.value == 0) return devices;
  devices_.Bind(1, row.value);
  for (;;) {
    OUTPOST_TRY(const bool more, devices_.Step());
    if (!more) return devices;
    DeviceStatus status;
    status.device = DeviceId(std::string(devices_.Text(0)));
    status.incarnation = Incarnation(std::string(devices_.Text(1)));
    if (!devices_.IsNull(2)) status.last_command = CommandId(std::string(devices_.Text(2)));
    status.highest_n = CommandNumber(devices_.Integer(3));
    status.acknowledged = devices_.Integer(4);
    status.refused = devices_.Integer(5);
    status.last_seen = Timestamp{devices_.Integer(6)};
    status.report = ReportFromText(devices_.Text(7));
    devices.push_back(std::move(status));
  }
}

}  // namespace outpost::server
