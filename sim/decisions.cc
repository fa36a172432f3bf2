#include "sim/decisions.h"

#include <string>
#include <utility>
#include <vector>

#include "protocol/json.h"
#include "sim/seed.h"

namespace outpost::sim {

using engine::CommandRecord;
using engine::CommandStatus;
using engine::Device;
using engine::Intent;

void Decisions::Decide(DeviceNode& node) {
  const auto record = Pick(node.device());
  if (!record) return;
  const CommandId& id = record->id;
  const auto decide = [&](const char* what, const std::function<Status(Device&, Timestamp)>& decision) {
    Note(what, node.Decide(std::string(what) + " " + id.value, decision));
  };
  switch (random_.Below(8)) {
    case 0:
    case 1:
      return decide("retry", [&](Device& device, Timestamp now) { return device.Retry(id, now); });
    case 2:
      return decide("retry all", [](Device& device, Timestamp now) -> Status {
        OUTPOST_TRY([[maybe_unused]] const auto count, device.RetryAll(now));
        return {};
      });
    case 3:
      return decide("latest", [&](Device& device, Timestamp now) { return device.RetryWithLatest(id, now); });
    case 4:
      return decide("force", [&](Device& device, Timestamp now) { return device.Force(id, now); });
    case 5:
    case 6:
      return decide("discard", [&](Device& device, Timestamp now) -> Status {
        OUTPOST_TRY([[maybe_unused]] const auto fallen, device.Discard(id, now));
        return {};
      });
    default:
      return Edit(node, *record);
  }
}

// Mostly something that was set aside: that is what people are asked about.
std::optional<CommandRecord> Decisions::Pick(Device& device) {
  const auto queue = device.Queue();
  if (!queue.ok()) return std::nullopt;
  std::vector<const CommandRecord*> aside;
  std::vector<const CommandRecord*> waiting;
  for (const CommandRecord& record : queue.value()) {
    if (engine::IsQuarantined(record.status)) aside.push_back(&record);
    if (record.status == CommandStatus::kPending) waiting.push_back(&record);
  }
  const auto& from = aside.empty() || random_.OneIn(4) ? waiting : aside;
  if (from.empty()) return std::nullopt;
  return *from[random_.Below(from.size())];
}

Intent Decisions::Otherwise(const CommandRecord& record) {
  Intent intent;
  intent.type = record.type;
  intent.local_refusal = engine::LocalRefusal::kQueueAnyway;
  const auto payload = ParseJson(record.payload);
  if (payload.ok() && payload.value().is_object()) intent.payload = payload.value().get_object();
  if (intent.payload.contains("delta")) intent.payload["delta"] = -Between(random_, 1, 9);
  if (intent.payload.contains("quantity")) intent.payload["quantity"] = Between(random_, 1, 9);
  const json::value* items = Find(intent.payload, "items");
  if (items != nullptr && items->is_array() && items->get_array().size() > 1) {
    intent.payload["items"].get_array().pop_back();
  }
  return intent;
}

void Decisions::Edit(DeviceNode& node, const CommandRecord& record) {
  const Intent otherwise = Otherwise(record);
  Intent kept = otherwise;
  kept.depends_on = record.depends_on;
  Note("edit", node.Decide("edit " + record.id.value, [&](Device& device, Timestamp now) -> Status {
    const auto edited = device.Edit(record.id, otherwise, now);
    if (edited.ok()) {
      node.checker().Accepted(kept, record.author, edited.value());
      return {};
    }
    const ErrorCode code = edited.error().code;
    if (code == ErrorCode::kIo || code == ErrorCode::kFull) node.checker().MaybeAccepted(kept);
    return edited.error();
  }));
}

void Decisions::Note(const char* what, const Status& decided) {
  if (decided.ok()) return environment_.Count(std::string("decided: ") + what);
  switch (decided.error().code) {
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kRefused:
      return environment_.Count("decided: not possible");
    case ErrorCode::kIo:
    case ErrorCode::kFull:
      return environment_.Count("decided: disk error");
    default:
      environment_.Fail("fleet", std::string(what) + " says " + decided.error().message);
  }
}

}  // namespace outpost::sim
