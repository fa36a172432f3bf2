// One seed, many independent streams: every purpose draws from its own generator, so that adding a fault or a draw for
// one purpose does not shift what all the others do, and an old failing seed goes on meaning what it meant.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/random.h"

namespace outpost::sim {

inline Random RandomFor(std::uint64_t seed, std::string_view purpose) {
  std::uint64_t hash = 14695981039346656037ull ^ (seed * 0x9E3779B97F4A7C15ull);
  for (const char c : purpose) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ull;
  return Random(hash);
}

inline bool Chance(Random& random, double probability) { return probability > 0 && random.Fraction() < probability; }

// Uniform in [low, high].
inline std::int64_t Between(Random& random, std::int64_t low, std::int64_t high) {
  return low + static_cast<std::int64_t>(random.Below(static_cast<std::uint64_t>(high - low + 1)));
}

}  // namespace outpost::sim
