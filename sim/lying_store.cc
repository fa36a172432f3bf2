#include "sim/lying_store.h"

#include <utility>

namespace outpost::sim {
namespace {

using namespace server;  // NOLINT: this file restates the port

class LyingWrite : public WriteTransaction {
 public:
  LyingWrite(LyingStore& store, std::unique_ptr<WriteTransaction> truthful)
      : store_(store), truthful_(std::move(truthful)) {}

  Result<WorkspaceHead> Lock(const WorkspaceId& workspace) override {
    auto head = truthful_->Lock(workspace);
    if (head.ok() && store_.Lies(Lie::kGapInSequence)) ++head.value().head.value;
    return head;
  }
  Result<std::vector<std::optional<KeyRecord>>> LoadKeys(const WorkspaceId& workspace,
                                                         std::span<const KeyRef> keys) override {
    auto loaded = truthful_->LoadKeys(workspace, keys);
    if (!loaded.ok()) return loaded;
    for (auto& key : loaded.value()) {
      if (key.has_value() && store_.Lies(Lie::kForgetKeys)) key.reset();
    }
    return loaded;
  }
  Result<std::vector<std::optional<DocumentRow>>> LoadDocuments(const WorkspaceId& workspace,
                                                                std::span<const DocumentKey> keys) override {
    return truthful_->LoadDocuments(workspace, keys);
  }
  Result<std::vector<std::optional<CommandRecord>>> LoadCommands(const WorkspaceId& workspace,
                                                                 std::span<const CommandId> ids) override {
    return truthful_->LoadCommands(workspace, ids);
  }
  Result<IncarnationRecord> LoadIncarnation(const WorkspaceId& workspace, const DeviceRef& device) override {
    return truthful_->LoadIncarnation(workspace, device);
  }
  Result<std::vector<std::optional<CommandId>>> LoadNumbers(const WorkspaceId& workspace, const DeviceRef& device,
                                                            std::span<const CommandNumber> numbers) override {
    return truthful_->LoadNumbers(workspace, device, numbers);
  }
  Result<std::vector<std::optional<DocumentId>>> LoadLocalIds(const WorkspaceId& workspace, const DeviceId& device,
                                                              std::span<const std::string> ids) override {
    return truthful_->LoadLocalIds(workspace, device, ids);
  }
  Result<std::optional<Roles>> LoadSignIn(const WorkspaceId& workspace, const SignInRef& who) override {
    return truthful_->LoadSignIn(workspace, who);
  }
  Status Apply(const WorkspaceId& workspace, const WriteSet& writes, Timestamp now) override {
    if (writes.documents.empty() || !store_.Lies(Lie::kLoseDocument)) return truthful_->Apply(workspace, writes, now);
    WriteSet fewer = writes;
    fewer.documents.pop_back();
    return truthful_->Apply(workspace, fewer, now);
  }
  Status Commit() override {
    if (!store_.Lies(Lie::kCommitNothing)) return truthful_->Commit();
    truthful_.reset();
    return {};
  }

 private:
  LyingStore& store_;
  std::unique_ptr<WriteTransaction> truthful_;
};

class LyingRead : public ReadTransaction {
 public:
  LyingRead(LyingStore& store, std::unique_ptr<ReadTransaction> truthful)
      : store_(store), truthful_(std::move(truthful)) {}

  Result<WorkspaceHead> Head(const WorkspaceId& workspace) override { return truthful_->Head(workspace); }
  Result<std::optional<std::uint64_t>> TagAt(const WorkspaceId& workspace, Sequence seq) override {
    return truthful_->TagAt(workspace, seq);
  }
  Result<FeedPage> ReadFeed(const WorkspaceId& workspace, const FeedQuery& query) override {
    auto page = truthful_->ReadFeed(workspace, query);
    // The checkers read with a limit that no device asks for; they are told the truth.
    const bool device = query.limit <= kPageLimitMax;
    if (page.ok() && device && !page.value().changes.empty() && store_.Lies(Lie::kSkipChange))
      page.value().changes.pop_back();
    return page;
  }
  Result<std::vector<OwnCommand>> OwnCommands(const WorkspaceId& workspace, const DeviceId& device, Sequence after,
                                              Sequence up_to) override {
    auto own = truthful_->OwnCommands(workspace, device, after, up_to);
    if (!own.ok() || own.value().empty()) return own;
    if (store_.Lies(Lie::kForgetOwn)) own.value().pop_back();
    if (store_.Lies(Lie::kListForeign))
      own.value().push_back({CommandId("somebody-elses"), up_to, std::string(64, '0')});
    return own;
  }
  Result<std::optional<DocumentRow>> Get(const WorkspaceId& workspace, const DocumentKey& key) override {
    return truthful_->Get(workspace, key);
  }
  Result<DocumentList> List(const WorkspaceId& workspace, const CollectionName& collection, std::string_view field,
                            std::string_view value, std::string_view after, int limit) override {
    return truthful_->List(workspace, collection, field, value, after, limit);
  }
  Result<std::vector<DeviceStatus>> Devices(const WorkspaceId& workspace) override {
    return truthful_->Devices(workspace);
  }

 private:
  LyingStore& store_;
  std::unique_ptr<ReadTransaction> truthful_;
};

}  // namespace

Result<std::unique_ptr<WriteTransaction>> LyingStore::BeginWrite() {
  OUTPOST_TRY(auto transaction, truthful_->BeginWrite());
  return std::unique_ptr<WriteTransaction>(std::make_unique<LyingWrite>(*this, std::move(transaction)));
}

Result<std::unique_ptr<ReadTransaction>> LyingStore::BeginRead() {
  OUTPOST_TRY(auto transaction, truthful_->BeginRead());
  return std::unique_ptr<ReadTransaction>(std::make_unique<LyingRead>(*this, std::move(transaction)));
}

}  // namespace outpost::sim
