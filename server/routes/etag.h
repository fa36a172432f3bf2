// Entity tags in conditional requests.
#pragma once

#include <string_view>

namespace outpost::server {

// Whether an If-None-Match header, a list of tags, weak ones too, or *, names this tag (with its quotes).
bool NamesTag(std::string_view header, std::string_view tag);

}  // namespace outpost::server
