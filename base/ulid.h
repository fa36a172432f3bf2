// ULIDs: 26 characters of Crockford base 32, 48 bits of milliseconds then 80 bits of randomness; they sort by time, so
// keys made in order land side by side in an index. Generated strictly increasing within one generator, also when the
// clock goes backwards (https://github.com/ulid/spec, monotonic form).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/time.h"

namespace outpost {

inline constexpr std::size_t kUlidLength = 26;
inline constexpr std::string_view kCrockfordAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

class UlidGenerator {
 public:
  explicit UlidGenerator(Random& random) : random_(random) {}

  std::string Next(Timestamp now);

 private:
  void DrawRandom();

  Random& random_;
  bool started_ = false;  // the first id draws its randomness even at a clock that says 1970
  std::uint64_t last_ms_ = 0;
  std::array<std::uint8_t, 10> last_random_{};
};

// 26 characters of the alphabet, upper case, first one 0–7.
bool IsUlid(std::string_view text);

}  // namespace outpost
