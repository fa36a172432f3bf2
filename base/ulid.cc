#include "base/ulid.h"

#include <algorithm>

namespace outpost {
namespace {

constexpr std::int64_t kUlidMsMax = (std::int64_t{1} << 48) - 1;

// Adds one to the 80-bit number; false when it was full.
bool Increment(std::array<std::uint8_t, 10>& number) {
  for (auto byte = number.rbegin(); byte != number.rend(); ++byte) {
    if (++*byte != 0) return true;
  }
  return false;
}

std::string Encode(std::uint64_t ms, const std::array<std::uint8_t, 10>& random) {
  std::string out(kUlidLength, '0');
  for (std::size_t i = 10; i-- > 0; ms >>= 5) out[i] = kCrockfordAlphabet[ms & 31];
  std::uint32_t pending = 0;
  int pending_bits = 0;
  std::size_t at = 10;
  for (const std::uint8_t byte : random) {
    pending = (pending << 8) | byte;
    pending_bits += 8;
    while (pending_bits >= 5) {
      pending_bits -= 5;
      out[at++] = kCrockfordAlphabet[(pending >> pending_bits) & 31];
    }
  }
  return out;
}

bool IsCrockford(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z' && c != 'I' && c != 'L' && c != 'O' && c != 'U');
}

}  // namespace

void UlidGenerator::DrawRandom() {
  const std::uint64_t high = random_.Next();
  const std::uint64_t low = random_.Next();
  for (std::size_t i = 0; i < 8; ++i) last_random_[i] = static_cast<std::uint8_t>(high >> (8 * i));
  for (std::size_t i = 0; i < 2; ++i) last_random_[8 + i] = static_cast<std::uint8_t>(low >> (8 * i));
}

std::string UlidGenerator::Next(Timestamp now) {
  const auto ms = static_cast<std::uint64_t>(std::clamp(now.ms, std::int64_t{0}, kUlidMsMax));
  if (!started_ || ms > last_ms_) {
    started_ = true;
    last_ms_ = ms;
    DrawRandom();
  } else if (!Increment(last_random_)) {
    ++last_ms_;  // the millisecond's 2^80 ids are used up: borrow from the next one
    DrawRandom();
  }
  return Encode(last_ms_, last_random_);
}

bool IsUlid(std::string_view text) {
  return text.size() == kUlidLength && text[0] <= '7' && std::all_of(text.begin(), text.end(), IsCrockford);
}

}  // namespace outpost
