// The secret that tokens are signed with: OUTPOST_JWT_SECRET, or a file in the data directory, made at the first start
// or the first `outpost token`, whichever comes first; if both come at once they agree. Never an argument, never
// logged.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"

namespace outpost::server {

inline constexpr const char* kSecretFile = "jwt.secret";

// `environment`: the value of OUTPOST_JWT_SECRET, its bytes as they stand; kInvalidArgument when shorter than 32.
// A file that holds the secret, one line; kInvalidArgument when it is shorter than 32 bytes or cannot be read.
Result<std::string> ReadSecretFile(const std::string& path);

Result<std::string> LoadOrCreateSecret(const std::optional<std::string>& environment, const std::string& directory);

}  // namespace outpost::server
