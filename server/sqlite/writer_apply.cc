// Writer::Apply: the rows of one WriteSet.
#include "server/core/stored_text.h"
#include "server/sqlite/writer.h"

namespace outpost::server {
namespace {

void BindOptional(sqlite::Statement& statement, int index, const std::optional<std::int64_t>& value) {
  if (value) {
    statement.Bind(index, *value);
  } else {
    statement.BindNull(index);
  }
}

std::string_view AsBytes(const Digest& digest) { return {reinterpret_cast<const char*>(digest.data()), digest.size()}; }

}  // namespace

Status Writer::Apply(LockedWorkspace& workspace, const WriteSet& writes, Timestamp now) {
  if (writes.head.value > kSequenceMax)
    return Error{ErrorCode::kFull, "the workspace has used up its sequence numbers"};
  workspace.unused_ids.clear();
  OUTPOST_CHECK(WriteDocuments(workspace, writes));
  Tallies tallies;
  for (const OutcomeWrite& write : writes.outcomes) {
    const std::lock_guard lock(mutex_);
    OUTPOST_CHECK(write.command_only ? WriteCommandOnly(workspace, write, now, tallies)
                                     : WriteOutcome(workspace, write, now, tallies));
  }
  const std::lock_guard lock(mutex_);
  OUTPOST_CHECK(WriteTallies(tallies));
  for (const DeviceSeen& seen : writes.devices) OUTPOST_CHECK(WriteDevice(workspace.row, seen, now));
  OUTPOST_CHECK(WriteSmall(workspace.row, writes));
  if (writes.head > workspace.head.head) workspace.head.head = writes.head;
  return StoreWorkspace(workspace);
}

Status Writer::WriteDocuments(const LockedWorkspace& workspace, const WriteSet& writes) {
  // Documents of one sequence need not stand together, so ordinals are counted per sequence.
  std::map<Sequence, std::int64_t> ordinals;
  for (const DocumentWrite& write : writes.documents) {
    const std::lock_guard lock(mutex_);
    OUTPOST_TRY(const ShelfRow shelf, names_.Intern(workspace.row, write.key.collection));
    if (write.seq.value == 0) {
      OUTPOST_CHECK(internal_.Put(shelf, write));
      continue;
    }
    OUTPOST_CHECK(WriteFed(workspace, write, shelf, ordinals[write.seq]++));
    if (!write.previous_scope.empty() && write.previous_scope != write.scope)
      OUTPOST_CHECK(WriteDeparture(write, shelf));
  }
  return {};
}

Status Writer::WriteFed(const LockedWorkspace& workspace, const DocumentWrite& write, ShelfRow shelf,
                        std::int64_t ordinal) {
  if (ordinal > kOrdinalMax) return Error{ErrorCode::kFull, "a command wrote more documents than a sequence can hold"};
  ScopeRow scope;
  if (!write.scope.empty()) {
    OUTPOST_TRY(scope, names_.Intern(shelf, write.scope));
  }
  const std::int64_t position = PositionOf(workspace.row.value, write.seq.value, ordinal);
  if (write.existed) {
    OUTPOST_CHECK(RunDocument(move_document_, write, position, shelf, scope));
    if (connection_.changes() > 0) return {};
    // Known only as a purged tombstone: the row is new again.
  }
  return RunDocument(insert_document_, write, position, shelf, scope);
}

Status Writer::RunDocument(sqlite::Statement& statement, const DocumentWrite& write, std::int64_t position,
                           ShelfRow shelf, ScopeRow scope) {
  statement.Bind(1, position).Bind(2, shelf.value).Bind(3, scope.value).Bind(4, write.version.value);
  statement.Bind(5, std::int64_t{write.deleted}).Bind(6, write.key.id.value);
  if (write.deleted) {
    statement.BindNull(7);
  } else {
    statement.Bind(7, write.body);
  }
  return statement.Run();
}

Status Writer::WriteDeparture(const DocumentWrite& write, ShelfRow shelf) {
  OUTPOST_TRY(const ScopeRow scope, names_.Intern(shelf, write.previous_scope));
  insert_departed_.Bind(1, scope.value)
      .Bind(2, write.seq.value)
      .Bind(3, write.key.id.value)
      .Bind(4, write.version.value);
  return insert_departed_.Run();
}

Status Writer::WriteOutcome(LockedWorkspace& workspace, const OutcomeWrite& write, Timestamp now, Tallies& tallies) {
  if (write.existed) OUTPOST_CHECK(RemoveOutcome(workspace, write.key, tallies));
  const std::int64_t seq = write.record.seq.value;
  const std::int64_t number = seq > 0 ? seq : kOutside + ++workspace.outside;
  const std::int64_t place = PlaceOf(workspace.row.value, number);
  OUTPOST_CHECK(InsertCommand(workspace.row, place, write, now, tallies));
  if (write.record.outcome_purged) return {};
  return insert_outcome_.Bind(1, place).Bind(2, write.record.body).Run();
}

Status Writer::RemoveOutcome(LockedWorkspace& workspace, const KeyRef& key, Tallies& tallies) {
  OUTPOST_TRY(sqlite::Statement* const row, FindKeyRow(workspace, key));
  if (row == nullptr) return {};
  const std::int64_t place = row->Integer(0);
  row->Reset();
  OUTPOST_TRY(const bool removed, delete_command_.Bind(1, place).Step());
  if (removed) {
    const auto state = static_cast<KeyState>(delete_command_.Integer(0));
    if (state == KeyState::kRefused && !delete_command_.IsNull(1)) --tallies[delete_command_.Integer(1)].refused;
    delete_command_.Reset();
  }
  return delete_outcome_.Bind(1, place).Run();
}

Status Writer::InsertCommand(WorkspaceRow workspace, std::int64_t place, const OutcomeWrite& write, Timestamp now,
                             Tallies& tallies) {
  const KeyRecord& record = write.record;
  OUTPOST_TRY(const AuthorRow author, names_.Intern(workspace, write.key.author));
  OUTPOST_TRY(const FamilyRow family, names_.Intern(write.key.family));
  std::optional<std::int64_t> incarnation, shelf;
  if (write.device) {
    OUTPOST_TRY(const IncarnationRow row, names_.Intern(workspace, *write.device));
    incarnation = row.value;
    Tally& tally = tallies[row.value];
    if (record.state == KeyState::kSucceeded) ++tally.acknowledged;
    if (record.state == KeyState::kRefused) ++tally.refused;
  }
  sqlite::Statement& row = insert_command_;
  row.Bind(1, place).Bind(2, std::int64_t{write.command_only}).Bind(3, record.command.value);
  if (write.key.key.value == record.command.value || write.key.key.value.empty()) {
    row.BindNull(4);
  } else {
    row.Bind(4, write.key.key.value);
  }
  row.Bind(5, author.value).Bind(6, family.value);
  BindOptional(row, 7, incarnation);
  BindOptional(row, 8, write.device && write.n ? std::optional(write.n->value) : std::nullopt);
  row.Bind(9, static_cast<std::int64_t>(record.state)).Bind(10, record.revision.value);
  row.Bind(11, std::int64_t{record.http_status}).Bind(12, now.ms);
  BindOptional(row, 13, write.command_only && record.seq.value > 0 ? std::optional(record.seq.value) : std::nullopt);
  if (record.resource) {
    OUTPOST_TRY(const ShelfRow interned, names_.Intern(workspace, record.resource->collection));
    shelf = interned.value;
  }
  BindOptional(row, 14, shelf);
  if (record.resource && record.resource->id.value != record.command.value) {
    row.Bind(15, record.resource->id.value);
  } else {
    row.BindNull(15);
  }
  row.Bind(16, record.resource_version.value);
  const std::string ids = record.ids.empty() ? std::string() : PairsToText(record.ids);
  if (ids.empty()) {
    row.BindNull(17);
  } else {
    row.Bind(17, ids);
  }
  return row.BindBlob(18, AsBytes(record.fingerprint)).Run();
}

Status Writer::WriteCommandOnly(LockedWorkspace& workspace, const OutcomeWrite& write, Timestamp now,
                                Tallies& tallies) {
  OUTPOST_TRY(const AuthorRow author, names_.Intern(workspace.row, write.key.author));
  find_adoptable_.Bind(1, write.record.command.value).Bind(2, FirstPlace(workspace.row.value));
  find_adoptable_.Bind(3, LastPlace(workspace.row.value)).Bind(4, author.value);
  OUTPOST_TRY(const bool known, find_adoptable_.Step());
  if (!known) {
    const std::int64_t place = PlaceOf(workspace.row.value, kOutside + ++workspace.outside);
    return InsertCommand(workspace.row, place, write, now, tallies);
  }
  const std::int64_t place = find_adoptable_.Integer(0);
  const bool adopted = !find_adoptable_.IsNull(1);
  const auto state = static_cast<KeyState>(find_adoptable_.Integer(2));
  find_adoptable_.Reset();
  if (adopted || !write.device) return {};
  OUTPOST_TRY(const IncarnationRow row, names_.Intern(workspace.row, *write.device));
  if (state == KeyState::kSucceeded) ++tallies[row.value].acknowledged;
  adopt_.Bind(1, place).Bind(2, row.value);
  BindOptional(adopt_, 3, write.n ? std::optional(write.n->value) : std::nullopt);
  return adopt_.Run();
}

Status Writer::WriteTallies(const Tallies& tallies) {
  for (const auto& [incarnation, tally] : tallies) {
    if (tally.acknowledged == 0 && tally.refused == 0) continue;
    OUTPOST_CHECK(add_tally_.Bind(1, incarnation).Bind(2, tally.acknowledged).Bind(3, tally.refused).Run());
  }
  return {};
}

Status Writer::WriteDevice(WorkspaceRow workspace, const DeviceSeen& seen, Timestamp now) {
  OUTPOST_TRY(const IncarnationRow row, names_.Intern(workspace, seen.device));
  see_device_.Bind(1, row.value).Bind(2, seen.highest_n.value).Bind(3, now.ms);
  if (seen.last_command) {
    see_device_.Bind(4, seen.last_command->value);
  } else {
    see_device_.BindNull(4);
  }
  OUTPOST_CHECK(see_device_.Run());
  if (!seen.report) return {};
  const std::string report = ReportToText(*seen.report);
  return report_device_.Bind(1, row.value).Bind(2, report).Run();
}

Status Writer::WriteSmall(WorkspaceRow workspace, const WriteSet& writes) {
  for (const SignIn& write : writes.sign_ins) {
    const std::string roles = RolesToText(write.roles);
    insert_sign_in_.Bind(1, workspace.value).Bind(2, write.who.device.value).Bind(3, write.who.user.value);
    OUTPOST_CHECK(insert_sign_in_.Bind(4, roles).Run());
  }
  for (const LocalIdWrite& write : writes.local_ids) {
    insert_local_.Bind(1, workspace.value).Bind(2, write.device.value).Bind(3, write.local).Bind(4, write.id.value);
    OUTPOST_CHECK(insert_local_.Run());
  }
  return {};
}

}  // namespace outpost::server
