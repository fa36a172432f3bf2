// "HOST:PORT" as people write it on a command line. Only literal addresses: a listener never asks a resolver.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace outpost::http {

struct Address {
  std::string host = "127.0.0.1";  // IPv4 or IPv6 literal without brackets
  std::uint16_t port = 0;          // 0: any free one
};

// "127.0.0.1:8080", "[::1]:8080", "localhost:8080".
Result<Address> ParseAddress(std::string_view text);
// With brackets around IPv6.
std::string ToString(const Address& address);
bool IsLoopback(const Address& address);

}  // namespace outpost::http
