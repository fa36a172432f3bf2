#include "engine/model/command_record.h"

namespace outpost::engine {
std::string_view Name(CommandStatus status) {
  switch (status) {
    case CommandStatus::kPending:
      return "PENDING";
    case CommandStatus::kSucceeded:
      return "SUCCEEDED";
    case CommandStatus::kFailed:
      return "FAILED";
    case CommandStatus::kConflict:
      return "CONFLICT";
    case CommandStatus::kBlocked:
      return "BLOCKED";
    case CommandStatus::kDiscarding:
      return "DISCARDING";
    case CommandStatus::kDiscarded:
      return "DISCARDED";
  }
  return "UNKNOWN";
}

std::vector<CommandId> NamedPredecessors(const CommandRecord& command) {
  std::vector<CommandId> ids = command.depends_on;
  if (const auto* after = std::get_if<AfterCommand>(&command.expected_version)) ids.push_back(after->id);
  return ids;
}

}  // namespace outpost::engine
