// A group's transaction on PostgreSQL: a handful of round trips whatever its size. BEGIN travels with the lock of the
// workspaces, what Load asks for is one set of statements, what Apply writes travels with COMMIT.
//
// READ COMMITTED is enough: the first statement locks the workspaces' rows in the order of their names, every later one
// sees what was committed until then, and nothing of a workspace is written without its lock. So a workspace's groups
// are serial, on however many servers.
#pragma once

#include <map>

#include "server/core/store.h"
#include "server/postgres/connection.h"

namespace outpost::server {

// A workspace as a write transaction holds it.
struct PostgresWorkspace {
  std::int64_t row = 0;
  WorkspaceHead head;
  std::int64_t outside = 0;
  std::string head_command;
};

// What the database says of itself with every lock.
struct DatabaseState {
  Epoch epoch;
  bool replicates = false;  // its commits wait for a standby
};

class PostgresWrite {
 public:
  explicit PostgresWrite(postgres::Connection& connection) : connection_(connection) {}

  // Creates those that are new.
  Result<DatabaseState> Lock(std::span<const WorkspaceId> workspaces);
  const std::map<WorkspaceId, PostgresWorkspace>& locked() const { return locked_; }
  bool Holds(const WorkspaceId& workspace) const { return locked_.count(workspace) > 0; }
  PostgresWorkspace& Locked(const WorkspaceId& workspace);

  Result<LoadedSet> Load(const PostgresWorkspace& workspace, const LoadSet& wanted);
  Result<std::vector<std::optional<CommandId>>> LoadNumbers(const PostgresWorkspace& workspace, const DeviceRef& device,
                                                            std::span<const CommandNumber> numbers);
  Result<std::vector<std::optional<DocumentId>>> LoadLocalIds(const PostgresWorkspace& workspace,
                                                              const DeviceId& device,
                                                              std::span<const std::string> locals);

  // Queues the rows of a WriteSet; they are sent with the next question or the commit.
  Status Apply(PostgresWorkspace& workspace, const WriteSet& writes, Timestamp now);
  // Sends them at once.
  Status ApplyMeanwhile(PostgresWorkspace& workspace, const WriteSet& writes, Timestamp now);
  // kUnavailable also when it is only locally durable, or nobody knows.
  Status Commit();
  void Rollback();

 private:
  Result<DatabaseState> ReadLocked(const std::vector<postgres::Rows>& rows);
  void QueueDevices(const PostgresWorkspace& workspace, const WriteSet& writes, Timestamp now);
  void QueueDocuments(const PostgresWorkspace& workspace, const WriteSet& writes);
  void QueueDepartures(const PostgresWorkspace& workspace, const WriteSet& writes);
  void QueueRemovals(const PostgresWorkspace& workspace, const WriteSet& writes);
  void QueueOutcomes(PostgresWorkspace& workspace, const WriteSet& writes, Timestamp now);
  void QueueCommandOnly(PostgresWorkspace& workspace, const OutcomeWrite& write, Timestamp now);
  void QueueSmall(const PostgresWorkspace& workspace, const WriteSet& writes);

  postgres::Connection& connection_;
  std::map<WorkspaceId, PostgresWorkspace> locked_;
  bool begun_ = false;
};

}  // namespace outpost::server
