#include "engine/store/outbox.h"

#include <algorithm>

namespace outpost::engine {
namespace {

// Column order of every reading statement; payload last, so that the others can leave it out.
#define OUTPOST_COMMAND_COLUMNS                                                                                      \
  "position,id,incarnation,n,author,type,key,fingerprint,revision,expected_version,expected_after,depends_on,"       \
  "created_at,traceparent,touched,resource_collection,resource_id,status,covered,doubtful,attempts,next_attempt_at," \
  "updated_at,seq,result_version,problem,sent,replaces"
constexpr int kPayloadColumn = 28;

ExpectedVersion ReadExpectedVersion(const sqlite::Statement& row) {
  if (!row.IsNull(9)) return Version(row.Integer(9));
  if (!row.IsNull(10)) return AfterCommand{CommandId(std::string(row.Text(10)))};
  return std::monostate{};
}

Result<CommandRecord> ReadCommand(const sqlite::Statement& row, bool with_payload) {
  CommandRecord command;
  command.position = Position(row.Integer(0));
  command.id = CommandId(std::string(row.Text(1)));
  command.incarnation = Incarnation(std::string(row.Text(2)));
  command.n = CommandNumber(row.Integer(3));
  command.author = UserId(std::string(row.Text(4)));
  command.type = row.Text(5);
  command.key = IdempotencyKey(std::string(row.Text(6)));
  const std::string_view fingerprint = row.Blob(7);
  if (fingerprint.size() != command.fingerprint.size()) {
    return Error{ErrorCode::kCorrupt, "command " + command.id.value + " has a damaged fingerprint"};
  }
  std::copy(fingerprint.begin(), fingerprint.end(), command.fingerprint.begin());
  command.revision = Revision(row.Integer(8));
  command.expected_version = ReadExpectedVersion(row);
  command.depends_on = DecodeIds(row.Text(11));
  command.created_at = Timestamp{row.Integer(12)};
  command.traceparent = row.Text(13);
  if (!row.IsNull(15)) {
    command.resource = DocumentKey{CollectionName(std::string(row.Text(15))), DocumentId(std::string(row.Text(16)))};
  }
  command.status = static_cast<CommandStatus>(row.Integer(17));
  command.covered = row.Integer(18) != 0;
  command.doubtful = row.Integer(19) != 0;
  command.attempts = row.Integer(20);
  command.next_attempt_at = Timestamp{row.Integer(21)};
  command.updated_at = Timestamp{row.Integer(22)};
  if (!row.IsNull(23)) command.seq = Sequence(row.Integer(23));
  command.result_version = Version(row.Integer(24));
  command.problem = row.Text(25);
  command.sent = row.Integer(26) != 0;
  if (!row.IsNull(27)) command.replaces = CommandId(std::string(row.Text(27)));
  if (with_payload) command.payload = row.Text(kPayloadColumn);
  return command;
}

Result<OutboxEntry> ReadEntry(const sqlite::Statement& row, bool with_payload) {
  OutboxEntry entry;
  OUTPOST_TRY(entry.command, ReadCommand(row, with_payload));
  OUTPOST_TRY(entry.touches, DecodeTouches(row.Text(14)));
  return entry;
}

Result<std::optional<CommandRecord>> ReadOne(sqlite::Statement& statement) {
  OUTPOST_TRY(const bool row, statement.Step());
  if (!row) return std::optional<CommandRecord>();
  auto command = ReadCommand(statement, true);
  statement.Reset();
  if (!command.ok()) return command.error();
  return std::optional<CommandRecord>(std::move(command).value());
}

Status Visit(sqlite::Statement& statement, const std::function<Status(const OutboxEntry&)>& visit) {
  statement.Reset();
  for (;;) {
    OUTPOST_TRY(const bool row, statement.Step());
    if (!row) return {};
    auto entry = ReadEntry(statement, false);
    auto visited = entry.ok() ? visit(entry.value()) : Status(entry.error());
    if (!visited.ok()) {
      statement.Reset();
      return visited;
    }
  }
}

}  // namespace

Status Outbox::Prepare(sqlite::Connection& db) {
  connection_ = &db;
  OUTPOST_TRY(insert_,
              db.Prepare("INSERT INTO command(position,id,incarnation,n,author,type,payload,key,fingerprint,revision,"
                         "expected_version,expected_after,depends_on,created_at,traceparent,touched,"
                         "resource_collection,resource_id,status,doubtful,updated_at,problem,replaces) "
                         "VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20,?14,?21,?22)"));
  OUTPOST_TRY(load_, db.Prepare("SELECT " OUTPOST_COMMAND_COLUMNS ",payload FROM command WHERE position=?1"));
  OUTPOST_TRY(find_, db.Prepare("SELECT " OUTPOST_COMMAND_COLUMNS ",payload FROM command WHERE id=?1"));
  OUTPOST_TRY(
      find_key_,
      db.Prepare("SELECT " OUTPOST_COMMAND_COLUMNS
                 ",payload FROM command WHERE key=?1 AND author=?2 AND key<>id AND substr(type,1,length(?3))=?3 "
                 "UNION ALL SELECT " OUTPOST_COMMAND_COLUMNS
                 ",payload FROM command WHERE id=?1 AND key=?1 AND author=?2 AND substr(type,1,length(?3))=?3"));
  OUTPOST_TRY(open_, db.Prepare("SELECT " OUTPOST_COMMAND_COLUMNS
                                " FROM command WHERE status=0 OR (status=1 AND covered=0) ORDER BY position"));
  OUTPOST_TRY(after_,
              db.Prepare("SELECT " OUTPOST_COMMAND_COLUMNS " FROM command WHERE position > ?1 ORDER BY position"));
  OUTPOST_TRY(offered_, db.Prepare("SELECT " OUTPOST_COMMAND_COLUMNS
                                   " FROM command WHERE offered=1 AND status=1 ORDER BY position"));
  OUTPOST_TRY(count_open_, db.Prepare("SELECT count(*) FROM command WHERE status = 0 OR (status = 1 AND covered = 0)"));
  OUTPOST_TRY(aside_, db.Prepare("SELECT " OUTPOST_COMMAND_COLUMNS
                                 " FROM command WHERE status > 1 AND status < 6 ORDER BY position"));
  OUTPOST_TRY(list_, db.Prepare("SELECT " OUTPOST_COMMAND_COLUMNS ",payload FROM command ORDER BY position LIMIT ?1"));
  OUTPOST_TRY(list_status_, db.Prepare("SELECT " OUTPOST_COMMAND_COLUMNS
                                       ",payload FROM command WHERE status=?2 ORDER BY position LIMIT ?1"));
  OUTPOST_TRY(last_position_, db.Prepare("SELECT ifnull(max(position),0) FROM command"));
  OUTPOST_TRY(last_number_, db.Prepare("SELECT ifnull(max(n),0) FROM command WHERE incarnation=?1"));
  OUTPOST_TRY(count_, db.Prepare("SELECT count(*) FROM command WHERE status > 1 AND status=?1"));
  return PrepareChanges(db);
}

Status Outbox::Insert(const CommandRecord& command, const std::vector<Touch>& touches) {
  const std::string touched = EncodeTouches(touches);
  const std::string depends_on = EncodeIds(command.depends_on);
  insert_.Bind(1, command.position.value)
      .Bind(2, command.id.value)
      .Bind(3, command.incarnation.value)
      .Bind(4, command.n.value);
  insert_.Bind(5, command.author.value).Bind(6, command.type).Bind(7, command.payload).Bind(8, command.key.value);
  insert_.BindBlob(9, {reinterpret_cast<const char*>(command.fingerprint.data()), command.fingerprint.size()});
  insert_.Bind(10, command.revision.value).BindNull(11).BindNull(12).Bind(13, depends_on);
  if (const auto* version = std::get_if<Version>(&command.expected_version)) insert_.Bind(11, version->value);
  if (const auto* after = std::get_if<AfterCommand>(&command.expected_version)) insert_.Bind(12, after->id.value);
  insert_.Bind(14, command.created_at.ms).Bind(15, command.traceparent).Bind(16, touched).BindNull(17).BindNull(18);
  if (command.resource) insert_.Bind(17, command.resource->collection.value).Bind(18, command.resource->id.value);
  insert_.Bind(19, static_cast<std::int64_t>(command.status))
      .Bind(20, std::int64_t{command.doubtful})
      .Bind(21, command.problem)
      .BindNull(22);
  if (command.replaces) insert_.Bind(22, command.replaces->value);
  return insert_.Run();
}

Result<std::optional<OutboxEntry>> Outbox::Load(Position position) {
  OUTPOST_TRY(const bool row, load_.Bind(1, position.value).Step());
  if (!row) return std::optional<OutboxEntry>();
  auto entry = ReadEntry(load_, true);
  load_.Reset();
  if (!entry.ok()) return entry.error();
  return std::optional<OutboxEntry>(std::move(entry).value());
}

Result<std::optional<CommandRecord>> Outbox::Find(const CommandId& id) { return ReadOne(find_.Bind(1, id.value)); }

Result<std::optional<CommandRecord>> Outbox::FindKey(const UserId& author, std::string_view family,
                                                     const IdempotencyKey& key) {
  const std::string prefix = std::string(family) + "_V";
  return ReadOne(find_key_.Bind(1, key.value).Bind(2, author.value).Bind(3, prefix));
}

Status Outbox::ForEachOpen(const std::function<Status(const OutboxEntry&)>& visit) { return Visit(open_, visit); }

Status Outbox::ForEachAfter(Position position, const std::function<Status(const OutboxEntry&)>& visit) {
  after_.Reset();
  return Visit(after_.Bind(1, position.value), visit);
}

Status Outbox::ForEachOffered(const std::function<Status(const OutboxEntry&)>& visit) { return Visit(offered_, visit); }

Status Outbox::ForEachSetAside(const std::function<Status(const OutboxEntry&)>& visit) { return Visit(aside_, visit); }

Result<std::vector<CommandRecord>> Outbox::List(std::optional<CommandStatus> status, std::size_t limit) {
  sqlite::Statement& statement = status ? list_status_ : list_;
  statement.Bind(1, limit == 0 ? std::int64_t{-1} : static_cast<std::int64_t>(limit));
  if (status) statement.Bind(2, static_cast<std::int64_t>(*status));
  std::vector<CommandRecord> commands;
  for (;;) {
    OUTPOST_TRY(const bool row, statement.Step());
    if (!row) return commands;
    auto command = ReadCommand(statement, true);
    if (!command.ok()) {
      statement.Reset();
      return command.error();
    }
    commands.push_back(std::move(command).value());
  }
}

Result<Position> Outbox::LastPosition() {
  OUTPOST_TRY(const bool row, last_position_.Step());
  OUTPOST_ASSERT(row);
  const Position position(last_position_.Integer(0));
  last_position_.Reset();
  return position;
}

Result<CommandNumber> Outbox::LastNumber(const Incarnation& incarnation) {
  OUTPOST_TRY(const bool row, last_number_.Bind(1, incarnation.value).Step());
  OUTPOST_ASSERT(row);
  const CommandNumber number(last_number_.Integer(0));
  last_number_.Reset();
  return number;
}

Result<std::int64_t> Outbox::CountOpen() {
  OUTPOST_TRY(const bool row, count_open_.Step());
  OUTPOST_ASSERT(row);
  const std::int64_t count = count_open_.Integer(0);
  count_open_.Reset();
  return count;
}

Result<std::int64_t> Outbox::Count(CommandStatus status) {
  OUTPOST_TRY(const bool row, count_.Bind(1, static_cast<std::int64_t>(status)).Step());
  OUTPOST_ASSERT(row);
  const std::int64_t count = count_.Integer(0);
  count_.Reset();
  return count;
}

}  // namespace outpost::engine
