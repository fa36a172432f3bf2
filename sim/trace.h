// What a run did, line by line: the last lines for a person, a hash over all of them for the machine. Two runs of one
// seed give the same hash, or something in the product asked a clock, an address or an unordered container.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "base/time.h"

namespace outpost::sim {

class Trace {
 public:
  using Echo = std::function<void(const std::string& line)>;

  // keep: how many of the last lines are held. echo: hears each line as it happens.
  explicit Trace(std::size_t keep, Echo echo = {}) : keep_(keep), echo_(std::move(echo)) {}

  void Line(Milliseconds elapsed, std::string_view who, std::string_view what);

  const std::deque<std::string>& lines() const { return lines_; }
  std::uint64_t hash() const { return hash_; }
  std::uint64_t count() const { return count_; }

 private:
  std::size_t keep_;
  Echo echo_;
  std::uint64_t hash_ = 14695981039346656037ull;  // FNV-1a
  std::uint64_t count_ = 0;
  std::deque<std::string> lines_;
};

}  // namespace outpost::sim
