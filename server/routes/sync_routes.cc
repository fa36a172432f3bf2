#include "server/routes/sync_routes.h"

#include <algorithm>

#include "http/gzip.h"
#include "protocol/pull.h"
#include "protocol/trace_context.h"
#include "server/core/feed.h"
#include "server/routes/call.h"
#include "server/routes/parameters.h"
#include "server/routes/problem_response.h"

namespace outpost::server {
namespace {

// What is said of a batch beside its results: the device it came from, and each command's trace.
struct Pushed {
  std::optional<DeviceId> device;
  std::vector<std::string> trace_ids;
};

Pushed Describe(const Call& call, const Submission& submission) {
  Pushed pushed{submission.request.device ? submission.request.device : submission.caller.device, {}};
  for (const Command& command : submission.request.commands) {
    const std::string_view own = TraceIdOf(command.traceparent);
    pushed.trace_ids.emplace_back(own.empty() ? call.trace_id() : own);
  }
  return pushed;
}

http::Response PushAnswer(const Pushed& pushed, const SubmissionResult& result) {
  if (const auto* problem = std::get_if<Problem>(&result)) return ToResponse(*problem);
  return JsonResponse(ToJson(std::get<PushResponse>(result), pushed.trace_ids));
}

void LogResults(Services& services, const Call& call, const Pushed& pushed, const SubmissionResult& result) {
  const auto* response = std::get_if<PushResponse>(&result);
  if (response == nullptr) return;
  for (std::size_t i = 0; i < response->results.size(); ++i) {
    const CommandResult& command = response->results[i];
    const std::string_view code = command.problem ? Name(command.problem->code) : std::string_view();
    services.log.Command({.command = command.id.value,
                          .status = Name(command.status),
                          .code = code,
                          .request_id = call.request_id,
                          .trace_id = pushed.trace_ids[i],
                          .caller = &call.caller,
                          .device = pushed.device ? &*pushed.device : nullptr},
                         services.clock());
  }
}

void SubmitPush(Services& services, const CallPtr& call) {
  auto request = PushRequestFromText(call->request.body);
  if (const auto* problem = std::get_if<Problem>(&request)) {
    call->Answer(ToResponse(*problem));
    return;
  }
  Submission submission{call->caller, std::get<PushRequest>(std::move(request))};
  const std::size_t bytes = call->request.body.size();
  const bool large = submission.request.commands.size() > kAnswerInlineCommandsMax;
  auto pushed = std::make_shared<const Pushed>(Describe(*call, submission));
  const bool taken =
      services.writer.Submit(std::move(submission), bytes, [&services, call, large, pushed](SubmissionResult result) {
        auto answered = std::make_shared<const SubmissionResult>(std::move(result));
        // Not here: this is the committer's thread.
        const auto make = [&services, asked = call.get(), pushed, answered] {
          LogResults(services, *asked, *pushed, *answered);
          return PushAnswer(*pushed, *answered);
        };
        if (large) {
          AnswerOnReader(services, call, [make](Call&) { return make(); });
        } else {
          call->AnswerLater(make);  // the call lives until it is answered
        }
      });
  if (!taken) call->Answer(ProblemResponse(ProblemCode::kUnavailable, "too many writes wait, try again"));
}

void HandlePush(Services& services, const CallPtr& call) {
  if (call->request.body.size() <= kParseInlineBytesMax) {
    SubmitPush(services, call);
    return;
  }
  const bool taken =
      services.readers.Post([&services, call] { RunGuarded(services, *call, [&] { SubmitPush(services, call); }); });
  if (!taken) call->Answer(ProblemResponse(ProblemCode::kUnavailable, "too many requests wait, try again"));
}

// One GET /sync/changes, from its parameters to its page; waits and reads again while there is nothing to tell.
struct Pull {
  PullRequest request;
  LongPolls::Deadline deadline;
  bool ndjson = false;
  bool gzip = false;
};

std::variant<Pull, Problem> ReadPull(const Services& services, const Call& call) {
  Pull pull;
  pull.request.known = services.collections;
  auto limit = ReadLimit(call.Query("limit"), kPageLimitDefault);
  if (auto* problem = std::get_if<Problem>(&limit)) return std::move(*problem);
  auto collections = ReadCollections(call.Query("collections"), *services.collections);
  if (auto* problem = std::get_if<Problem>(&collections)) return std::move(*problem);
  auto wait = ReadWait(call.Query("wait"));
  if (auto* problem = std::get_if<Problem>(&wait)) return std::move(*problem);
  auto device = ReadDevice(call.request.headers.Get("Outpost-Device"));
  if (auto* problem = std::get_if<Problem>(&device)) return std::move(*problem);
  if (!call.Query("cursor").empty()) pull.request.cursor = Cursor(std::string(call.Query("cursor")));
  if (!call.Query("join").empty()) pull.request.join = Cursor(std::string(call.Query("join")));
  pull.request.limit = std::get<int>(limit);
  pull.request.collections = std::get<std::vector<CollectionName>>(std::move(collections));
  pull.request.scope = std::string(call.Query("scope"));
  pull.request.device = std::get<std::optional<DeviceRef>>(std::move(device));
  pull.deadline = std::chrono::steady_clock::now() + std::get<std::chrono::milliseconds>(wait);
  pull.ndjson = call.request.headers.Get("Accept").find("application/x-ndjson") != std::string_view::npos;
  pull.gzip = http::AcceptsGzip(call.request.headers.Get("Accept-Encoding"));
  return pull;
}

http::Response PageAnswer(const Pull& pull, const ChangesPage& page) {
  http::Response response = JsonResponse(pull.ndjson ? ToNdjson(page) : ToJson(page));
  if (pull.ndjson) response.content_type = "application/x-ndjson";
  response.headers.Add("Vary", "Accept, Accept-Encoding");
  if (!pull.gzip || response.body.size() < http::kGzipBytesMin) return response;
  if (auto packed = http::Gzip(response.body)) {
    response.body = *std::move(packed);
    response.headers.Add("Content-Encoding", "gzip");
  }
  return response;
}

void RunPull(Services& services, const CallPtr& call, const std::shared_ptr<const Pull>& pull);

void PostPull(Services& services, const CallPtr& call, const std::shared_ptr<const Pull>& pull) {
  const bool taken = services.readers.Post(
      [&services, call, pull] { RunGuarded(services, *call, [&] { RunPull(services, call, pull); }); });
  if (!taken) call->Answer(ProblemResponse(ProblemCode::kUnavailable, "too many reads wait, try again"));
}

void RunPull(Services& services, const CallPtr& call, const std::shared_ptr<const Pull>& pull) {
  const std::uint64_t generation = services.polls.generation();
  const PullResult result = ReadChanges(services.store, call->caller, pull->request);
  if (const auto* problem = std::get_if<Problem>(&result)) {
    call->Answer(ToResponse(*problem));
    return;
  }
  const auto& page = std::get<ChangesPage>(result);
  const bool nothing_new = page.changes.empty() && page.own.empty() && !page.more && pull->request.cursor.has_value();
  const bool may_wait = !services.polls.stopping() && std::chrono::steady_clock::now() < pull->deadline;
  if (nothing_new && may_wait) {
    services.polls.Wait(call->caller.workspace, generation, pull->deadline,
                        [&services, call, pull] { PostPull(services, call, pull); });
    return;
  }
  call->Answer(PageAnswer(*pull, page));
}

void HandlePull(Services& services, const CallPtr& call) {
  auto pull = ReadPull(services, *call);
  if (const auto* problem = std::get_if<Problem>(&pull)) {
    call->Answer(ToResponse(*problem));
    return;
  }
  PostPull(services, call, std::make_shared<const Pull>(std::get<Pull>(std::move(pull))));
}

// What the server knows of a device in its newest incarnation; null when it never heard of it.
json::value DeviceStatusJson(const std::vector<DeviceStatus>& devices, std::string_view id) {
  const DeviceStatus* newest = nullptr;
  for (const DeviceStatus& device : devices) {
    if (device.device.value == id && (newest == nullptr || newest->last_seen < device.last_seen)) newest = &device;
  }
  if (newest == nullptr) return nullptr;
  json::object out{
      {"id", newest->device.value},          {"incarnation", newest->incarnation.value}, {"lastCommandId", nullptr},
      {"highestN", newest->highest_n.value}, {"acknowledged", newest->acknowledged},     {"refused", newest->refused}};
  if (newest->last_command) out["lastCommandId"] = newest->last_command->value;
  return out;
}

http::Response StatusAnswer(Services& services, const Call& call) {
  auto head = HeadCursor(services.store, call.caller, PullRequest{});
  if (!head.ok()) return ToResponse(StoreProblem(head.error()));
  json::object out{{"epoch", services.store.epoch().value},
                   {"head", head.value().value},
                   {"serverTime", ToRfc3339(services.clock())}};
  if (const std::string_view id = call.Query("deviceId"); !id.empty()) {
    auto read = services.store.BeginRead();
    if (!read.ok()) return ToResponse(StoreProblem(read.error()));
    const auto devices = read.value()->Devices(call.caller.workspace);
    if (!devices.ok()) return ToResponse(StoreProblem(devices.error()));
    out["device"] = DeviceStatusJson(devices.value(), id);
  }
  return JsonResponse(ToJson(json::value(std::move(out))));
}

}  // namespace

std::vector<Route> SyncRoutes(Services& services) {
  Route push;
  push.method = "POST";
  push.pattern = "/sync/commands";
  push.summary = "A batch of commands in, a result per command out, sent after the commit";
  push.handle = [&services](const CallPtr& call) { HandlePush(services, call); };
  push.body_bytes_max = kBatchBytesMax;
  push.writes = true;
  Route pull;
  pull.method = "GET";
  pull.pattern = "/sync/changes";
  pull.summary = "A page of documents that changed since the cursor";
  pull.query = {"cursor", "limit", "collections", "scope", "join", "wait"};
  pull.handle = [&services](const CallPtr& call) { HandlePull(services, call); };
  Route status;
  status.method = "GET";
  status.pattern = "/sync/status";
  status.summary = "The server's head and what it knows of a device";
  status.query = {"deviceId"};
  status.handle = [&services](const CallPtr& call) {
    AnswerOnReader(services, call, [&services](Call& asked) { return StatusAnswer(services, asked); });
  };
  return {std::move(push), std::move(pull), std::move(status)};
}

}  // namespace outpost::server
