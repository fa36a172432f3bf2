// What the process is given from outside: clock, entropy, environment variables. Only cli/ asks for these.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace outpost::cli {

Timestamp SystemNow();
std::uint64_t Entropy();
// The folder this program lies in; nullopt where the system does not say.
std::optional<std::string> ProgramFolder();
// Nullopt when it is not set.
std::optional<std::string> Environment(const char* name);
// The names of all variables that begin with `prefix`.
std::vector<std::string> VariablesWith(std::string_view prefix);

}  // namespace outpost::cli
