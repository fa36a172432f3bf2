// Who is signed in, logging out, and the queue as a file: what keeps one person's data from the next one's eyes, and
// nobody's work from being lost on the way (C5, B8).
#include <algorithm>

#include "engine/device/device_state.h"

namespace outpost::engine {
namespace {

bool IsUnsettled(CommandStatus status) {
  return status != CommandStatus::kSucceeded && status != CommandStatus::kDiscarded;
}

// A discard under way: it speaks of a command of this device and stays with it.
bool IsDiscard(const CommandRecord& command) {
  return command.status == CommandStatus::kDiscarding || command.type.rfind("COMMAND_DISCARD_V", 0) == 0;
}

Error Refused(std::string why) { return {ErrorCode::kRefused, std::move(why)}; }

// What of the file this store does not have yet. A key in use by other content is another operation: nothing is taken.
Result<std::vector<CommandRecord>> Unknown(DeviceState& state, const QueueFile& file) {
  std::vector<CommandRecord> unknown;
  for (const CommandRecord& command : file.commands) {
    OUTPOST_TRY(const auto same_id, state.store->outbox().Find(command.id));
    if (same_id) continue;
    OUTPOST_TRY(const TypeName name, ParseTypeName(command.type));
    OUTPOST_TRY(const auto same_key, state.store->outbox().FindKey(command.author, name.family, command.key));
    if (same_key && same_key->fingerprint == command.fingerprint) continue;
    if (same_key) {
      return Error{ErrorCode::kAlreadyExists,
                   "the key of " + command.id.value + " is in use here by an operation with other content"};
    }
    unknown.push_back(command);
  }
  return unknown;
}

Status CheckRoom(const DeviceState& state, std::size_t commands) {
  const std::int64_t waiting = static_cast<std::int64_t>(state.graph.size() + commands);
  if (waiting <= state.options.waiting_max) return {};
  return Error{ErrorCode::kFull, "with the file's commands " + std::to_string(waiting) +
                                     " would wait here, the limit is " + std::to_string(state.options.waiting_max)};
}

// What waits beyond the pending commands of the file.
bool DiscardsUnderWay(const DeviceState& state, const QueueFile& waiting) {
  const auto pending =
      std::count_if(waiting.commands.begin(), waiting.commands.end(),
                    [](const CommandRecord& command) { return command.status == CommandStatus::kPending; });
  return state.graph.size() > static_cast<std::size_t>(pending);
}

}  // namespace

Status DeviceState::MayRead(const CollectionName& collection) const {
  if (signed_out) return Refused("nobody is signed in");
  const auto& may_read = options.may_read;
  if (!may_read || std::find(may_read->begin(), may_read->end(), collection) != may_read->end()) return {};
  return Refused(options.user.value + " may not read " + collection.value);
}

Result<QueueFile> GatherQueue(DeviceState& state, Timestamp now) {
  QueueFile file{state.options.workspace, state.device, now, {}};
  OUTPOST_TRY(std::vector<CommandRecord> all, state.store->outbox().List(std::nullopt, 0));
  for (CommandRecord& command : all) {
    if (IsUnsettled(command.status) && !IsDiscard(command)) file.commands.push_back(std::move(command));
  }
  return file;
}

Result<ImportedQueue> TakeQueue(DeviceState& state, std::string_view text, Timestamp now) {
  if (!state.store_error.empty()) return Error{ErrorCode::kIo, state.store_error};
  OUTPOST_TRY(const QueueFile file, QueueFileFromText(text));
  if (file.workspace != state.options.workspace) {
    return Error{ErrorCode::kInvalidArgument, "the file is of workspace '" + file.workspace.value +
                                                  "', this store of '" + state.options.workspace.value + "'"};
  }
  ImportedQueue imported;
  std::optional<Error> refused;
  // What is known here is asked inside the transaction: another process may be at the store.
  OUTPOST_CHECK(state.Run("import a queue", Durability::kFull, now, [&]() -> Status {
    auto unknown = Unknown(state, file);
    const Status checked = unknown.ok() ? CheckRoom(state, unknown.value().size()) : Status(unknown.error());
    if (!checked.ok()) {
      refused = checked.error();
      return {};
    }
    imported.taken = static_cast<std::int64_t>(unknown.value().size());
    imported.known = static_cast<std::int64_t>(file.commands.size()) - imported.taken;
    for (CommandRecord& command : unknown.value()) OUTPOST_CHECK(ImportCommand(state, std::move(command), now));
    return {};
  }));
  if (refused) return *refused;
  return imported;
}

Status SignIn(DeviceState& state, UserId user, std::optional<std::vector<CollectionName>> may_read) {
  if (state.options.sharing == Sharing::kPersonal && user != state.owner) {
    return Error{ErrorCode::kInvalidArgument, "the store is " + state.owner.value + "'s own"};
  }
  if (!IsValidId(user.value)) return Error{ErrorCode::kInvalidArgument, "no user"};
  state.options.user = std::move(user);
  state.options.may_read = std::move(may_read);
  state.signed_out = false;
  state.live.emplace(state.store->queries(), state.work);
  return {};
}

Status LogOut(DeviceState& state, Logout how, std::string_view export_digest, Timestamp now) {
  OUTPOST_TRY(const QueueFile waiting, GatherQueue(state, now));
  const bool terminal = state.options.sharing == Sharing::kTerminal;
  if (!terminal && how == Logout::kIfNothingWaits && !waiting.commands.empty()) {
    return Refused(std::to_string(waiting.commands.size()) + " operations are not settled: sync, export or keep them");
  }
  if (!terminal && how != Logout::kKeep && DiscardsUnderWay(state, waiting)) {
    return Refused("a discard waits for the server's answer: sync first");
  }
  if (!terminal && how == Logout::kExported && DigestOf(waiting) != export_digest) {
    return Refused("the queue is not what was exported: export it again");
  }
  state.signed_out = true;
  state.live.emplace(state.store->queries(), state.work);
  // A terminal's store is the device's: its commands go up under their authors, whoever signs in next (B6).
  if (terminal || how == Logout::kKeep) return {};
  OUTPOST_CHECK(state.store->Wipe());
  state.store_error = "signed out: the store was emptied; open it again";
  return {};
}

}  // namespace outpost::engine
