#include "server/core/memory_store.h"

#include <algorithm>

namespace outpost::server {
namespace {

template <class Map, class Key>
auto Lookup(const Map& map, const Key& key) -> std::optional<typename Map::mapped_type> {
  const auto found = map.find(key);
  if (found == map.end()) return std::nullopt;
  return found->second;
}

bool Contains(const std::vector<CollectionName>& names, const CollectionName& name) {
  return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
}

std::string TextField(const std::string& body, std::string_view field) {
  const auto value = ParseJson(body);
  if (!value.ok() || !value.value().is_object()) return {};
  return std::string(StringOr(value.value().get_object(), field));
}

}  // namespace

class MemoryStore::Write : public WriteTransaction {
 public:
  explicit Write(MemoryStore& store) : store_(store), state_(*store.state_) {}
  ~Write() override { store_.writing_ = false; }

  Result<WorkspaceHead> Lock(const WorkspaceId& id) override { return state_[id].head; }

  Result<std::vector<std::optional<KeyRecord>>> LoadKeys(const WorkspaceId& id, std::span<const KeyRef> keys) override {
    std::vector<std::optional<KeyRecord>> found;
    for (const KeyRef& key : keys) {
      auto stored = Lookup(state_[id].keys, std::tuple(key.author, key.family, key.key));
      found.push_back(stored ? std::optional(std::move(stored->record)) : std::nullopt);
    }
    return found;
  }
  Result<std::vector<std::optional<DocumentRow>>> LoadDocuments(const WorkspaceId& id,
                                                                std::span<const DocumentKey> keys) override {
    std::vector<std::optional<DocumentRow>> found;
    for (const DocumentKey& key : keys) {
      auto stored = Lookup(state_[id].documents, key);
      found.push_back(stored ? std::optional(std::move(stored->row)) : std::nullopt);
    }
    return found;
  }
  Result<std::vector<std::optional<CommandRecord>>> LoadCommands(const WorkspaceId& id,
                                                                 std::span<const CommandId> ids) override {
    std::vector<std::optional<CommandRecord>> found;
    for (const CommandId& command : ids) {
      auto stored = Lookup(state_[id].commands, command);
      found.push_back(stored ? std::optional(std::move(stored->record)) : std::nullopt);
    }
    return found;
  }
  Result<IncarnationRecord> LoadIncarnation(const WorkspaceId& id, const DeviceRef& device) override {
    const auto stored = Lookup(state_[id].devices, std::pair(device.device, device.incarnation));
    return stored ? stored->record : IncarnationRecord{};
  }
  Result<std::vector<std::optional<CommandId>>> LoadNumbers(const WorkspaceId& id, const DeviceRef& device,
                                                            std::span<const CommandNumber> numbers) override {
    std::vector<std::optional<CommandId>> found(numbers.size());
    for (const auto& [command, stored] : state_[id].commands) {
      if (!stored.device || stored.device->device != device.device || stored.device->incarnation != device.incarnation)
        continue;
      for (std::size_t i = 0; i < numbers.size(); ++i) {
        if (stored.n == numbers[i]) found[i] = command;
      }
    }
    return found;
  }
  Result<std::vector<std::optional<DocumentId>>> LoadLocalIds(const WorkspaceId& id, const DeviceId& device,
                                                              std::span<const std::string> locals) override {
    std::vector<std::optional<DocumentId>> found;
    for (const std::string& local : locals) found.push_back(Lookup(state_[id].local_ids, std::pair(device, local)));
    return found;
  }
  Result<std::optional<Roles>> LoadSignIn(const WorkspaceId& id, const SignInRef& who) override {
    return Lookup(state_[id].sign_ins, std::pair(who.device, who.user));
  }

  Status Apply(const WorkspaceId& id, const WriteSet& writes, Timestamp now) override {
    MemoryWorkspace& workspace = state_[id];
    if (writes.head > workspace.head.head) workspace.head.head = writes.head;
    int ordinal = 0;
    for (const DocumentWrite& write : writes.documents) {
      workspace.documents[write.key] = {
          {write.version, write.seq, write.deleted, write.deleted ? "" : write.body, write.scope}, ordinal++};
      if (!write.previous_scope.empty() && write.previous_scope != write.scope) {
        workspace.departures.push_back({write.seq, write.previous_scope, write.key, write.version});
      }
    }
    for (const OutcomeWrite& write : writes.outcomes) ApplyOutcome(workspace, write, now);
    for (const LocalIdWrite& write : writes.local_ids)
      workspace.local_ids.try_emplace({write.device, write.local}, write.id);
    for (const SignIn& write : writes.sign_ins) workspace.sign_ins[{write.who.device, write.who.user}] = write.roles;
    for (const DeviceSeen& seen : writes.devices) {
      MemoryWorkspace::StoredDevice& device = workspace.devices[{seen.device.device, seen.device.incarnation}];
      device.record.highest_n = std::max(device.record.highest_n, seen.highest_n);
      if (seen.last_command) device.last_command = seen.last_command;
      if (seen.report) device.report = *seen.report;
      device.last_seen = now;
    }
    const auto last = workspace.log.find(workspace.head.head);
    if (last != workspace.log.end()) workspace.head.tag = TagOf(last->second.first, last->first);
    return {};
  }

  Status Commit() override {
    store_.state_ = std::make_shared<Workspaces>(std::move(state_));
    return {};
  }

 private:
  static void ApplyOutcome(MemoryWorkspace& workspace, const OutcomeWrite& write, Timestamp now) {
    const KeyRecord& record = write.record;
    if (write.device) workspace.devices.try_emplace({write.device->device, write.device->incarnation});
    if (write.command_only) {
      const auto known = workspace.commands.find(record.command);
      if (known != workspace.commands.end()) {
        if (!known->second.device) known->second.device = write.device, known->second.n = write.n;
        const auto key = workspace.keys.find({write.key.author, write.key.family, write.key.key});
        if (key != workspace.keys.end() && key->second.record.command == record.command && write.device) {
          key->second.record.device_known = true;
          key->second.device = write.device;
        }
        return;
      }
    } else {
      MemoryWorkspace::StoredKey& key = workspace.keys[{write.key.author, write.key.family, write.key.key}];
      if (key.record.command != record.command) workspace.commands.erase(key.record.command);
      key = {record, write.device, write.n, now};
      key.record.device_known = write.device.has_value();
      if (record.seq.value > 0) workspace.log[record.seq] = {record.command, now};
    }
    CommandRecord command{record.state, write.key.author, write.key.family,       write.key.key,
                          record.seq,   record.resource,  record.resource_version};
    if (command.key.value.empty()) command.key = IdempotencyKey(record.command.value);
    const auto known = workspace.commands.find(record.command);
    const bool another = known != workspace.commands.end() && known->second.record.author != command.author;
    if (another && known->second.record.state <= command.state) return;  // the one that succeeded is told
    workspace.commands[record.command] = {std::move(command), ToHex(record.fingerprint), write.device, write.n};
  }

  MemoryStore& store_;
  Workspaces state_;
};

class MemoryStore::Read : public ReadTransaction {
 public:
  explicit Read(std::shared_ptr<const Workspaces> state) : state_(std::move(state)) {}

  Result<WorkspaceHead> Head(const WorkspaceId& id) override { return Of(id).head; }
  Result<std::optional<std::uint64_t>> TagAt(const WorkspaceId& id, Sequence seq) override {
    const auto command = Lookup(Of(id).log, seq);
    if (!command) return std::optional<std::uint64_t>();
    return std::optional<std::uint64_t>(TagOf(command->first, seq));
  }

  Result<FeedPage> ReadFeed(const WorkspaceId& id, const FeedQuery& query) override {
    const MemoryWorkspace& workspace = Of(id);
    FeedPage page;
    page.last = query.up_to ? std::min(*query.up_to, workspace.head.head) : workspace.head.head;
    page.last = std::max(page.last, query.after);
    const std::vector<Change> all = Matching(workspace, query, page.last);
    for (std::size_t i = 0; i < all.size(); ++i) {
      const bool starts = i == 0 || all[i].seq != all[i - 1].seq;
      if (starts && i > 0) {
        std::size_t end = i;
        while (end < all.size() && all[end].seq == all[i].seq) ++end;
        if (end > static_cast<std::size_t>(query.limit)) {
          page.last = all[i - 1].seq;
          page.more = true;
          return page;
        }
      }
      page.changes.push_back(all[i]);
    }
    return page;
  }

  Result<std::vector<OwnCommand>> OwnCommands(const WorkspaceId& id, const DeviceId& device, Sequence after,
                                              Sequence up_to) override {
    std::vector<OwnCommand> own;
    for (const auto& [command, stored] : Of(id).commands) {
      const bool ours = stored.device && stored.device->device == device;
      const Sequence seq = stored.record.seq;
      if (ours && seq > after && seq <= up_to && seq.value > 0) own.push_back({command, seq, stored.fingerprint});
    }
    std::sort(own.begin(), own.end(), [](const OwnCommand& a, const OwnCommand& b) { return a.seq < b.seq; });
    return own;
  }

  Result<std::optional<DocumentRow>> Get(const WorkspaceId& id, const DocumentKey& key) override {
    const auto stored = Lookup(Of(id).documents, key);
    return stored ? std::optional(stored->row) : std::nullopt;
  }

  Result<DocumentList> List(const WorkspaceId& id, const CollectionName& collection, std::string_view field,
                            std::string_view value, std::string_view after, int limit) override {
    DocumentList list;
    std::string last;
    const auto& documents = Of(id).documents;
    for (auto at = documents.rbegin(); at != documents.rend(); ++at) {
      const auto& [key, stored] = *at;
      if (key.collection != collection || stored.row.deleted) continue;
      if (!after.empty() && key.id.value >= after) continue;
      if (!field.empty() && TextField(stored.row.body, field) != value) continue;
      if (list.rows.size() == static_cast<std::size_t>(limit)) {
        list.next = last;
        break;
      }
      list.rows.push_back(stored.row);
      last = key.id.value;
    }
    return list;
  }

  Result<std::vector<DeviceStatus>> Devices(const WorkspaceId& id) override {
    std::vector<DeviceStatus> devices;
    for (const auto& [name, stored] : Of(id).devices) {
      DeviceStatus status{name.first, name.second, stored.last_command, stored.record.highest_n,
                          0,          0,           stored.last_seen,    stored.report};
      for (const auto& [command, known] : Of(id).commands) {
        if (!known.device || known.device->device != name.first || known.device->incarnation != name.second) continue;
        if (known.record.state == KeyState::kSucceeded) ++status.acknowledged;
        if (known.record.state == KeyState::kRefused) ++status.refused;
      }
      devices.push_back(std::move(status));
    }
    return devices;
  }

 private:
  const MemoryWorkspace& Of(const WorkspaceId& id) const {
    static const MemoryWorkspace kEmpty;
    const auto found = state_->find(id);
    return found == state_->end() ? kEmpty : found->second;
  }

  static std::vector<Change> Matching(const MemoryWorkspace& workspace, const FeedQuery& query, Sequence up_to) {
    struct Placed {
      int ordinal;
      Change change;
    };
    std::vector<Placed> placed;
    const auto wanted = [&](const DocumentKey& key, const std::string& scope, Sequence seq) {
      if (seq <= query.after || seq > up_to || !Contains(query.collections, key.collection)) return false;
      return !IsScoped(query, key.collection) || scope == query.scope;
    };
    for (const auto& [key, stored] : workspace.documents) {
      const DocumentRow& row = stored.row;
      if (row.seq.value == 0 || !wanted(key, row.scope, row.seq) || (row.deleted && query.from_start)) continue;
      if (query.only_created_by && TextField(row.body, "createdBy") != query.only_created_by->value) continue;
      placed.push_back({stored.ordinal, {row.seq, key, row.version, row.body, row.deleted ? "deleted" : ""}});
    }
    for (const auto& departure : workspace.departures) {
      const bool asked = !query.from_start && !query.scope.empty() && departure.scope == query.scope;
      if (!asked || !IsScoped(query, departure.key.collection) || query.only_created_by) continue;
      if (wanted(departure.key, departure.scope, departure.seq)) {
        placed.push_back({1 << 20, {departure.seq, departure.key, departure.version, "", "left"}});
      }
    }
    std::stable_sort(placed.begin(), placed.end(), [](const Placed& a, const Placed& b) {
      return std::pair(a.change.seq, a.ordinal) < std::pair(b.change.seq, b.ordinal);
    });
    std::vector<Change> changes;
    for (Placed& one : placed) changes.push_back(std::move(one.change));
    return changes;
  }

  static bool IsScoped(const FeedQuery& query, const CollectionName& name) {
    return std::find(query.scoped.begin(), query.scoped.end(), name) != query.scoped.end();
  }

  std::shared_ptr<const Workspaces> state_;
};

Result<std::unique_ptr<WriteTransaction>> MemoryStore::BeginWrite() {
  if (writing_) return Error{ErrorCode::kBusy, "another transaction is open"};
  writing_ = true;
  return std::unique_ptr<WriteTransaction>(new Write(*this));
}

Result<std::unique_ptr<ReadTransaction>> MemoryStore::BeginRead() {
  return std::unique_ptr<ReadTransaction>(new Read(state_));
}

Result<bool> MemoryStore::Purge(const PurgeBounds& bounds) {
  auto state = std::make_shared<Workspaces>(*state_);
  for (auto& [id, workspace] : *state) {
    for (const auto& [seq, entry] : workspace.log) {
      if (entry.second < bounds.tombstones_before)
        workspace.head.purged_below = std::max(workspace.head.purged_below, seq);
    }
    for (auto& [key, stored] : workspace.documents) {
      // The version stays known; the row no longer shows in any feed.
      if (stored.row.deleted && stored.row.seq < workspace.head.purged_below) stored.row.seq = Sequence(0);
    }
    for (auto key = workspace.keys.begin(); key != workspace.keys.end();) {
      if (key->second.at < bounds.outcomes_before)
        key->second.record.outcome_purged = true, key->second.record.body.clear();
      const bool at_head = key->second.record.seq.value > 0 && key->second.record.seq == workspace.head.head;
      if (!(key->second.at < bounds.keys_before) || at_head) {
        ++key;
        continue;
      }
      if (key->second.device && key->second.n) {
        CommandNumber& purged =
            workspace.devices[{key->second.device->device, key->second.device->incarnation}].record.keys_purged_below;
        purged = std::max(purged, *key->second.n);
      }
      workspace.commands.erase(key->second.record.command);
      workspace.log.erase(key->second.record.seq);
      key = workspace.keys.erase(key);
    }
  }
  state_ = std::move(state);
  return false;
}

}  // namespace outpost::server
