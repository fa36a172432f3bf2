// Header values that are lists: "a, b , c".
#pragma once

#include <string_view>
#include <vector>

namespace outpost::http {

// The entries without the spaces around them; they point into `list`. An empty value has none.
std::vector<std::string_view> ListEntries(std::string_view list);

}  // namespace outpost::http
