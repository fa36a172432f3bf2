// Bearer tokens: JWT, HS256 and nothing else (never "none"). Verifies, and makes them for `outpost token` and the demo.
// Strict where libraries are lenient: the signature is compared in constant time and before anything in the token is
// believed, time comes in as an argument, and a payload with duplicate keys is no payload.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "server/core/command_service.h"

namespace outpost::server {

inline constexpr std::size_t kTokenBytesMax = 8192;
inline constexpr std::size_t kSecretBytesMin = 32;
inline constexpr Milliseconds kExpiryLeeway{60000};
inline constexpr std::size_t kRolesMax = 32;

// At least 32 bytes; a shorter secret can be guessed from one token.
bool IsLongEnough(std::string_view secret);

class TokenAuthority {
 public:
  explicit TokenAuthority(std::string secret);

  // kRefused says why; the reason is for logs and the problem's detail, and tells nothing of the secret.
  Result<Caller> Verify(std::string_view token, Timestamp now) const;
  std::string Make(const Caller& caller) const;

 private:
  std::string Sign(std::string_view text) const;

  std::string secret_;
};

}  // namespace outpost::server
