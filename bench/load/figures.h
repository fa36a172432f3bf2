// What a load generator measures, and the JSON line it prints it as.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace outpost::load {

using Clock = std::chrono::steady_clock;

inline double MillisecondsSince(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}
inline double SecondsSince(Clock::time_point start) { return MillisecondsSince(start) / 1000; }

class Figures {
 public:
  Figures& Add(std::string_view name, double value);
  // p50, p99, p999 and max under that name.
  Figures& AddLatencies(std::string_view name, std::vector<double> latencies_ms);
  void Print() const;

 private:
  std::string text_;
};

// Resident memory of a process in bytes; 0 when there is none.
std::int64_t ResidentBytes(int pid);

[[noreturn]] void Fail(const std::string& what);

}  // namespace outpost::load
