#include "bench/load/figures.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace outpost::load {

Figures& Figures::Add(std::string_view name, double value) {
  char number[64];
  std::snprintf(number, sizeof number, "%.6g", value);
  text_ += (text_.empty() ? "\"" : ",\"") + std::string(name) + "\":" + number;
  return *this;
}

Figures& Figures::AddLatencies(std::string_view name, std::vector<double> latencies_ms) {
  if (latencies_ms.empty()) return *this;
  std::sort(latencies_ms.begin(), latencies_ms.end());
  const auto at = [&](double share) {
    return latencies_ms[static_cast<std::size_t>(share * static_cast<double>(latencies_ms.size() - 1))];
  };
  const std::string prefix(name);
  Add(prefix + "_p50_ms", at(0.5)).Add(prefix + "_p99_ms", at(0.99));
  return Add(prefix + "_p999_ms", at(0.999)).Add(prefix + "_max_ms", latencies_ms.back());
}

void Figures::Print() const { std::printf("{%s}\n", text_.c_str()); }

std::int64_t ResidentBytes(int pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("VmRSS:", 0) == 0) return std::atoll(line.c_str() + 6) * 1024;
  }
  return 0;
}

void Fail(const std::string& what) {
  std::fprintf(stderr, "load: %s\n", what.c_str());
  std::exit(1);
}

}  // namespace outpost::load
