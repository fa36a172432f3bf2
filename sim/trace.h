// What a run did, line by line: the last lines for a person, a hash over all of them for the machine. Two runs of one
// seed give the same hash, or something in the product asked a clock, an address or an unordered container.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "base/time.h"

namespace outpost::sim {

class Trace {
 public:
  // keep: how many of the last lines are held.
  explicit Trace(std::size_t keep) : keep_(keep) {}

  void Line(Milliseconds elapsed, std::string_view who, std::string_view what);

  const std::deque<std::string>& lines() const { return lines_; }
  std::uint64_t hash() const { return hash_; }
  std::uint64_t count() const { return count_; }

 private:
  std::size_t keep_;
  std::uint64_t hash_ = 14695981039346656037ull;  // FNV-1a
  std::uint64_t count_ = 0;
  std::deque<std::string> lines_;
};

}  // namespace outpost::sim
