#include "server/routes/call.h"

#include <exception>

#include "protocol/trace_context.h"
#include "server/routes/cors.h"
#include "server/routes/problem_response.h"

namespace outpost::server {

std::string_view Call::trace_id() const { return TraceIdOf(traceparent); }

const std::string& Call::Parameter(std::string_view name) const {
  for (const auto& [known, value] : parameters) {
    if (known == name) return value;
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
  if (!traceparent.empty()) response.headers.Add("traceparent", traceparent);
  AddCorsHeaders(services_.policy, origin, response.headers);
  response.headers.Add("X-Content-Type-Options", "nosniff");
  response.headers.Add("Referrer-Policy", "no-referrer");
  if (response.headers.Find("X-Frame-Options") == nullptr) response.headers.Add("X-Frame-Options", "DENY");
  if (response.headers.Find("Content-Security-Policy") == nullptr) {
    response.headers.Add("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  }
  if (services_.policy.tls) response.headers.Add("Strict-Transport-Security", "max-age=31536000");
  if (response.headers.Find("Cache-Control") == nullptr) response.headers.Add("Cache-Control", "no-store");
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - start_);
  services_.metrics.Observe(response.status, took);
  const AccessEntry entry{.method = request.method,
                          .path = request.path,
                          .status = response.status,
                          .took = took,
                          .bytes_in = request.body.size(),
                          .bytes_out = response.body.size(),
                          .request_id = request_id,
                          .trace_id = trace_id(),
                          .remote = request.remote,
                          .caller = authenticated ? &caller : nullptr,
                          .command = command,
                          .key = key};
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
