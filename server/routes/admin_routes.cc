#include "server/routes/admin_routes.h"

#include "server/routes/call.h"
#include "server/routes/problem_response.h"

namespace outpost::server {
namespace {

using Answer = http::Response (*)(Services&, Call&);

json::value TextOrNull(const std::string& text) { return text.empty() ? json::value() : json::value(text); }

// How far the device's clock is ahead of ours when it last reported; null when it told no readable time.
json::value ClockSkew(const DeviceStatus& device) {
  const auto clock = ParseRfc3339(device.report.clock);
  return clock.ok() ? json::value((clock.value() - device.last_seen).count()) : json::value();
}

json::object DeviceJson(const DeviceStatus& device) {
  return {{"id", device.device.value},
          {"incarnation", device.incarnation.value},
          {"lastCommandId", device.last_command ? json::value(device.last_command->value) : json::value()},
          {"highestN", device.highest_n.value},
          {"acknowledged", device.acknowledged},
          {"refused", device.refused},
          {"lastSeen", ToRfc3339(device.last_seen)},
          {"waiting", device.report.waiting},
          {"oldestCreatedAt", TextOrNull(device.report.oldest_created_at)},
          {"quarantined", device.report.quarantined},
          {"clockSkewMs", ClockSkew(device)},
          {"release", TextOrNull(device.report.release)}};
}

http::Response Devices(Services& services, Call& call) {
  auto read = services.store.BeginRead();
  if (!read.ok()) return ToResponse(StoreProblem(read.error()));
  const auto devices = read.value()->Devices(call.caller.workspace);
  if (!devices.ok()) return ToResponse(StoreProblem(devices.error()));
  json::array items;
  for (const DeviceStatus& device : devices.value()) items.push_back(DeviceJson(device));
  return JsonResponse(ToJson(json::value{{"items", std::move(items)}, {"cursor", nullptr}, {"more", false}}));
}

json::value TimeOrNull(const std::optional<Timestamp>& time) {
  return time ? json::value(ToRfc3339(*time)) : json::value();
}

json::object JobJson(const Services& services, const JobRecord& job) {
  return {{"name", job.name},
          {"running", services.housekeeping().IsRunning(job)},
          {"lastStartedAt", TimeOrNull(job.started)},
          {"lastFinishedAt", TimeOrNull(job.finished)},
          {"lastResult", TextOrNull(job.result)},
          {"steps", job.steps},
          {"runs", job.runs},
          {"nextRunAt", ToRfc3339(job.next)}};
}

http::Response Jobs(Services& services, Call&) {
  json::array items;
  for (const JobRecord& job : services.housekeeping().jobs()) items.push_back(JobJson(services, job));
  return JsonResponse(ToJson(json::value{{"items", std::move(items)}, {"cursor", nullptr}, {"more", false}}));
}

http::Response RunJob(Services& services, Call& call) {
  const Status begun = services.housekeeping().RunNow(call.Parameter("job"));
  if (!begun.ok() && begun.error().code == ErrorCode::kNotFound) {
    return ProblemResponse(ProblemCode::kNotFound, begun.error().message);
  }
  // One that is running is being run: asking twice is asking once.
  for (const JobRecord& job : services.housekeeping().jobs()) {
    if (job.name == call.Parameter("job")) return JsonResponse(ToJson(JobJson(services, job)));
  }
  return ProblemResponse(ProblemCode::kNotFound, "there is no such job");
}

Route Admin(Services& services, std::string method, std::string pattern, std::string summary, Answer answer) {
  Route route;
  route.method = std::move(method);
  route.pattern = std::move(pattern);
  route.summary = std::move(summary);
  route.entrance = Entrance::kAdmin;
  route.handle = [&services, answer](const CallPtr& call) {
    AnswerOnReader(services, call, [&services, answer](Call& asked) { return answer(services, asked); });
  };
  return route;
}

}  // namespace

std::vector<Route> AdminRoutes(Services& services) {
  std::vector<Route> routes;
  routes.push_back(
      Admin(services, "GET", "/admin/devices", "The fleet: queues, ages, quarantines, clock skew", Devices));
  routes.push_back(Admin(services, "GET", "/admin/jobs", "The server's jobs: last run, result, next run", Jobs));
  routes.push_back(Admin(services, "POST", "/admin/jobs/{job}/run", "Run a job now", RunJob));
  return routes;
}

}  // namespace outpost::server
