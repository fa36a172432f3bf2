#include "server/routes/metrics.h"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace outpost::server {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

MetricFamily Family(std::string name, std::string help, MetricType type) {
  MetricFamily family;
  family.name = std::move(name);
  family.help = std::move(help);
  family.type = type;
  return family;
}

MetricFamily Gauge(std::string name, std::string help, std::size_t value) {
  MetricFamily family = Family(std::move(name), std::move(help), MetricType::Gauge);
  ClientMetric metric;
  metric.gauge.value = static_cast<double>(value);
  family.metric.push_back(metric);
  return family;
}

ClientMetric Labelled(const char* label, std::string value, double count) {
  ClientMetric metric;
  metric.label.push_back({label, std::move(value)});
  metric.counter.value = count;
  return metric;
}

MetricFamily Commands(const ServiceCounters& counters) {
  MetricFamily family =
      Family("outpost_commands_total", "Commands executed, by what came of them.", MetricType::Counter);
  const std::pair<const char*, std::uint64_t> outcomes[] = {{"succeeded", counters.succeeded},
                                                            {"refused", counters.refused},
                                                            {"replayed", counters.replayed},
                                                            {"blocked", counters.blocked},
                                                            {"retry", counters.retried}};
  for (const auto& [name, count] : outcomes)
    family.metric.push_back(Labelled("outcome", name, static_cast<double>(count)));
  return family;
}

MetricFamily Count(std::string name, std::string help, std::uint64_t value) {
  MetricFamily family = Family(std::move(name), std::move(help), MetricType::Counter);
  ClientMetric metric;
  metric.counter.value = static_cast<double>(value);
  family.metric.push_back(metric);
  return family;
}

}  // namespace

Metrics::Metrics() : latency_({0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30}) {}

void Metrics::Observe(int status, std::chrono::microseconds latency) {
  by_class_[static_cast<std::size_t>(std::clamp(status / 100, 1, 5) - 1)].Increment();
  latency_.Observe(static_cast<double>(latency.count()) / 1e6);
}

std::string Metrics::Text(const Gauges& gauges) const {
  std::vector<MetricFamily> families;
  MetricFamily requests =
      Family("outpost_http_requests_total", "Requests answered, by class of status.", MetricType::Counter);
  for (std::size_t i = 0; i < by_class_.size(); ++i) {
    requests.metric.push_back(Labelled("status", std::to_string(i + 1) + "xx", by_class_[i].Value()));
  }
  MetricFamily latency = Family("outpost_http_request_seconds", "Time from head to answer.", MetricType::Histogram);
  latency.metric.push_back(latency_.Collect());
  families.push_back(std::move(requests));
  families.push_back(std::move(latency));
  families.push_back(Commands(gauges.service));
  families.push_back(
      Count("outpost_command_groups_total", "Transactions that carried commands.", gauges.service.groups));
  families.push_back(
      Count("outpost_command_group_failures_total", "Groups whose commit failed.", gauges.service.group_failures));
  families.push_back(Gauge("outpost_write_queue_depth", "Submissions that wait for the writer.", gauges.queue_depth));
  families.push_back(Gauge("outpost_http_connections", "Open connections.", gauges.connections));
  families.push_back(Gauge("outpost_live_streams", "Open streams of changes.", gauges.live_streams));
  families.push_back(Count("outpost_live_messages_total", "Messages sent on streams.", gauges.live_messages));
  families.push_back(Count("outpost_live_pages_total", "Pages read for streams.", gauges.live_pages));
  families.push_back(Gauge("outpost_store_log_bytes", "Size of the store's write-ahead log.", gauges.log_bytes));
  families.push_back(Count("outpost_purges_total", "Runs of the purge.", gauges.purges));
  families.push_back(Gauge("outpost_command_group_size", "Commands per transaction, on average since the start.",
                           gauges.service.groups == 0 ? 0 : gauges.service.commands / gauges.service.groups));
  families.push_back(
      Count("outpost_key_hits_total", "Commands answered from their idempotency key.", gauges.service.replayed));
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace outpost::server
