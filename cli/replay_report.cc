#include "cli/replay_report.h"

#include "protocol/json.h"

namespace outpost::cli {

std::string ToJsonLine(const DeviceProgress& progress) {
  const json::object object = {
      {"orders", progress.orders},   {"commands", progress.commands}, {"settledBefore", progress.settled_before},
      {"waiting", progress.waiting}, {"refused", progress.refused},   {"lineCut", progress.line_cut},
      {"done", progress.done}};
  return ToJson(object) + "\n";
}

Result<DeviceProgress> DeviceProgressFromJson(std::string_view line) {
  OUTPOST_TRY(const json::value value, ParseJson(line));
  const json::object* object = value.if_object();
  if (object == nullptr) return Error{ErrorCode::kInvalidArgument, "a device's report is no object"};
  const auto flag = [object](std::string_view name) {
    const json::value* member = Find(*object, name);
    return member != nullptr && member->is_bool() && member->get_bool();
  };
  DeviceProgress progress;
  progress.orders = IntegerOr(*object, "orders", 0);
  progress.commands = IntegerOr(*object, "commands", 0);
  progress.settled_before = IntegerOr(*object, "settledBefore", 0);
  progress.waiting = IntegerOr(*object, "waiting", 0);
  progress.refused = IntegerOr(*object, "refused", 0);
  progress.line_cut = flag("lineCut");
  progress.done = flag("done");
  return progress;
}

}  // namespace outpost::cli
