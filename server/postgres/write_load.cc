// PostgresWrite: what a group looks up, each key by its index. A plan made while a table is small and without
// statistics estimates one row whichever index is taken, and by equality alone may take one that shares only the first
// columns: then every look-up reads the workspace. So the last column is asked for as a range in order, which its own
// index has and the others would have to sort; LATERAL keeps it one look-up a key.
#include <algorithm>
#include <set>
#include <unordered_map>

#include "server/core/stored_text.h"
#include "server/postgres/write_transaction.h"

namespace outpost::server {
namespace {

using postgres::Integers;
using postgres::Parameters;
using postgres::Rows;
using postgres::Statement;
using postgres::Texts;

#define OUTPOST_COMMAND_COLUMNS                                                                             \
  "c.place, c.claims, c.id, c.key, c.author, c.family, c.incarnation, c.state, c.revision, c.http_status, " \
  "c.alias_of, c.resource_collection, c.resource_id, c.resource_version, c.ids, c.fingerprint, o.body "

enum CommandColumn {
  kPlace,
  kClaims,
  kId,
  kKey,
  kAuthor,
  kFamily,
  kIncarnation,
  kState,
  kRevision,
  kHttpStatus,
  kAliasOf,
  kResourceCollection,
  kResourceId,
  kResourceVersion,
  kIds,
  kFingerprint,
  kBody,
};

constexpr Statement kCommandsById{
    "commands_by_id", "SELECT " OUTPOST_COMMAND_COLUMNS
                      "FROM unnest($2::text[]) u(id) CROSS JOIN LATERAL "
                      "(SELECT * FROM command WHERE workspace = $1::bigint AND id >= u.id AND id <= u.id ORDER BY id) "
                      "c LEFT JOIN LATERAL "
                      "(SELECT body FROM outcome WHERE workspace = $1::bigint AND place = c.place OFFSET 0) o ON true"};
constexpr Statement kCommandsByKey{
    "commands_by_key",
    "SELECT " OUTPOST_COMMAND_COLUMNS
    "FROM unnest($2::text[], $3::text[], $4::text[]) u(key, author, family) CROSS JOIN LATERAL "
    "(SELECT * FROM command WHERE workspace = $1::bigint AND key = u.key AND author = u.author AND family >= u.family "
    "AND family <= u.family AND claims AND key IS NOT NULL ORDER BY family) c LEFT JOIN LATERAL "
    "(SELECT body FROM outcome WHERE workspace = $1::bigint AND place = c.place OFFSET 0) o ON true"};
constexpr Statement kDocuments{
    "documents",
    "SELECT d.collection, d.id, d.version, d.seq, d.deleted, d.scope, d.body "
    "FROM unnest($2::text[], $3::text[]) u(collection, id) CROSS JOIN LATERAL "
    "(SELECT * FROM document WHERE workspace = $1::bigint AND collection = u.collection AND id >= u.id AND id <= u.id "
    "ORDER BY id) d"};
constexpr Statement kInternal{
    "internal_documents",
    "SELECT d.collection, d.id, d.version, d.deleted, d.body "
    "FROM unnest($2::text[], $3::text[]) u(collection, id) CROSS JOIN LATERAL "
    "(SELECT * FROM internal WHERE workspace = $1::bigint AND collection = u.collection AND id = u.id OFFSET 0) d"};
constexpr Statement kDevices{
    "devices_by_name",
    "SELECT u.at, i.highest_n, i.keys_purged_below "
    "FROM unnest($2::text[], $3::text[]) WITH ORDINALITY u(device, name, at) CROSS JOIN LATERAL "
    "(SELECT * FROM incarnation WHERE workspace = $1::bigint AND device = u.device AND name >= u.name "
    "AND name <= u.name ORDER BY name) i"};
constexpr Statement kSignIns{
    "sign_ins",
    "SELECT u.at, s.roles FROM unnest($2::text[], $3::text[]) WITH ORDINALITY u(device, author, at) CROSS JOIN LATERAL "
    "(SELECT roles FROM sign_in WHERE workspace = $1::bigint AND device = u.device AND author = u.author OFFSET 0) s"};
constexpr Statement kNumbers{
    "numbers",
    "SELECT u.at, c.id FROM incarnation i CROSS JOIN unnest($4::bigint[]) WITH ORDINALITY u(n, at) CROSS JOIN LATERAL "
    "(SELECT id FROM command WHERE workspace = $1::bigint AND incarnation = i.incarnation AND n = u.n "
    "ORDER BY (place < 0), abs(place) LIMIT 1) c "
    "WHERE i.workspace = $1::bigint AND i.device = $2::text AND i.name = $3::text"};
constexpr Statement kLocalIds{
    "local_ids",
    "SELECT u.at, l.id FROM unnest($3::text[]) WITH ORDINALITY u(local, at) CROSS JOIN LATERAL "
    "(SELECT id FROM local_id WHERE workspace = $1::bigint AND device = $2::text AND local = u.local OFFSET 0) l"};

std::optional<DocumentKey> ResourceOf(const Rows& rows, int row) {
  if (rows.IsNull(row, kResourceCollection)) return std::nullopt;
  const int id = rows.IsNull(row, kResourceId) ? kId : kResourceId;
  return DocumentKey{CollectionName(rows.String(row, kResourceCollection)), DocumentId(rows.String(row, id))};
}

Result<KeyRecord> KeyRecordOf(const Rows& rows, int row) {
  KeyRecord record;
  record.state = static_cast<KeyState>(rows.Integer(row, kState));
  const std::string_view fingerprint = rows.Text(row, kFingerprint);
  if (fingerprint.size() != record.fingerprint.size())
    return Error{ErrorCode::kCorrupt, "a fingerprint has a wrong length"};
  std::copy(fingerprint.begin(), fingerprint.end(), reinterpret_cast<char*>(record.fingerprint.data()));
  record.revision = Revision(rows.Integer(row, kRevision));
  record.command = CommandId(rows.String(row, kId));
  record.seq = Sequence(std::max<std::int64_t>(rows.Integer(row, kPlace), 0));
  record.http_status = static_cast<int>(rows.Integer(row, kHttpStatus));
  record.resource = ResourceOf(rows, row);
  record.resource_version = Version(rows.Integer(row, kResourceVersion));
  record.ids = PairsFromText(rows.Text(row, kIds));
  record.device_known = !rows.IsNull(row, kIncarnation);
  record.outcome_purged = rows.IsNull(row, kBody);
  record.body = rows.String(row, kBody);
  return record;
}

CommandRecord CommandRecordOf(const Rows& rows, int row) {
  CommandRecord record;
  record.state = static_cast<KeyState>(rows.Integer(row, kState));
  record.author = UserId(rows.String(row, kAuthor));
  record.family = rows.String(row, kFamily);
  record.key = IdempotencyKey(rows.String(row, rows.IsNull(row, kKey) ? kId : kKey));
  const bool alias = !rows.IsNull(row, kAliasOf);
  record.seq = Sequence(std::max<std::int64_t>(rows.Integer(row, alias ? kAliasOf : kPlace), 0));
  record.resource = ResourceOf(rows, row);
  record.resource_version = Version(rows.Integer(row, kResourceVersion));
  return record;
}

// What the rows of both look-ups say of keys and of commands.
class FoundCommands {
 public:
  explicit FoundCommands(const Rows& by_id, const Rows& by_key) : by_id_(by_id), by_key_(by_key) {
    for (int row = 0; row < by_id.size(); ++row) ids_[by_id.Text(row, kId)].push_back(row);
    for (int row = 0; row < by_key.size(); ++row) keys_[by_key.Text(row, kKey)].push_back(row);
  }

  Result<std::optional<KeyRecord>> Find(const KeyRef& key) const {
    for (const auto* rows : {&by_id_, &by_key_}) {
      const auto& index = rows == &by_id_ ? ids_ : keys_;
      const auto found = index.find(key.key.value);
      if (found == index.end()) continue;
      for (const int row : found->second) {
        const bool by_id = rows == &by_id_;
        if (by_id && (!rows->Flag(row, kClaims) || !rows->IsNull(row, kKey))) continue;
        if (rows->Text(row, kAuthor) != key.author.value || rows->Text(row, kFamily) != key.family) continue;
        OUTPOST_TRY(KeyRecord record, KeyRecordOf(*rows, row));
        return std::optional<KeyRecord>(std::move(record));
      }
    }
    return std::optional<KeyRecord>();
  }

  // Succeeded before refused before burnt, should several authors have used the id.
  std::optional<CommandRecord> Find(const CommandId& id) const {
    const auto found = ids_.find(id.value);
    if (found == ids_.end()) return std::nullopt;
    const int best = *std::min_element(found->second.begin(), found->second.end(),
                                       [this](int a, int b) { return Rank(a) < Rank(b); });
    return CommandRecordOf(by_id_, best);
  }

 private:
  std::tuple<std::int64_t, bool, std::int64_t> Rank(int row) const {
    const std::int64_t place = by_id_.Integer(row, kPlace);
    return {by_id_.Integer(row, kState), place < 0, std::abs(place)};
  }

  const Rows& by_id_;
  const Rows& by_key_;
  std::unordered_map<std::string_view, std::vector<int>> ids_, keys_;
};

void AskForCommands(postgres::Connection& connection, std::int64_t workspace, const LoadSet& wanted) {
  std::set<std::string_view> distinct;
  Texts ids, keys, authors, families;
  for (const CommandId& id : wanted.commands) {
    if (distinct.insert(id.value).second) ids.Add(id.value);
  }
  for (const KeyRef& key : wanted.keys) {
    if (distinct.insert(key.key.value).second) ids.Add(key.key.value);
    keys.Add(key.key.value);
    authors.Add(key.author.value);
    families.Add(key.family);
  }
  connection.Queue(kCommandsById, Parameters().Integer(workspace).Add(ids));
  connection.Queue(kCommandsByKey, Parameters().Integer(workspace).Add(keys).Add(authors).Add(families));
}

bool IsInternal(const DocumentKey& key) { return key.collection.value.starts_with('_'); }

// Purged tombstones are kept for their version where the internal documents are.
void AskForDocuments(postgres::Connection& connection, const PostgresWorkspace& workspace, const LoadSet& wanted) {
  Texts collections, ids, internal_collections, internal_ids;
  for (const DocumentKey& key : wanted.documents) {
    if (!IsInternal(key)) {
      collections.Add(key.collection.value);
      ids.Add(key.id.value);
    }
    if (IsInternal(key) || workspace.head.purged_below.value > 0) {
      internal_collections.Add(key.collection.value);
      internal_ids.Add(key.id.value);
    }
  }
  connection.Queue(kDocuments, Parameters().Integer(workspace.row).Add(collections).Add(ids));
  connection.Queue(kInternal, Parameters().Integer(workspace.row).Add(internal_collections).Add(internal_ids));
}

void ReadDocuments(const Rows& fed, const Rows& internal, const LoadSet& wanted, LoadedSet& loaded) {
  std::unordered_map<DocumentKey, DocumentRow> found;
  for (int row = 0; row < internal.size(); ++row) {
    DocumentRow& document = found[{CollectionName(internal.String(row, 0)), DocumentId(internal.String(row, 1))}];
    document.version = Version(internal.Integer(row, 2));
    document.deleted = internal.Flag(row, 3);
    document.body = internal.String(row, 4);
  }
  for (int row = 0; row < fed.size(); ++row) {
    found[{CollectionName(fed.String(row, 0)), DocumentId(fed.String(row, 1))}] = {
        Version(fed.Integer(row, 2)), Sequence(fed.Integer(row, 3)), fed.Flag(row, 4), fed.String(row, 6),
        fed.String(row, 5)};
  }
  for (const DocumentKey& key : wanted.documents) {
    const auto document = found.find(key);
    loaded.documents.push_back(document == found.end() ? std::nullopt : std::optional(document->second));
  }
}

void AskForDevices(postgres::Connection& connection, std::int64_t workspace, const LoadSet& wanted) {
  Texts devices, names, terminals, authors;
  for (const DeviceRef& device : wanted.devices) {
    devices.Add(device.device.value);
    names.Add(device.incarnation.value);
  }
  for (const SignInRef& who : wanted.sign_ins) {
    terminals.Add(who.device.value);
    authors.Add(who.user.value);
  }
  connection.Queue(kDevices, Parameters().Integer(workspace).Add(devices).Add(names));
  connection.Queue(kSignIns, Parameters().Integer(workspace).Add(terminals).Add(authors));
}

void ReadDevices(const Rows& devices, const Rows& sign_ins, const LoadSet& wanted, LoadedSet& loaded) {
  loaded.devices.resize(wanted.devices.size());
  for (int row = 0; row < devices.size(); ++row) {
    loaded.devices[static_cast<std::size_t>(devices.Integer(row, 0) - 1)] = {CommandNumber(devices.Integer(row, 1)),
                                                                             CommandNumber(devices.Integer(row, 2))};
  }
  loaded.sign_ins.resize(wanted.sign_ins.size());
  for (int row = 0; row < sign_ins.size(); ++row)
    loaded.sign_ins[static_cast<std::size_t>(sign_ins.Integer(row, 0) - 1)] = RolesFromText(sign_ins.Text(row, 1));
}

}  // namespace

Result<LoadedSet> PostgresWrite::Load(const PostgresWorkspace& workspace, const LoadSet& wanted) {
  const std::size_t first = connection_.queued();
  const bool commands = !wanted.keys.empty() || !wanted.commands.empty();
  const bool devices = !wanted.devices.empty() || !wanted.sign_ins.empty();
  if (commands) AskForCommands(connection_, workspace.row, wanted);
  if (!wanted.documents.empty()) AskForDocuments(connection_, workspace, wanted);
  if (devices) AskForDevices(connection_, workspace.row, wanted);
  LoadedSet loaded;
  if (connection_.queued() == first) return loaded;
  OUTPOST_TRY(const std::vector<Rows> rows, connection_.Run());
  std::size_t at = first;
  if (commands) {
    const FoundCommands found(rows[at], rows[at + 1]);
    at += 2;
    for (const KeyRef& key : wanted.keys) {
      OUTPOST_TRY(loaded.keys.emplace_back(), found.Find(key));
    }
    for (const CommandId& id : wanted.commands) loaded.commands.push_back(found.Find(id));
  }
  if (!wanted.documents.empty()) {
    ReadDocuments(rows[at], rows[at + 1], wanted, loaded);
    at += 2;
  }
  if (devices) ReadDevices(rows[at], rows[at + 1], wanted, loaded);
  return loaded;
}

Result<std::vector<std::optional<CommandId>>> PostgresWrite::LoadNumbers(const PostgresWorkspace& workspace,
                                                                         const DeviceRef& device,
                                                                         std::span<const CommandNumber> numbers) {
  Integers wanted;
  for (const CommandNumber n : numbers) wanted.AddInteger(n.value);
  OUTPOST_TRY(
      const Rows rows,
      connection_.Query(
          kNumbers,
          Parameters().Integer(workspace.row).Text(device.device.value).Text(device.incarnation.value).Add(wanted)));
  std::vector<std::optional<CommandId>> found(numbers.size());
  for (int row = 0; row < rows.size(); ++row)
    found[static_cast<std::size_t>(rows.Integer(row, 0) - 1)] = CommandId(rows.String(row, 1));
  return found;
}

Result<std::vector<std::optional<DocumentId>>> PostgresWrite::LoadLocalIds(const PostgresWorkspace& workspace,
                                                                           const DeviceId& device,
                                                                           std::span<const std::string> locals) {
  Texts wanted;
  for (const std::string& local : locals) wanted.Add(local);
  OUTPOST_TRY(const Rows rows,
              connection_.Query(kLocalIds, Parameters().Integer(workspace.row).Text(device.value).Add(wanted)));
  std::vector<std::optional<DocumentId>> found(locals.size());
  for (int row = 0; row < rows.size(); ++row)
    found[static_cast<std::size_t>(rows.Integer(row, 0) - 1)] = DocumentId(rows.String(row, 1));
  return found;
}

}  // namespace outpost::server
