// What a rule will most likely look up besides the documents its type declares, said before it runs: a server whose
// look-ups are round trips loads it with the rest. A hint only: the rule asks for what it needs in any case.
#pragma once

#include <vector>

#include "rules/rule.h"

namespace outpost::rules {

std::vector<DocumentKey> ForeseenBeyondDeclared(const CommandType& type, const CommandId& command,
                                                const json::object& payload, Timestamp now);

}  // namespace outpost::rules
