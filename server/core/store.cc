#include "server/core/store.h"

namespace outpost::server {

std::uint64_t TagOf(const CommandId& command, Sequence seq) {
  // FNV-1a over the id, then the sequence mixed in. Never 0, which stands for "no command yet".
  std::uint64_t hash = 14695981039346656037u;
  for (const char c : command.value) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  hash ^= static_cast<std::uint64_t>(seq.value) * 0x9e3779b97f4a7c15u;
  hash ^= hash >> 29;
  return hash == 0 ? 1 : hash;
}

Result<LoadedSet> WriteTransaction::Load(const WorkspaceId& workspace, const LoadSet& wanted) {
  LoadedSet loaded;
  OUTPOST_TRY(loaded.keys, LoadKeys(workspace, wanted.keys));
  OUTPOST_TRY(loaded.commands, LoadCommands(workspace, wanted.commands));
  OUTPOST_TRY(loaded.documents, LoadDocuments(workspace, wanted.documents));
  for (const DeviceRef& device : wanted.devices) {
    OUTPOST_TRY(loaded.devices.emplace_back(), LoadIncarnation(workspace, device));
  }
  for (const SignInRef& who : wanted.sign_ins) {
    OUTPOST_TRY(loaded.sign_ins.emplace_back(), LoadSignIn(workspace, who));
  }
  return loaded;
}

}  // namespace outpost::server
