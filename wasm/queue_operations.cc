// The queue, and what people decide about it (O12).
#include <algorithm>
#include <utility>

#include "wasm/arguments.h"
#include "wasm/operations.h"
#include "wasm/to_json.h"

namespace outpost::wasm {
namespace {

using engine::CommandRecord;

Result<std::vector<CommandRecord>> ListQueue(engine::Device& device, const std::vector<engine::CommandStatus>& statuses,
                                             std::size_t limit) {
  if (statuses.empty()) return device.Queue(std::nullopt, limit);
  std::vector<CommandRecord> all;
  for (const engine::CommandStatus status : statuses) {
    OUTPOST_TRY(auto some, device.Queue(status, limit));
    std::move(some.begin(), some.end(), std::back_inserter(all));
  }
  std::sort(all.begin(), all.end(),
            [](const CommandRecord& a, const CommandRecord& b) { return a.position < b.position; });
  return all;
}

Result<std::string> Queue(const Call& call) {
  OUTPOST_TRY(const auto statuses, StatusesFrom(call.arguments));
  const std::size_t limit = LimitFrom(call.arguments, 0);
  const bool about_one = Find(call.arguments, "resource") != nullptr;
  OUTPOST_TRY(auto commands, ListQueue(call.device, statuses, about_one ? 0 : limit));
  if (about_one) {
    OUTPOST_TRY(const json::object* resource, ObjectAt(call.arguments, "resource"));
    OUTPOST_TRY(const DocumentKey key, DocumentKeyFrom(*resource));
    std::erase_if(commands, [&](const CommandRecord& command) { return command.resource != key; });
  }
  if (limit > 0 && commands.size() > limit)
    commands.erase(commands.begin() + static_cast<std::ptrdiff_t>(limit), commands.end());
  return Text(commands);
}

Result<std::string> Command(const Call& call) {
  OUTPOST_TRY(const CommandId id, CommandIdFrom(call.arguments));
  OUTPOST_TRY(const auto command, call.device.FindCommand(id));
  return command ? Text(*command) : std::string("null");
}

Result<std::string> Audit(const Call& call) {
  constexpr std::size_t kRows = 100;
  std::optional<CommandId> about;
  if (Find(call.arguments, "command") != nullptr) {
    OUTPOST_TRY(about, CommandIdFrom(call.arguments, "command"));
  }
  OUTPOST_TRY(const auto rows, call.device.Audit(about, LimitFrom(call.arguments, kRows)));
  return Text(rows);
}

template <class Decision>
Result<std::string> Decide(const Call& call, Decision decision) {
  OUTPOST_TRY(const CommandId id, CommandIdFrom(call.arguments));
  OUTPOST_CHECK((call.device.*decision)(id, call.now));
  return std::string("null");
}

Result<std::string> Retry(const Call& call) { return Decide(call, &engine::Device::Retry); }
Result<std::string> Latest(const Call& call) { return Decide(call, &engine::Device::RetryWithLatest); }
Result<std::string> Force(const Call& call) { return Decide(call, &engine::Device::Force); }

Result<std::string> RetryAll(const Call& call) {
  OUTPOST_TRY(const std::int64_t count, call.device.RetryAll(call.now));
  return std::to_string(count);
}

Result<std::string> Edit(const Call& call) {
  OUTPOST_TRY(const CommandId id, CommandIdFrom(call.arguments));
  OUTPOST_TRY(engine::Intent intent, IntentFrom(call.arguments));
  OUTPOST_TRY(const engine::Accepted accepted, call.device.Edit(id, std::move(intent), call.now));
  return Text(accepted);
}

Result<std::string> DiscardPlan(const Call& call) {
  OUTPOST_TRY(const CommandId id, CommandIdFrom(call.arguments));
  OUTPOST_TRY(const auto falling, call.device.DiscardPlan(id));
  return Text(falling);
}

Result<std::string> Discard(const Call& call) {
  OUTPOST_TRY(const CommandId id, CommandIdFrom(call.arguments));
  OUTPOST_TRY(const auto fallen, call.device.Discard(id, call.now));
  return Text(fallen);
}

constexpr NamedOperation kOperations[] = {
    {"queue", Afterwards::kNothing, Queue},
    {"command", Afterwards::kNothing, Command},
    {"audit", Afterwards::kNothing, Audit},
    {"retry", Afterwards::kWake, Retry},
    {"retryAll", Afterwards::kWake, RetryAll},
    {"latest", Afterwards::kWake, Latest},
    {"force", Afterwards::kWake, Force},
    {"edit", Afterwards::kWake, Edit},
    {"discardPlan", Afterwards::kNothing, DiscardPlan},
    {"discard", Afterwards::kWake, Discard},
};

}  // namespace

std::span<const NamedOperation> QueueOperations() { return kOperations; }

}  // namespace outpost::wasm
