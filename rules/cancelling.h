// What undoes a command that was applied, where one command does: offered when a discard came too late. It is a command
// as any other, with an id, a fate and an author of its own; what others built on the first one stays theirs.
#pragma once

#include <optional>
#include <string>

#include "rules/rule.h"

namespace outpost::rules {

struct CancellingCommand {
  std::string type;
  json::object payload;
};

// Nullopt: nothing undoes it by itself (cash, a closed order, a count). `payload` is well-formed for `type`.
std::optional<CancellingCommand> CancellingOf(const CommandType& type, const CommandId& command,
                                              const json::object& payload);

}  // namespace outpost::rules
