#include "engine/model/command_record.h"

#include <algorithm>

namespace outpost::engine {

std::vector<CommandId> NamedPredecessors(const CommandRecord& command) {
  std::vector<CommandId> ids = command.depends_on;
  if (const auto* after = std::get_if<AfterCommand>(&command.expected_version)) ids.push_back(after->id);
  return ids;
}

std::string EncodeIds(const std::vector<CommandId>& ids) {
  std::string text;
  for (const CommandId& id : ids) {
    if (!text.empty()) text += ' ';
    text += id.value;
  }
  return text;
}

std::vector<CommandId> DecodeIds(std::string_view text) {
  std::vector<CommandId> ids;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    ids.emplace_back(std::string(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return ids;
}

}  // namespace outpost::engine
