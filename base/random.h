// Random numbers as an input (law 9): the composition root seeds one generator and hands it down; the simulator seeds
// it with its own number. xoshiro256** (Blackman, Vigna). Not for secrets.
#pragma once

#include <array>
#include <cstdint>

namespace outpost {

class Random {
 public:
  explicit Random(std::uint64_t seed);

  std::uint64_t Next();
  // Uniform in [0, bound). bound > 0.
  std::uint64_t Below(std::uint64_t bound);
  // Uniform in [0, 1).
  double Fraction();
  bool OneIn(std::uint64_t n) { return Below(n) == 0; }

 private:
  std::array<std::uint64_t, 4> state_;
};

}  // namespace outpost
