#include "http/address.h"

#include <arpa/inet.h>

#include <charconv>

namespace outpost::http {
namespace {

bool IsV4(const std::string& host) {
  in_addr parsed{};
  return inet_pton(AF_INET, host.c_str(), &parsed) == 1;
}

bool IsV6(const std::string& host) {
  in6_addr parsed{};
  return inet_pton(AF_INET6, host.c_str(), &parsed) == 1;
}

}  // namespace

Result<Address> ParseAddress(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  const Error malformed{ErrorCode::kInvalidArgument,
                        "expected ADDRESS:PORT, e.g. 127.0.0.1:8080, got \"" + std::string(text) + "\""};
  if (colon == std::string_view::npos || colon + 1 == text.size()) return malformed;
  Address address;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, address.port);
  if (error != std::errc() || stop != end) return malformed;
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  address.host = host == "localhost" ? "127.0.0.1" : std::string(host);
  if (bracketed ? !IsV6(address.host) : !IsV4(address.host)) return malformed;
  return address;
}

std::string ToString(const Address& address) {
  const bool v6 = address.host.find(':') != std::string::npos;
  return (v6 ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

bool IsLoopback(const Address& address) { return address.host.rfind("127.", 0) == 0 || address.host == "::1"; }

}  // namespace outpost::http
