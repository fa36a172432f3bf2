// One JSON line per workload, in the form the peers are measured in:
// {"peer","version","workload","n","seconds","per_s","p50_ms","p99_ms","rss_mb","notes"}.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace outpost::bench {

struct Measurement {
  std::string peer;  // "outpost" or "limit"
  std::string workload;
  std::int64_t n = 0;
  double seconds = 0;
  std::vector<double> latencies_ms;  // empty: not taken
  std::string notes;
};

class Stopwatch {
 public:
  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

void Report(const Measurement& measurement);
// The run in the middle, so that one hiccup of the machine decides nothing.
Measurement Median(std::vector<Measurement> runs);

}  // namespace outpost::bench
