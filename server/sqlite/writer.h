// The one writing connection of a SQLite store with its prepared statements and interned names. Rows in and out, no
// transactions: those are SqliteWriteTransaction's. One thread at a time, but that LoadDocument may be called while
// another thread is in Apply.
#pragma once

#include <map>
#include <mutex>

#include <unordered_set>

#include "server/sqlite/internal_documents.h"
#include "server/sqlite/names.h"
#include "server/sqlite/places.h"

namespace outpost::server {

// A workspace as a write transaction holds it.
struct LockedWorkspace {
  WorkspaceRow row;
  WorkspaceHead head;
  std::int64_t outside = 0;
  // Ids no command row has, found out by looking for keys: asking for the commands then costs nothing.
  std::unordered_set<std::string> unused_ids;
};

class Writer {
 public:
  static Result<std::unique_ptr<Writer>> Prepare(sqlite::Connection& connection);

  Result<LockedWorkspace> LoadWorkspace(const WorkspaceId& workspace);  // made when absent
  Status StoreWorkspace(const LockedWorkspace& workspace);

  Result<std::optional<KeyRecord>> LoadKey(LockedWorkspace& workspace, const KeyRef& key);
  Result<std::optional<CommandRecord>> LoadCommand(const LockedWorkspace& workspace, const CommandId& id);
  Result<std::optional<DocumentRow>> LoadDocument(const LockedWorkspace& workspace, const DocumentKey& key);
  Result<IncarnationRecord> LoadIncarnation(WorkspaceRow workspace, const DeviceRef& device);
  Result<std::optional<CommandId>> LoadNumber(WorkspaceRow workspace, const DeviceRef& device, CommandNumber n);
  Result<std::optional<DocumentId>> LoadLocalId(WorkspaceRow workspace, const DeviceId& device,
                                                const std::string& local);
  Result<std::optional<Roles>> LoadSignIn(WorkspaceRow workspace, const SignInRef& who);

  Status Apply(LockedWorkspace& workspace, const WriteSet& writes, Timestamp now);

  // The end of every transaction over this connection.
  Status BeforeCommit() { return internal_.MergeWhenFull(); }
  void Committed() { internal_.Committed(); }
  void RolledBack() {
    names_.Clear();
    internal_.RolledBack();
  }

 private:
  // What the outcomes of one WriteSet change in the counters of an incarnation.
  struct Tally {
    std::int64_t acknowledged = 0;
    std::int64_t refused = 0;
  };
  // Ordered, so that rows are written in the same order each time (law 9).
  using Tallies = std::map<std::int64_t, Tally>;

  Writer(sqlite::Connection& connection, Names names, InternalDocuments internal)
      : connection_(connection), names_(std::move(names)), internal_(std::move(internal)) {}
  Status PrepareStatements();

  // Steps to the row that claims the key; null: none. The statement is to be reset.
  Result<sqlite::Statement*> FindKeyRow(LockedWorkspace& workspace, const KeyRef& key);
  Result<KeyRecord> ReadKeyRecord(sqlite::Statement& row, const std::string& id);
  Result<std::optional<DocumentKey>> ReadResource(sqlite::Statement& row, int column, const std::string& id);

  Status WriteDocuments(const LockedWorkspace& workspace, const WriteSet& writes);
  Status WriteFed(const LockedWorkspace& workspace, const DocumentWrite& write, ShelfRow shelf, std::int64_t ordinal);
  Status RunDocument(sqlite::Statement& statement, const DocumentWrite& write, std::int64_t position, ShelfRow shelf,
                     ScopeRow scope);
  Status WriteDeparture(const DocumentWrite& write, ShelfRow shelf);
  Status WriteOutcome(LockedWorkspace& workspace, const OutcomeWrite& write, Timestamp now, Tallies& tallies);
  Status WriteCommandOnly(LockedWorkspace& workspace, const OutcomeWrite& write, Timestamp now, Tallies& tallies);
  Status RemoveOutcome(LockedWorkspace& workspace, const KeyRef& key, Tallies& tallies);
  Status InsertCommand(WorkspaceRow workspace, std::int64_t place, const OutcomeWrite& write, Timestamp now,
                       Tallies& tallies);
  Status WriteTallies(const Tallies& tallies);
  Status WriteDevice(WorkspaceRow workspace, const DeviceSeen& seen, Timestamp now);
  Status WriteSmall(WorkspaceRow workspace, const WriteSet& writes);

  std::mutex mutex_;  // held for a row at a time by Apply and LoadDocument
  sqlite::Connection& connection_;
  Names names_;
  InternalDocuments internal_;
  sqlite::Statement find_workspace_, insert_workspace_, update_workspace_, command_at_;
  sqlite::Statement key_by_id_, key_by_key_, outcome_body_, command_by_id_;
  sqlite::Statement load_document_;
  sqlite::Statement load_incarnation_, load_number_, load_local_, load_sign_in_;
  sqlite::Statement insert_document_, move_document_, insert_departed_;
  sqlite::Statement insert_command_, insert_outcome_, delete_command_, delete_outcome_;
  sqlite::Statement find_adoptable_, adopt_;
  sqlite::Statement add_tally_, see_device_, report_device_, insert_sign_in_, insert_local_;
};

}  // namespace outpost::server
