// What really happened: one count per fault, verdict and outcome. A fault that no seed ever met proves nothing, so a
// range run ends with this table.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace outpost::sim {

class Counters {
 public:
  void Add(std::string_view name, std::uint64_t count = 1) {
    const auto found = counts_.find(name);
    if (found != counts_.end()) {
      found->second += count;
    } else {
      counts_.emplace(name, count);
    }
  }
  void Merge(const Counters& other) {
    for (const auto& [name, count] : other.counts_) Add(name, count);
  }
  std::uint64_t of(std::string_view name) const {
    const auto found = counts_.find(name);
    return found == counts_.end() ? 0 : found->second;
  }
  const std::map<std::string, std::uint64_t, std::less<>>& all() const { return counts_; }

 private:
  std::map<std::string, std::uint64_t, std::less<>> counts_;
};

}  // namespace outpost::sim
