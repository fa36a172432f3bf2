// What /metrics tells: requests by status class, their latency, the writer's queue and the command service's counters,
// in Prometheus' text format. No workspace, user or path labels: cardinality stays fixed and tenants stay private.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/histogram.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <string>

#include "server/core/command_service.h"

namespace outpost::server {

class Metrics {
 public:
  Metrics();

  // From any thread.
  void Observe(int status, std::chrono::microseconds latency);

  struct Gauges {
    ServiceCounters service;
    std::size_t queue_depth = 0;
    std::size_t connections = 0;
    std::size_t live_streams = 0;
    std::uint64_t live_messages = 0;
    std::uint64_t live_pages = 0;
    std::uint64_t log_bytes = 0;
    std::uint64_t purges = 0;
  };
  std::string Text(const Gauges& gauges) const;

 private:
  std::array<prometheus::Counter, 5> by_class_;  // 1xx … 5xx
  mutable prometheus::Histogram latency_;
};

}  // namespace outpost::server
