#include "server/core/local_ids.h"

#include <map>

namespace outpost::server {
namespace {

// Whether the command makes a document under the local id in this field.
bool Makes(const rules::DeclaredAccess& access) { return access.access == rules::Access::kCreates; }

class Resolution {
 public:
  Resolution(std::span<PreparedCommand> batch, const std::optional<DeviceId>& device, WorkingSet& working)
      : batch_(batch), device_(device), working_(working) {}

  Status Run() {
    for (std::size_t i = 0; i < batch_.size(); ++i) CollectMaker(i);
    for (std::size_t i = 0; i < batch_.size(); ++i) OUTPOST_CHECK(Resolve(i));
    return {};
  }

 private:
  void CollectMaker(std::size_t index) {
    const PreparedCommand& prepared = batch_[index];
    if (prepared.type == nullptr) return;
    for (const rules::DeclaredAccess& access : prepared.type->accesses) {
      const std::string_view id = StringOr(prepared.command->payload, access.field);
      if (Makes(access) && IsLocalId(id)) makers_.try_emplace(std::string(id), index);
    }
  }

  Status Resolve(std::size_t index) {
    PreparedCommand& prepared = batch_[index];
    if (prepared.type == nullptr) return {};
    for (const rules::DeclaredAccess& access : prepared.type->accesses) {
      const std::string local(StringOr(prepared.command->payload, access.field));
      if (!IsLocalId(local)) continue;
      OUTPOST_TRY(const std::optional<std::string> id, Find(index, local));
      if (!id) {
        prepared.knows_all_ids = false;
        continue;
      }
      if (!prepared.rewritten) prepared.rewritten = prepared.command->payload;
      (*prepared.rewritten)[access.field] = *id;
      if (Makes(access)) prepared.made.emplace_back(local, *id);
    }
    return {};
  }

  // What was stored before counts first: a creator that is sent again made its document then.
  Result<std::optional<std::string>> Find(std::size_t index, const std::string& local) {
    const auto maker = makers_.find(local);
    if (maker != makers_.end() && maker->second != index) {
      batch_[index].node.predecessors.push_back({maker->second, EdgeKind::kDepends});
    }
    if (device_) {
      OUTPOST_TRY(const DocumentId* const known, working_.FindLocalId(*device_, local));
      if (known != nullptr) return std::optional<std::string>(known->value);
    }
    if (maker == makers_.end()) return std::optional<std::string>();
    return std::optional<std::string>(batch_[maker->second].command->id.value);
  }

  std::span<PreparedCommand> batch_;
  const std::optional<DeviceId>& device_;
  WorkingSet& working_;
  std::map<std::string, std::size_t> makers_;
};

}  // namespace

std::vector<std::string> LocalIdsOf(const PreparedCommand& prepared) {
  std::vector<std::string> locals;
  if (prepared.type == nullptr) return locals;
  for (const rules::DeclaredAccess& access : prepared.type->accesses) {
    const std::string_view id = StringOr(prepared.command->payload, access.field);
    if (IsLocalId(id)) locals.emplace_back(id);
  }
  return locals;
}

Status ResolveLocalIds(std::span<PreparedCommand> batch, const std::optional<DeviceId>& device, WorkingSet& working) {
  return Resolution(batch, device, working).Run();
}

}  // namespace outpost::server
