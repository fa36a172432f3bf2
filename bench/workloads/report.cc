#include "bench/workloads/report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>

#include "protocol/json.h"

namespace outpost::bench {
namespace {

std::int64_t PeakRssMb() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("VmHWM:", 0) == 0) return std::stoll(line.substr(6)) / 1024;
  }
  return 0;
}

json::value Percentile(std::vector<double> values, double share) {
  if (values.empty()) return nullptr;
  std::sort(values.begin(), values.end());
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size())));
  return std::round(values[std::max<std::size_t>(rank, 1) - 1] * 1000) / 1000;
}

}  // namespace

void Report(const Measurement& m) {
  const json::object line = {{"peer", m.peer},
                             {"version", "1.0.0"},
                             {"workload", m.workload},
                             {"n", m.n},
                             {"seconds", std::round(m.seconds * 1000) / 1000},
                             {"per_s", static_cast<std::int64_t>(static_cast<double>(m.n) / m.seconds)},
                             {"p50_ms", Percentile(m.latencies_ms, 0.5)},
                             {"p99_ms", Percentile(m.latencies_ms, 0.99)},
                             {"rss_mb", PeakRssMb()},
                             {"notes", m.notes}};
  std::printf("%s\n", ToJson(line).c_str());
  std::fflush(stdout);
}

Measurement Median(std::vector<Measurement> runs) {
  std::sort(runs.begin(), runs.end(), [](const auto& a, const auto& b) { return a.seconds < b.seconds; });
  return std::move(runs[runs.size() / 2]);
}

}  // namespace outpost::bench
