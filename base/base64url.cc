#include "base/base64url.h"

#include <cstdint>

namespace outpost {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// The six bits a character stands for, or −1.
int SixBitsOf(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '-') return 62;
  if (c == '_') return 63;
  return -1;
}

}  // namespace

std::string ToBase64Url(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() * 4 + 2) / 3);
  std::uint32_t pending = 0;
  int pending_bits = 0;
  for (const char byte : bytes) {
    pending = (pending << 8) | static_cast<std::uint8_t>(byte);
    pending_bits += 8;
    while (pending_bits >= 6) {
      pending_bits -= 6;
      out.push_back(kAlphabet[(pending >> pending_bits) & 63]);
    }
  }
  if (pending_bits > 0) out.push_back(kAlphabet[(pending << (6 - pending_bits)) & 63]);
  return out;
}

Result<std::string> FromBase64Url(std::string_view text) {
  if (text.size() % 4 == 1) return Error{ErrorCode::kInvalidArgument, "base64url of an impossible length"};
  std::string out;
  out.reserve(text.size() * 3 / 4);
  std::uint32_t pending = 0;
  int pending_bits = 0;
  for (const char c : text) {
    const int bits = SixBitsOf(c);
    if (bits < 0) return Error{ErrorCode::kInvalidArgument, "not a base64url character"};
    pending = (pending << 6) | static_cast<std::uint32_t>(bits);
    pending_bits += 6;
    if (pending_bits >= 8) {
      pending_bits -= 8;
      out.push_back(static_cast<char>((pending >> pending_bits) & 255));
    }
  }
  // One text per value: two spellings of one cursor would defeat comparison by text.
  if ((pending & ((1u << pending_bits) - 1)) != 0) {
    return Error{ErrorCode::kInvalidArgument, "base64url with stray bits at its end"};
  }
  return out;
}

}  // namespace outpost
