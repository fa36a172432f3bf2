#include "server/postgres/read_transaction.h"

#include <algorithm>

#include "server/core/stored_text.h"

namespace outpost::server {
namespace {

using postgres::Parameters;
using postgres::Rows;
using postgres::Statement;

constexpr Statement kBegin{"begin_read", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"};
constexpr Statement kEnd{"end_read", "COMMIT"};
constexpr Statement kEpoch{"epoch_of_snapshot",
                           "SELECT value, pg_backend_pid()::bigint FROM meta WHERE name = 'epoch'"};
constexpr Statement kWorkspace{
    "workspace_by_name", "SELECT workspace, head, head_command, purged_below FROM workspace WHERE name = $1::text"};
constexpr Statement kCommandAt{"command_at",
                               "SELECT id FROM command WHERE workspace = $1::bigint AND place >= $2::bigint "
                               "AND place <= $2::bigint ORDER BY place"};
constexpr Statement kOwn{
    "own_commands",
    "SELECT c.id, c.seq, c.fingerprint FROM incarnation i CROSS JOIN LATERAL ("
    "SELECT id, place AS seq, fingerprint FROM command WHERE workspace = $1::bigint AND incarnation = i.incarnation "
    "AND place > $3::bigint AND place <= $4::bigint AND state = 1 UNION ALL "
    "SELECT id, alias_of, fingerprint FROM command WHERE workspace = $1::bigint AND incarnation = i.incarnation "
    "AND alias_of > $3::bigint AND alias_of <= $4::bigint AND state = 1 OFFSET 0) c "
    "WHERE i.workspace = $1::bigint AND i.device = $2::text ORDER BY c.seq"};
constexpr Statement kGet{
    "get_document",
    "SELECT * FROM (SELECT version, seq, deleted, scope, body FROM document "
    "WHERE workspace = $1::bigint AND collection = $2::text AND id >= $3::text AND id <= $3::text ORDER BY id) d "
    "UNION ALL "
    "SELECT version, 0, deleted, '', body FROM internal "
    "WHERE workspace = $1::bigint AND collection = $2::text AND id = $3::text AND starts_with(collection, '_')"};
constexpr Statement kList{
    "list_documents",
    "SELECT id, version, seq, scope, body FROM document WHERE workspace = $1::bigint AND collection = $2::text "
    "AND id < $3::text AND NOT deleted ORDER BY id DESC LIMIT $4::bigint"};
constexpr Statement kListByField{
    "list_documents_by_field",
    "SELECT id, version, seq, scope, body FROM document WHERE workspace = $1::bigint AND collection = $2::text "
    "AND id < $3::text AND NOT deleted AND body::jsonb ->> $5::text = $6::text ORDER BY id DESC LIMIT $4::bigint"};
constexpr Statement kDevices{
    "devices_of_workspace",
    "SELECT device, name, last_command, highest_n, acknowledged, refused, last_seen, report FROM incarnation "
    "WHERE workspace = $1::bigint ORDER BY device, name"};

}  // namespace

Result<std::unique_ptr<PostgresRead>> PostgresRead::Begin(std::unique_ptr<postgres::Connection> connection,
                                                          Return give_back, Epoch& epoch) {
  connection->QueueReplanning();
  connection->Queue(kBegin);
  connection->Queue(kEpoch);
  OUTPOST_TRY(const std::vector<Rows> rows, connection->Run());
  if (rows.back().size() == 0) return Error{ErrorCode::kCorrupt, "the store has no epoch"};
  OUTPOST_CHECK(connection->CheckBackend(rows.back().Integer(0, 1)));
  epoch = Epoch(rows.back().String(0, 0));
  return std::unique_ptr<PostgresRead>(new PostgresRead(std::move(connection), std::move(give_back)));
}

PostgresRead::~PostgresRead() {
  connection_->DropQueued();
  if (connection_->alive() && connection_->Query(kEnd).ok()) give_back_(std::move(connection_));
}

Result<const PostgresRead::Workspace*> PostgresRead::Find(const WorkspaceId& workspace) {
  if (found_ && found_name_ == workspace) return &*found_;
  OUTPOST_TRY(const Rows rows, connection_->Query(kWorkspace, Parameters().Text(workspace.value)));
  Workspace found;
  if (rows.size() > 0) {
    found.row = rows.Integer(0, 0);
    found.head.head = Sequence(rows.Integer(0, 1));
    if (!rows.Text(0, 2).empty()) found.head.tag = TagOf(CommandId(rows.String(0, 2)), found.head.head);
    found.head.purged_below = Sequence(rows.Integer(0, 3));
  }
  found_name_ = workspace;
  found_ = found;
  return &*found_;
}

Result<WorkspaceHead> PostgresRead::Head(const WorkspaceId& workspace) {
  OUTPOST_TRY(const Workspace* const found, Find(workspace));
  return found->head;
}

Result<std::optional<std::uint64_t>> PostgresRead::TagAt(const WorkspaceId& workspace, Sequence seq) {
  OUTPOST_TRY(const Workspace* const found, Find(workspace));
  if (found->row == 0 || seq.value <= 0 || seq > found->head.head) return std::optional<std::uint64_t>();
  if (seq == found->head.head && found->head.tag != 0) return std::optional(found->head.tag);
  OUTPOST_TRY(const Rows rows, connection_->Query(kCommandAt, Parameters().Integer(found->row).Integer(seq.value)));
  if (rows.size() == 0) return std::optional<std::uint64_t>();
  return std::optional(TagOf(CommandId(rows.String(0, 0)), seq));
}

Result<std::vector<OwnCommand>> PostgresRead::OwnCommands(const WorkspaceId& workspace, const DeviceId& device,
                                                          Sequence after, Sequence up_to) {
  std::vector<OwnCommand> own;
  OUTPOST_TRY(const Workspace* const found, Find(workspace));
  if (found->row == 0) return own;
  // Below 0 stand commands that took no sequence.
  const std::int64_t above = std::max<std::int64_t>(after.value, 0);
  OUTPOST_TRY(const Rows rows,
              connection_->Query(
                  kOwn, Parameters().Integer(found->row).Text(device.value).Integer(above).Integer(up_to.value)));
  for (int row = 0; row < rows.size(); ++row)
    own.push_back({CommandId(rows.String(row, 0)), Sequence(rows.Integer(row, 1)), ToHex(rows.Text(row, 2))});
  return own;
}

Result<std::optional<DocumentRow>> PostgresRead::Get(const WorkspaceId& workspace, const DocumentKey& key) {
  OUTPOST_TRY(const Workspace* const found, Find(workspace));
  if (found->row == 0) return std::optional<DocumentRow>();
  OUTPOST_TRY(const Rows rows,
              connection_->Query(kGet, Parameters().Integer(found->row).Text(key.collection.value).Text(key.id.value)));
  if (rows.size() == 0) return std::optional<DocumentRow>();
  return std::optional<DocumentRow>(DocumentRow{Version(rows.Integer(0, 0)), Sequence(rows.Integer(0, 1)),
                                                rows.Flag(0, 2), rows.String(0, 4), rows.String(0, 3)});
}

Result<DocumentList> PostgresRead::List(const WorkspaceId& workspace, const CollectionName& collection,
                                        std::string_view field, std::string_view value, std::string_view after,
                                        int limit) {
  DocumentList list;
  OUTPOST_TRY(const Workspace* const found, Find(workspace));
  if (found->row == 0) return list;
  Parameters asked;
  // Above every valid id, which is ASCII.
  asked.Integer(found->row).Text(collection.value).Text(after.empty() ? std::string_view("\x7f") : after);
  asked.Integer(std::int64_t{limit} + 1);
  if (!field.empty()) asked.Text(field).Text(value);
  OUTPOST_TRY(const Rows rows, connection_->Query(field.empty() ? kList : kListByField, std::move(asked)));
  const int shown = std::min(rows.size(), limit);
  for (int row = 0; row < shown; ++row) {
    list.rows.push_back({Version(rows.Integer(row, 1)), Sequence(rows.Integer(row, 2)), false, rows.String(row, 4),
                         rows.String(row, 3)});
  }
  if (rows.size() > limit) list.next = rows.String(shown - 1, 0);
  return list;
}

Result<std::vector<DeviceStatus>> PostgresRead::Devices(const WorkspaceId& workspace) {
  std::vector<DeviceStatus> devices;
  OUTPOST_TRY(const Workspace* const found, Find(workspace));
  if (found->row == 0) return devices;
  OUTPOST_TRY(const Rows rows, connection_->Query(kDevices, Parameters().Integer(found->row)));
  for (int row = 0; row < rows.size(); ++row) {
    DeviceStatus status;
    status.device = DeviceId(rows.String(row, 0));
    status.incarnation = Incarnation(rows.String(row, 1));
    if (!rows.IsNull(row, 2)) status.last_command = CommandId(rows.String(row, 2));
    status.highest_n = CommandNumber(rows.Integer(row, 3));
    status.acknowledged = rows.Integer(row, 4);
    status.refused = rows.Integer(row, 5);
    status.last_seen = Timestamp{rows.Integer(row, 6)};
    status.report = ReportFromText(rows.Text(row, 7));
    devices.push_back(std::move(status));
  }
  return devices;
}

}  // namespace outpost::server
