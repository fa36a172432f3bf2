#include "cli/queue_decide.h"

#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>

#include "cli/edit_text.h"
#include "cli/environment.h"
#include "protocol/json.h"

namespace outpost::cli {
namespace {

using Decision = Status (engine::Device::*)(const CommandId&, Timestamp);

Status Decide(const QueueOptions& options, Decision decision) {
  OUTPOST_TRY(const auto store, OpenQueueStore(options));
  OUTPOST_CHECK((*store->device.*decision)(CommandId(options.id), SystemNow()));
  OUTPOST_TRY(const auto command, store->device->FindCommand(CommandId(options.id)));
  if (command) std::printf("%s\n", LineOf(*command).c_str());
  return {};
}

std::string AllOf(std::istream& stream) {
  return std::string(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
}

// The new payload's text: from a file, from standard input, or as the person leaves the old one in an editor.
Result<std::string> NewText(const QueueOptions& options, const std::string& old) {
  if (options.payload == "-") return AllOf(std::cin);
  if (options.payload.empty()) return EditText(old, options.data);
  std::ifstream file(options.payload, std::ios::binary);
  if (!file) return Error{ErrorCode::kIo, "cannot read " + options.payload};
  return AllOf(file);
}

}  // namespace

Status RetryOperation(const QueueOptions& options) {
  if (!options.id.empty()) return Decide(options, &engine::Device::Retry);
  OUTPOST_TRY(const auto store, OpenQueueStore(options));
  OUTPOST_TRY(const std::int64_t count, store->device->RetryAll(SystemNow()));
  std::printf("%lld operations are tried again\n", static_cast<long long>(count));
  return {};
}

Status RetryWithLatest(const QueueOptions& options) { return Decide(options, &engine::Device::RetryWithLatest); }
Status ForceOperation(const QueueOptions& options) { return Decide(options, &engine::Device::Force); }

Status EditOperation(const QueueOptions& options) {
  OUTPOST_TRY(const auto store, OpenQueueStore(options));
  const CommandId id(options.id);
  OUTPOST_TRY(const auto old, store->device->FindCommand(id));
  if (!old) return Error{ErrorCode::kNotFound, "no such operation: " + id.value};
  OUTPOST_TRY(const std::string text, NewText(options, old->payload));
  const auto payload = ParseJson(text);
  if (!payload.ok()) return Error{ErrorCode::kInvalidArgument, "the new payload: " + payload.error().message};
  if (!payload.value().is_object()) return Error{ErrorCode::kInvalidArgument, "the new payload is no JSON object"};
  if (CanonicalJson(payload.value()) == CanonicalJson(ParseJson(old->payload).value())) {
    return Error{ErrorCode::kInvalidArgument, "nothing was changed; retry it instead"};
  }
  engine::Intent intent;
  intent.payload = payload.value().get_object();
  OUTPOST_TRY(const engine::Accepted accepted, store->device->Edit(id, std::move(intent), SystemNow()));
  std::printf("%s takes the place of %s\n", accepted.id.value.c_str(), id.value.c_str());
  return {};
}

Status DiscardOperation(const QueueOptions& options) {
  OUTPOST_TRY(const auto store, OpenQueueStore(options));
  const CommandId id(options.id);
  OUTPOST_TRY(const auto falling, store->device->DiscardPlan(id));
  if (!options.plan) {
    OUTPOST_TRY([[maybe_unused]] const auto fallen, store->device->Discard(id, SystemNow()));
  }
  OUTPOST_TRY(const auto command, store->device->FindCommand(id));
  if (command) std::printf("%s\n", LineOf(*command).c_str());
  for (const engine::CommandRecord& with : falling) {
    OUTPOST_TRY(const auto now, store->device->FindCommand(with.id));
    std::printf("%s\n", LineOf(now ? *now : with).c_str());
  }
  return {};
}

}  // namespace outpost::cli
