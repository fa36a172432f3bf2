// PostgresWrite::Apply: the rows of one WriteSet, a statement per table whatever their number.
#include <algorithm>
#include <map>

#include "server/core/stored_text.h"
#include "server/postgres/write_transaction.h"

namespace outpost::server {
namespace {

using postgres::Bytes;
using postgres::Integers;
using postgres::Parameters;
using postgres::Statement;
using postgres::Texts;

constexpr Statement kSeeDevices{
    "see_devices",
    "INSERT INTO incarnation(workspace, device, name, highest_n, last_seen, last_command, report, acknowledged, "
    "refused) SELECT $1::bigint, u.* FROM unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::text[], "
    "$7::text[], $8::bigint[], $9::bigint[]) u ON CONFLICT (workspace, device, name) DO UPDATE SET "
    "highest_n = greatest(incarnation.highest_n, excluded.highest_n), "
    "last_seen = greatest(incarnation.last_seen, excluded.last_seen), "
    "last_command = coalesce(excluded.last_command, incarnation.last_command), "
    "report = coalesce(excluded.report, incarnation.report), "
    "acknowledged = incarnation.acknowledged + excluded.acknowledged, "
    "refused = incarnation.refused + excluded.refused"};
// New rows are inserted as such: on the conflict that cannot be, the whole group is RETRY. ON CONFLICT would look each
// of them up in the index once more.
#define OUTPOST_INSERT_DOCUMENTS                                                                                  \
  "INSERT INTO document(workspace, collection, id, version, seq, ordinal, deleted, scope, body) "                 \
  "SELECT $1::bigint, u.collection, u.id, u.version, u.seq, u.ordinal::integer, u.deleted <> 0, u.scope, u.body " \
  "FROM unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::text[], "      \
  "$9::text[]) u(collection, id, version, seq, ordinal, deleted, scope, body) "
constexpr Statement kAddDocuments{"add_documents", OUTPOST_INSERT_DOCUMENTS};
constexpr Statement kPutDocuments{
    "put_documents", OUTPOST_INSERT_DOCUMENTS
    "ON CONFLICT (workspace, collection, id) DO UPDATE SET version = excluded.version, seq = excluded.seq, "
    "ordinal = excluded.ordinal, deleted = excluded.deleted, scope = excluded.scope, body = excluded.body"};
#define OUTPOST_INSERT_INTERNAL                                                  \
  "INSERT INTO internal(workspace, collection, id, version, deleted, body) "     \
  "SELECT $1::bigint, u.collection, u.id, u.version, u.deleted <> 0, u.body "    \
  "FROM unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::text[]) " \
  "u(collection, id, version, deleted, body) "
constexpr Statement kAddInternal{"add_internal", OUTPOST_INSERT_INTERNAL};
constexpr Statement kPutInternal{
    "put_internal", OUTPOST_INSERT_INTERNAL
    "ON CONFLICT (workspace, collection, id) DO UPDATE SET version = excluded.version, deleted = excluded.deleted, "
    "body = excluded.body"};
constexpr Statement kPutDepartures{
    "put_departures",
    "INSERT INTO departed(workspace, collection, scope, seq, id, version) "
    "SELECT $1::bigint, u.* FROM unnest($2::text[], $3::text[], $4::bigint[], $5::text[], $6::bigint[]) u "
    "ON CONFLICT (workspace, collection, scope, seq, id) DO UPDATE SET version = excluded.version"};
constexpr Statement kRemoveOutcomes{
    "remove_outcomes",
    "WITH found AS (SELECT c.place FROM unnest($2::text[], $3::text[], $4::text[]) u(key, author, family) "
    "CROSS JOIN LATERAL ("
    "SELECT place FROM command WHERE workspace = $1::bigint AND id = u.key AND key IS NULL AND claims "
    "AND author = u.author AND family = u.family UNION ALL "
    "SELECT place FROM command WHERE workspace = $1::bigint AND key = u.key AND author = u.author "
    "AND family = u.family AND claims AND key IS NOT NULL OFFSET 0) c), "
    "gone AS (DELETE FROM command c USING found WHERE c.workspace = $1::bigint AND c.place = found.place "
    "RETURNING c.place, c.state, c.incarnation), "
    "bodies AS (DELETE FROM outcome o USING found WHERE o.workspace = $1::bigint AND o.place = found.place) "
    "UPDATE incarnation i SET refused = i.refused - g.count FROM "
    "(SELECT incarnation, count(*) AS count FROM gone WHERE state = 2 AND incarnation IS NOT NULL GROUP BY 1) g "
    "WHERE i.workspace = $1::bigint AND i.incarnation = g.incarnation"};
constexpr Statement kPutCommands{
    "put_commands",
    "INSERT INTO command(workspace, place, claims, id, key, author, family, incarnation, n, state, revision, "
    "http_status, at, resource_collection, resource_id, resource_version, ids, fingerprint) "
    "SELECT $1::bigint, u.place, true, u.id, u.key, u.author, u.family, i.incarnation, u.n, u.state::smallint, "
    "u.revision, u.http_status::smallint, $2::bigint, u.resource_collection, u.resource_id, u.resource_version, "
    "u.ids, u.fingerprint FROM unnest($3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], "
    "$9::text[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::text[], $15::text[], "
    "$16::bigint[], $17::text[], $18::bytea[]) u(place, id, key, author, family, device, name, n, state, revision, "
    "http_status, resource_collection, resource_id, resource_version, ids, fingerprint) LEFT JOIN LATERAL "
    "(SELECT incarnation FROM incarnation WHERE workspace = $1::bigint AND device = u.device AND name >= u.name "
    "AND name <= u.name ORDER BY name) i ON true"};
constexpr Statement kPutOutcomes{"put_outcomes",
                                 "INSERT INTO outcome(workspace, place, body) "
                                 "SELECT $1::bigint, u.* FROM unnest($2::bigint[], $3::text[]) u"};
// An applied command is adopted by the device that sends it again; one nobody has heard of is noted.
constexpr Statement kPutCommandOnly{
    "put_command_only",
    "WITH known AS (SELECT place, incarnation FROM command WHERE workspace = $1::bigint AND id = $4::text "
    "AND author = $6::text ORDER BY state, place < 0, abs(place) LIMIT 1), "
    "device AS (SELECT incarnation FROM incarnation WHERE workspace = $1::bigint AND device = $8::text "
    "AND name = $9::text), "
    "adopted AS (UPDATE command c SET incarnation = device.incarnation, n = $10::bigint FROM known, device "
    "WHERE c.workspace = $1::bigint AND c.place = known.place AND known.incarnation IS NULL RETURNING c.state), "
    "made AS (INSERT INTO command(workspace, place, claims, id, key, author, family, incarnation, n, state, revision, "
    "http_status, at, alias_of, resource_collection, resource_id, resource_version, ids, fingerprint) "
    "SELECT $1::bigint, $3::bigint, false, $4::text, $5::text, $6::text, $7::text, (SELECT incarnation FROM device), "
    "$10::bigint, $11::bigint, $12::bigint, $13::bigint, $2::bigint, $14::bigint, $15::text, $16::text, $17::bigint, "
    "$18::text, $19::bytea WHERE NOT EXISTS (SELECT FROM known) RETURNING state) "
    "UPDATE incarnation i SET acknowledged = i.acknowledged + t.acknowledged, refused = i.refused + t.refused FROM "
    "(SELECT (SELECT count(*) FROM adopted WHERE state = 1) + (SELECT count(*) FROM made WHERE state = 1) "
    "AS acknowledged, (SELECT count(*) FROM made WHERE state = 2) AS refused) t "
    "WHERE i.workspace = $1::bigint AND i.device = $8::text AND i.name = $9::text"};
constexpr Statement kPutSignIns{"put_sign_ins",
                                "INSERT INTO sign_in(workspace, device, author, roles) "
                                "SELECT $1::bigint, u.* FROM unnest($2::text[], $3::text[], $4::text[]) u "
                                "ON CONFLICT (workspace, device, author) DO UPDATE SET roles = excluded.roles"};
constexpr Statement kPutLocalIds{
    "put_local_ids",
    "INSERT INTO local_id(workspace, device, local, id) "
    "SELECT $1::bigint, u.* FROM unnest($2::text[], $3::text[], $4::text[]) u ON CONFLICT DO NOTHING"};
constexpr Statement kPutWorkspace{
    "put_workspace",
    "UPDATE workspace SET head = $2::bigint, head_command = $3::text, outside = $4::bigint "
    "WHERE workspace = $1::bigint"};

std::string_view AsBytes(const Digest& digest) { return {reinterpret_cast<const char*>(digest.data()), digest.size()}; }

bool KeyIsId(const OutcomeWrite& write) {
  return write.key.key.value.empty() || write.key.key.value == write.record.command.value;
}
bool ResourceIsNamed(const KeyRecord& record) {
  return record.resource && record.resource->id.value != record.command.value;
}

// What a WriteSet says of one incarnation.
struct DeviceChange {
  CommandNumber highest_n;
  std::int64_t last_seen = 0;
  std::optional<CommandId> last_command;
  std::optional<DeviceReport> report;
  std::int64_t acknowledged = 0;
  std::int64_t refused = 0;
};

std::map<std::pair<DeviceId, Incarnation>, DeviceChange> ChangesOfDevices(const WriteSet& writes, Timestamp now) {
  std::map<std::pair<DeviceId, Incarnation>, DeviceChange> changes;
  for (const OutcomeWrite& write : writes.outcomes) {
    if (!write.device) continue;
    DeviceChange& change = changes[{write.device->device, write.device->incarnation}];
    if (write.command_only) continue;
    if (write.record.state == KeyState::kSucceeded) ++change.acknowledged;
    if (write.record.state == KeyState::kRefused) ++change.refused;
  }
  for (const DeviceSeen& seen : writes.devices) {
    DeviceChange& change = changes[{seen.device.device, seen.device.incarnation}];
    change.highest_n = std::max(change.highest_n, seen.highest_n);
    change.last_seen = now.ms;
    if (seen.last_command) change.last_command = seen.last_command;
    if (seen.report) change.report = seen.report;
  }
  return changes;
}

// Documents of the feed, a column each.
class DocumentRows {
 public:
  void Add(const DocumentWrite& write, std::int64_t ordinal) {
    collections_.Add(write.key.collection.value);
    ids_.Add(write.key.id.value);
    versions_.AddInteger(write.version.value);
    seqs_.AddInteger(write.seq.value);
    ordinals_.AddInteger(ordinal);
    deleted_.AddInteger(write.deleted ? 1 : 0);
    scopes_.Add(write.scope);
    bodies_.Add(write.deleted ? std::string_view() : std::string_view(write.body));
  }
  void Queue(postgres::Connection& connection, const Statement& statement, std::int64_t workspace) {
    if (ids_.size() == 0) return;
    Parameters row;
    row.Integer(workspace).Add(collections_).Add(ids_).Add(versions_).Add(seqs_).Add(ordinals_);
    row.Add(deleted_).Add(scopes_).Add(bodies_);
    connection.Queue(statement, std::move(row));
  }

 private:
  Texts collections_, ids_, scopes_, bodies_;
  Integers versions_, seqs_, ordinals_, deleted_;
};

// Documents no feed shows.
class InternalRows {
 public:
  void Add(const DocumentWrite& write) {
    collections_.Add(write.key.collection.value);
    ids_.Add(write.key.id.value);
    versions_.AddInteger(write.version.value);
    deleted_.AddInteger(write.deleted ? 1 : 0);
    bodies_.Add(write.body);
  }
  void Queue(postgres::Connection& connection, const Statement& statement, std::int64_t workspace) {
    if (ids_.size() == 0) return;
    Parameters row;
    row.Integer(workspace).Add(collections_).Add(ids_).Add(versions_).Add(deleted_).Add(bodies_);
    connection.Queue(statement, std::move(row));
  }

 private:
  Texts collections_, ids_, bodies_;
  Integers versions_, deleted_;
};

// The command that took the head sequence; empty: not among these.
std::string CommandAt(Sequence head, const WriteSet& writes) {
  const auto at = std::find_if(writes.outcomes.begin(), writes.outcomes.end(), [&](const OutcomeWrite& write) {
    return !write.command_only && write.record.seq == head;
  });
  return at == writes.outcomes.end() ? std::string() : at->record.command.value;
}

}  // namespace

Status PostgresWrite::Apply(PostgresWorkspace& workspace, const WriteSet& writes, Timestamp now) {
  QueueDocuments(workspace, writes);
  QueueDepartures(workspace, writes);
  QueueDevices(workspace, writes, now);
  QueueRemovals(workspace, writes);
  QueueOutcomes(workspace, writes, now);
  for (const OutcomeWrite& write : writes.outcomes) {
    if (write.command_only) QueueCommandOnly(workspace, write, now);
  }
  QueueSmall(workspace, writes);
  if (writes.head > workspace.head.head) {
    workspace.head.head = writes.head;
    workspace.head_command = CommandAt(writes.head, writes);
    workspace.head.tag =
        workspace.head_command.empty() ? 0 : TagOf(CommandId(workspace.head_command), workspace.head.head);
  }
  connection_.Queue(kPutWorkspace, Parameters()
                                       .Integer(workspace.row)
                                       .Integer(workspace.head.head.value)
                                       .Text(workspace.head_command)
                                       .Integer(workspace.outside));
  return {};
}

void PostgresWrite::QueueDevices(const PostgresWorkspace& workspace, const WriteSet& writes, Timestamp now) {
  const auto changes = ChangesOfDevices(writes, now);
  if (changes.empty()) return;
  Texts devices, names, last_commands, reports;
  Integers highest, seen, acknowledged, refused;
  for (const auto& [name, change] : changes) {
    devices.Add(name.first.value);
    names.Add(name.second.value);
    highest.AddInteger(change.highest_n.value);
    seen.AddInteger(change.last_seen);
    last_commands.AddIf(change.last_command.has_value(), change.last_command.value_or(CommandId()).value);
    reports.AddIf(change.report.has_value(), change.report ? ReportToText(*change.report) : std::string());
    acknowledged.AddInteger(change.acknowledged);
    refused.AddInteger(change.refused);
  }
  connection_.Queue(kSeeDevices, Parameters()
                                     .Integer(workspace.row)
                                     .Add(devices)
                                     .Add(names)
                                     .Add(highest)
                                     .Add(seen)
                                     .Add(last_commands)
                                     .Add(reports)
                                     .Add(acknowledged)
                                     .Add(refused));
}

void PostgresWrite::QueueDocuments(const PostgresWorkspace& workspace, const WriteSet& writes) {
  DocumentRows added, put;
  InternalRows added_internal, put_internal;
  std::map<Sequence, std::int64_t> next_ordinal;  // documents of one sequence need not stand together
  for (const DocumentWrite& write : writes.documents) {
    if (write.seq.value == 0) {
      (write.existed ? put_internal : added_internal).Add(write);
    } else {
      (write.existed ? put : added).Add(write, next_ordinal[write.seq]++);
    }
  }
  added.Queue(connection_, kAddDocuments, workspace.row);
  put.Queue(connection_, kPutDocuments, workspace.row);
  added_internal.Queue(connection_, kAddInternal, workspace.row);
  put_internal.Queue(connection_, kPutInternal, workspace.row);
}

void PostgresWrite::QueueDepartures(const PostgresWorkspace& workspace, const WriteSet& writes) {
  Texts collections, scopes, ids;
  Integers seqs, versions;
  for (const DocumentWrite& write : writes.documents) {
    if (write.seq.value == 0 || write.previous_scope.empty() || write.previous_scope == write.scope) continue;
    collections.Add(write.key.collection.value);
    scopes.Add(write.previous_scope);
    seqs.AddInteger(write.seq.value);
    ids.Add(write.key.id.value);
    versions.AddInteger(write.version.value);
  }
  if (ids.size() == 0) return;
  connection_.Queue(kPutDepartures,
                    Parameters().Integer(workspace.row).Add(collections).Add(scopes).Add(seqs).Add(ids).Add(versions));
}

void PostgresWrite::QueueRemovals(const PostgresWorkspace& workspace, const WriteSet& writes) {
  Texts keys, authors, families;
  for (const OutcomeWrite& write : writes.outcomes) {
    if (write.command_only || !write.existed) continue;
    keys.Add(write.key.key.value);
    authors.Add(write.key.author.value);
    families.Add(write.key.family);
  }
  if (keys.size() == 0) return;
  connection_.Queue(kRemoveOutcomes, Parameters().Integer(workspace.row).Add(keys).Add(authors).Add(families));
}

void PostgresWrite::QueueOutcomes(PostgresWorkspace& workspace, const WriteSet& writes, Timestamp now) {
  Texts ids, keys, authors, families, devices, names, collections, resources, pairs, bodies;
  Integers places, ns, states, revisions, statuses, versions, body_places;
  Bytes fingerprints;
  for (const OutcomeWrite& write : writes.outcomes) {
    if (write.command_only) continue;
    const KeyRecord& record = write.record;
    const std::int64_t place = record.seq.value > 0 ? record.seq.value : -++workspace.outside;
    places.AddInteger(place);
    ids.Add(record.command.value);
    keys.AddIf(!KeyIsId(write), write.key.key.value);
    authors.Add(write.key.author.value);
    families.Add(write.key.family);
    devices.AddIf(write.device.has_value(), write.device ? write.device->device.value : std::string());
    names.AddIf(write.device.has_value(), write.device ? write.device->incarnation.value : std::string());
    ns.AddIf(write.device && write.n ? std::optional(write.n->value) : std::nullopt);
    states.AddInteger(static_cast<std::int64_t>(record.state));
    revisions.AddInteger(record.revision.value);
    statuses.AddInteger(record.http_status);
    collections.AddIf(record.resource.has_value(), record.resource ? record.resource->collection.value : std::string());
    resources.AddIf(ResourceIsNamed(record), record.resource ? record.resource->id.value : std::string());
    versions.AddInteger(record.resource_version.value);
    pairs.AddIf(!record.ids.empty(), PairsToText(record.ids));
    fingerprints.Add(AsBytes(record.fingerprint));
    if (record.outcome_purged) continue;
    body_places.AddInteger(place);
    bodies.Add(record.body);
  }
  if (ids.size() == 0) return;
  Parameters row;
  row.Integer(workspace.row).Integer(now.ms).Add(places).Add(ids).Add(keys).Add(authors).Add(families);
  row.Add(devices).Add(names).Add(ns).Add(states).Add(revisions).Add(statuses);
  row.Add(collections).Add(resources).Add(versions).Add(pairs).Add(fingerprints);
  connection_.Queue(kPutCommands, std::move(row));
  connection_.Queue(kPutOutcomes, Parameters().Integer(workspace.row).Add(body_places).Add(bodies));
}

void PostgresWrite::QueueCommandOnly(PostgresWorkspace& workspace, const OutcomeWrite& write, Timestamp now) {
  const KeyRecord& record = write.record;
  Parameters row;
  row.Integer(workspace.row).Integer(now.ms).Integer(-++workspace.outside).Text(record.command.value);
  row.TextIf(!KeyIsId(write), write.key.key.value).Text(write.key.author.value).Text(write.key.family);
  row.TextIf(write.device.has_value(), write.device ? write.device->device.value : std::string());
  row.TextIf(write.device.has_value(), write.device ? write.device->incarnation.value : std::string());
  row.IntegerIf(write.device && write.n ? std::optional(write.n->value) : std::nullopt);
  row.Integer(static_cast<std::int64_t>(record.state)).Integer(record.revision.value).Integer(record.http_status);
  row.IntegerIf(record.seq.value > 0 ? std::optional(record.seq.value) : std::nullopt);
  row.TextIf(record.resource.has_value(), record.resource ? record.resource->collection.value : std::string());
  row.TextIf(ResourceIsNamed(record), record.resource ? record.resource->id.value : std::string());
  row.Integer(record.resource_version.value).TextIf(!record.ids.empty(), PairsToText(record.ids));
  row.Text(AsBytes(record.fingerprint));
  connection_.Queue(kPutCommandOnly, std::move(row));
}

void PostgresWrite::QueueSmall(const PostgresWorkspace& workspace, const WriteSet& writes) {
  if (!writes.sign_ins.empty()) {
    Texts devices, authors, roles;
    for (const SignIn& sign_in : writes.sign_ins) {
      devices.Add(sign_in.who.device.value);
      authors.Add(sign_in.who.user.value);
      roles.Add(RolesToText(sign_in.roles));
    }
    connection_.Queue(kPutSignIns, Parameters().Integer(workspace.row).Add(devices).Add(authors).Add(roles));
  }
  if (!writes.local_ids.empty()) {
    Texts devices, locals, ids;
    for (const LocalIdWrite& write : writes.local_ids) {
      devices.Add(write.device.value);
      locals.Add(write.local);
      ids.Add(write.id.value);
    }
    connection_.Queue(kPutLocalIds, Parameters().Integer(workspace.row).Add(devices).Add(locals).Add(ids));
  }
}

}  // namespace outpost::server
