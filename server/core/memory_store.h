// The Store over plain maps: the second implementation of the port, for tests. It passes the same contract suite
// (store_contract.h) as the databases. A write transaction works on a copy that Commit puts in the place of the whole.
#pragma once

#include <map>

#include "server/core/store.h"

namespace outpost::server {

struct MemoryWorkspace {
  struct StoredDocument {
    DocumentRow row;
    int ordinal = 0;  // place within its sequence
  };
  struct StoredCommand {
    CommandRecord record;
    std::string fingerprint;
    std::optional<DeviceRef> device;
    std::optional<CommandNumber> n;
  };
  struct StoredKey {
    KeyRecord record;
    std::optional<DeviceRef> device;
    std::optional<CommandNumber> n;
    Timestamp at;
  };
  struct Departure {
    Sequence seq;
    std::string scope;
    DocumentKey key;
    Version version;
  };
  struct StoredDevice {
    IncarnationRecord record;
    std::optional<CommandId> last_command;
    Timestamp last_seen;
    DeviceReport report;
  };
  using KeyTuple = std::tuple<UserId, std::string, IdempotencyKey>;
  using DevicePair = std::pair<DeviceId, Incarnation>;

  WorkspaceHead head;
  std::map<DocumentKey, StoredDocument> documents;
  std::vector<Departure> departures;
  std::map<KeyTuple, StoredKey> keys;
  std::map<CommandId, StoredCommand> commands;
  std::map<Sequence, std::pair<CommandId, Timestamp>> log;
  std::map<DevicePair, StoredDevice> devices;
  std::map<std::pair<DeviceId, std::string>, DocumentId> local_ids;
  std::map<std::pair<DeviceId, UserId>, Roles> sign_ins;
};

class MemoryStore : public Store {
 public:
  explicit MemoryStore(Epoch epoch) : epoch_(std::move(epoch)) {}

  Epoch epoch() const override { return epoch_; }
  Result<std::unique_ptr<WriteTransaction>> BeginWrite() override;
  Result<std::unique_ptr<ReadTransaction>> BeginRead() override;
  Result<bool> Purge(const PurgeBounds& bounds) override;

 private:
  using Workspaces = std::map<WorkspaceId, MemoryWorkspace>;
  class Write;
  class Read;

  Epoch epoch_;
  std::shared_ptr<const Workspaces> state_ = std::make_shared<Workspaces>();
  bool writing_ = false;
};

}  // namespace outpost::server
