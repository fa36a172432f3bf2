#include "server/routes/call.h"

#include <exception>

#include "server/routes/problem_response.h"

namespace outpost::server {
namespace {

std::string_view TraceId(std::string_view traceparent) {
  return traceparent.size() >= 35 ? traceparent.substr(3, 32) : std::string_view();
}

}  // namespace

const std::string& Call::Parameter(std::string_view name) const {
  for (const auto& [key, value] : parameters) {
    if (key == name) return value;
  }
  OUTPOST_ASSERT(false && "the row's pattern has no such parameter");
  return parameters.front().second;
}

std::string_view Call::Query(std::string_view name) const {
  const auto found = request.query.find(name);
  return found == request.query.end() ? std::string_view() : std::string_view(found->second);
}

http::Response Call::Finish(http::Response response) {
  response.headers.Add("X-Request-Id", request_id);
  response.headers.Add("X-Content-Type-Options", "nosniff");
  if (response.headers.Find("Cache-Control") == nullptr) response.headers.Add("Cache-Control", "no-store");
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - start_);
  services_.metrics.Observe(response.status, took);
  AccessEntry entry{
      request.method,       request.path, response.status,      took,           request.body.size(),
      response.body.size(), request_id,   TraceId(traceparent), request.remote, authenticated ? &caller : nullptr};
  services_.log.Access(entry, services_.clock());
  return response;
}

void Call::Answer(http::Response response) {
  AnswerLater([response = std::move(response)]() mutable { return std::move(response); });
}

void Call::AnswerLater(std::function<http::Response()> make) {
  OUTPOST_ASSERT(responder.has_value());
  const http::Responder respond = std::move(*responder);
  responder.reset();
  respond.Later([call = shared_from_this(), make = std::move(make)] { return call->Finish(make()); });
}

void RunGuarded(Services& services, Call& call, const std::function<void()>& run) {
  try {
    run();
  } catch (const std::exception& exception) {
    services.log.Event(LogLevel::kError, "a handler failed", services.clock(), exception.what());
    if (call.responder)
      call.Answer(ProblemResponse(ProblemCode::kInternalError, "the server failed; the request id names the incident"));
  }
}

void AnswerOnReader(Services& services, const CallPtr& call, std::function<http::Response(Call&)> answer) {
  const bool taken = services.readers.Post([&services, call, answer = std::move(answer)] {
    RunGuarded(services, *call, [&] { call->Answer(answer(*call)); });
  });
  if (!taken) call->Answer(ProblemResponse(ProblemCode::kUnavailable, "too many reads wait, try again"));
}

}  // namespace outpost::server
