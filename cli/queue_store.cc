#include "cli/queue_store.h"

#include <filesystem>

#include "cli/environment.h"
#include "protocol/json.h"

namespace outpost::cli {

std::string StorePath(const QueueOptions& options) {
  return (std::filesystem::path(options.data) / "outpost.db").string();
}

Result<std::unique_ptr<QueueStore>> OpenQueueStore(const QueueOptions& options, engine::DeviceOptions settings) {
  settings.store.path = StorePath(options);
  settings.as_it_is = true;
  const bool exists = std::filesystem::exists(settings.store.path);
  if (!exists && options.workspace.empty()) {
    return Error{ErrorCode::kNotFound, "there is no store " + settings.store.path};
  }
  const auto owner =
      exists ? engine::Device::OwnerOf(settings.store) : Result<engine::StoreOwner>(engine::StoreOwner{});
  const bool empty = !exists || (!owner.ok() && owner.error().code == ErrorCode::kNotFound);
  if (!owner.ok() && !empty) return owner.error();
  if (empty && (options.workspace.empty() || options.user.empty())) {
    return Error{ErrorCode::kInvalidArgument, "the store is empty: say whose it is to be, --workspace and --user"};
  }
  settings.workspace = empty ? WorkspaceId(options.workspace) : owner.value().workspace;
  settings.user = empty ? UserId(options.user) : owner.value().user;
  if (settings.user.value.empty()) settings.sharing = engine::Sharing::kTerminal;
  std::unique_ptr<QueueStore> store(new QueueStore{Random(Entropy()), nullptr});
  OUTPOST_TRY(store->device, engine::Device::Open(std::move(settings), SystemNow(), store->random));
  return store;
}

std::string LineOf(const engine::CommandRecord& command) {
  std::string line = std::string(engine::Name(command.status)) + "\t" + command.id.value + "\t" + command.type + "\t" +
                     command.author.value + "\t" + ToRfc3339(command.created_at);
  const auto problem = ParseJson(command.problem);
  if (!problem.ok() || !problem.value().is_object()) return line;
  const json::object& object = problem.value().get_object();
  return line + "\t" + std::string(StringOr(object, "code")) + " " + std::string(StringOr(object, "detail"));
}

}  // namespace outpost::cli
