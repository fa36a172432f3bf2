// Ids and short codes that follow from a command alone, so that device and server make the same ones without asking
// each other. Anybody may call; DerivedId itself is declared in rule.h.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "protocol/ids.h"

namespace outpost::rules {

// The most characters that HashCode and DerivedCode give: 255 bits.
inline constexpr std::size_t kHashCodeLengthMax = 51;

// The first `length` Crockford base-32 characters of SHA-256(text). A longer code of one text extends a shorter one.
std::string HashCode(std::string_view text, std::size_t length);

// HashCode of "<command id>/<role>": for what lives inside a document, e.g. role "line/0".
std::string DerivedCode(const CommandId& command, std::string_view role, std::size_t length);

}  // namespace outpost::rules
