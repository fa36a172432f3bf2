#include <algorithm>

#include "protocol/push.h"

namespace outpost {
namespace {

constexpr std::size_t kReportTextMax = 128;
constexpr std::size_t kParseMemoryMin = 4096;

Problem Refusal(ProblemCode code, std::string detail) { return Problem{.code = code, .detail = std::move(detail)}; }

// A text of the report, dropped when it is longer than any device of ours writes.
std::string ReportText(const json::object& report, std::string_view name) {
  const std::string_view text = StringOr(report, name);
  return text.size() <= kReportTextMax ? std::string(text) : std::string();
}

std::optional<DeviceReport> ReadReport(const json::object& body) {
  const json::value* member = Find(body, "report");
  if (member == nullptr || !member->is_object()) return std::nullopt;
  const json::object& object = member->get_object();
  DeviceReport report;
  report.waiting = std::max<std::int64_t>(0, IntegerOr(object, "waiting", 0));
  report.oldest_created_at = ReportText(object, "oldestCreatedAt");
  report.quarantined = std::max<std::int64_t>(0, IntegerOr(object, "quarantined", 0));
  report.clock = ReportText(object, "clock");
  report.release = ReportText(object, "release");
  return report;
}

// Fills `id` when the member is there and valid; false when it is there and is not. null counts as absent.
template <class Id>
bool ReadId(const json::object& body, std::string_view name, std::optional<Id>& id) {
  const json::value* member = Find(body, name);
  if (member == nullptr || member->is_null()) return true;
  const std::string_view text = StringOr(body, name);
  if (!IsValidId(text)) return false;
  id = Id(std::string(text));
  return true;
}

std::optional<Problem> ReadHead(const json::object& body, PushRequest& request) {
  const auto invalid = [](const char* name) {
    return Refusal(ProblemCode::kInvalidParameter, std::string(name) + " must be 1 to 128 of [A-Za-z0-9_.:-]");
  };
  if (!ReadId(body, "deviceId", request.device)) return invalid("deviceId");
  if (!ReadId(body, "incarnation", request.incarnation)) return invalid("incarnation");
  if (!ReadId(body, "epoch", request.epoch)) return invalid("epoch");
  request.report = ReadReport(body);
  return std::nullopt;
}

// `Value` is const json::value to copy payloads, json::value to move them out.
template <class Value>
std::optional<Problem> ReadBody(Value& body, PushRequest& request) {
  if (!body.is_object()) return Refusal(ProblemCode::kMalformedJson, "the body must be an object");
  auto& object = body.get_object();
  if (std::optional<Problem> problem = ReadHead(object, request)) return problem;
  auto* commands = object.if_contains("commands");
  if (commands == nullptr || !commands->is_array()) {
    return Refusal(ProblemCode::kInvalidParameter, "commands must be an array");
  }
  auto& entries = commands->get_array();
  if (entries.size() > kBatchCommandsMax) {
    return Refusal(ProblemCode::kBatchTooLarge, "at most " + std::to_string(kBatchCommandsMax) + " commands a batch");
  }
  request.commands.reserve(entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    Result<Command> command = CommandFromJson(std::move(entries[i]));
    if (!command.ok()) {
      return Refusal(ProblemCode::kMalformedJson, "commands[" + std::to_string(i) + "] " + command.error().message);
    }
    request.commands.push_back(std::move(command).value());
  }
  return std::nullopt;
}

}  // namespace

std::variant<PushRequest, Problem> PushRequestFromJson(const json::value& body) {
  PushRequest request;
  if (std::optional<Problem> problem = ReadBody(body, request)) return *std::move(problem);
  return request;
}

std::variant<PushRequest, Problem> PushRequestFromText(std::string_view body) {
  PushRequest request;
  // A tree takes about three times its text; one block holds it.
  request.memory = std::make_unique<json::monotonic_resource>(std::max(kParseMemoryMin, 3 * body.size()));
  Result<json::value> tree = ParseJson(body, request.memory.get());
  if (!tree.ok()) return Refusal(ProblemCode::kMalformedJson, tree.error().message);
  if (std::optional<Problem> problem = ReadBody(tree.value(), request)) return *std::move(problem);
  return request;
}

}  // namespace outpost
