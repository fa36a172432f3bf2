// base64url without padding (RFC 4648 section 5): opaque cursors travel in URLs.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace outpost {

std::string ToBase64Url(std::string_view bytes);
// kInvalidArgument on a foreign character or an impossible length.
Result<std::string> FromBase64Url(std::string_view text);

}  // namespace outpost
