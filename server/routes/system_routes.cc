#include "server/routes/system_routes.h"

#include "server/routes/call.h"
#include "server/routes/problem_response.h"

namespace outpost::server {
namespace {

Route Open(std::string pattern, std::string summary, std::function<void(const CallPtr&)> handle) {
  Route route;
  route.method = "GET";
  route.pattern = std::move(pattern);
  route.entrance = Entrance::kOpen;
  route.summary = std::move(summary);
  route.handle = std::move(handle);
  return route;
}

// Ready: the store can be read and the writer takes more.
http::Response Readiness(Services& services) {
  if (const Status ready = services.writer.Ready(); !ready.ok()) return ToResponse(StoreProblem(ready.error()));
  const auto read = services.store.BeginRead();
  if (!read.ok()) return ToResponse(StoreProblem(read.error()));
  if (!services.writer.HasRoom()) return ProblemResponse(ProblemCode::kUnavailable, "too many writes wait");
  if (services.polls.stopping()) return ProblemResponse(ProblemCode::kUnavailable, "the server is stopping");
  return JsonResponse(R"({"status":"ready"})");
}

http::Response MetricsAnswer(Services& services) {
  Metrics::Gauges gauges{services.writer.counters(), services.writer.depth(), services.connections()};
  gauges.live_streams = services.live.size();
  gauges.live_messages = services.live.counters().messages;
  gauges.live_pages = services.live.counters().pages_read;
  gauges.log_bytes = services.log_bytes ? services.log_bytes() : 0;
  for (const JobRecord& job : services.housekeeping().jobs()) gauges.purges += static_cast<std::uint64_t>(job.runs);
  http::Response response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.body = services.metrics.Text(gauges);
  return response;
}

}  // namespace

Route DocumentRoute(std::string pattern, std::string summary, std::string content_type,
                    std::shared_ptr<const std::string> body) {
  return Open(std::move(pattern), std::move(summary),
              [type = std::move(content_type), text = std::move(body)](const CallPtr& call) {
                http::Response response;
                response.content_type = type;
                response.body = *text;
                call->Answer(std::move(response));
              });
}

std::vector<Route> SystemRoutes(Services& services) {
  std::vector<Route> routes;
  routes.push_back(Open("/healthz", "The process answers",
                        [](const CallPtr& call) { call->Answer(JsonResponse(R"({"status":"ok"})")); }));
  routes.push_back(Open("/readyz", "The server can take reads and writes", [&services](const CallPtr& call) {
    AnswerOnReader(services, call, [&services](Call&) { return Readiness(services); });
  }));
  routes.push_back(Open("/metrics", "Prometheus metrics", [&services](const CallPtr& call) {
    AnswerOnReader(services, call, [&services](Call&) { return MetricsAnswer(services); });
  }));
  return routes;
}

}  // namespace outpost::server
