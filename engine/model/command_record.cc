#include "engine/model/command_record.h"

#include "engine/model/touch.h"

namespace outpost::engine {
namespace {

constexpr char kFieldEnd = '\x1f';
constexpr char kTouchEnd = '\x1e';

}  // namespace

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

std::string EncodeTouches(const std::vector<Touch>& touches) {
  std::string text;
  for (const Touch& touch : touches) {
    text += touch.key.collection.value;
    text += kFieldEnd;
    text += touch.key.id.value;
    text += kFieldEnd;
    text += static_cast<char>('0' + static_cast<int>(touch.access));
    text += kTouchEnd;
  }
  return text;
}

Result<std::vector<Touch>> DecodeTouches(std::string_view text) {
  std::vector<Touch> touches;
  while (!text.empty()) {
    const std::size_t end = text.find(kTouchEnd);
    const std::size_t first = text.find(kFieldEnd);
    const std::size_t second = first == std::string_view::npos ? first : text.find(kFieldEnd, first + 1);
    if (end == std::string_view::npos || second == std::string_view::npos || second + 2 != end) {
      return Error{ErrorCode::kCorrupt, "unreadable list of touched documents"};
    }
    const int access = text[second + 1] - '0';
    if (access < 0 || access > static_cast<int>(rules::Access::kReads)) {
      return Error{ErrorCode::kCorrupt, "unknown access in a list of touched documents"};
    }
    touches.push_back({{CollectionName(std::string(text.substr(0, first))),
                        DocumentId(std::string(text.substr(first + 1, second - first - 1)))},
                       static_cast<rules::Access>(access)});
    text.remove_prefix(end + 1);
  }
  return touches;
}

}  // namespace outpost::engine
