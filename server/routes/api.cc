#include "server/routes/api.h"

#include <algorithm>

#include "http/list_header.h"
#include "protocol/trace_context.h"
#include "server/routes/cors.h"
#include "server/routes/parameters.h"
#include "server/routes/problem_response.h"

namespace outpost::server {
namespace {

constexpr std::size_t kRequestIdMax = 128;

// application/json, with or without parameters.
bool IsJson(std::string_view content_type) {
  std::string_view type = content_type.substr(0, content_type.find(';'));
  while (!type.empty() && type.back() == ' ') type.remove_suffix(1);
  return http::EqualsIgnoreCase(type, "application/json");
}

std::string_view BearerToken(std::string_view authorization) {
  constexpr std::string_view kScheme = "Bearer ";
  if (authorization.size() <= kScheme.size() ||
      !http::EqualsIgnoreCase(authorization.substr(0, kScheme.size()), kScheme))
    return {};
  return authorization.substr(kScheme.size());
}

std::string MethodList(const std::vector<std::string>& methods) {
  std::string allow;
  for (const std::string& method : methods) {
    if (allow.find(method) != std::string::npos) continue;
    allow += (allow.empty() ? "" : ", ") + method + (method == "GET" ? ", HEAD" : "");
  }
  return allow;
}

http::Response MethodNotAllowed(const std::vector<std::string>& methods) {
  http::Response response = ProblemResponse(ProblemCode::kMethodNotAllowed, "this path does not take that method");
  response.headers.Add("Allow", MethodList(methods));
  return response;
}

// A browser's WebSocket cannot send an Authorization header: it names the token as a subprotocol.
std::string_view TokenOfSubprotocol(std::string_view offered) {
  constexpr std::string_view kPrefix = "bearer.";
  for (const std::string_view one : http::ListEntries(offered)) {
    if (one.substr(0, kPrefix.size()) == kPrefix) return one.substr(kPrefix.size());
  }
  return {};
}

Problem RejectionProblem(http::Rejection rejection) {
  switch (rejection) {
    case http::Rejection::kMalformed:
      return MakeProblem(ProblemCode::kInvalidParameter, "the request is malformed");
    case http::Rejection::kHeaderTooLarge:
      return MakeProblem(ProblemCode::kInvalidParameter, "the request's headers are too large");
    case http::Rejection::kBodyTooLarge:
      return MakeProblem(ProblemCode::kBodyTooLarge, "the body is larger than this route takes");
    case http::Rejection::kExpectationFailed:
      return MakeProblem(ProblemCode::kInvalidParameter, "unknown expectation");
    case http::Rejection::kOverloaded:
      return MakeProblem(ProblemCode::kUnavailable, "too many requests are being read, try again");
    case http::Rejection::kInternal:
      break;
  }
  return MakeProblem(ProblemCode::kInternalError, "the server failed; the request id names the incident");
}

}  // namespace

CallPtr Api::NewCall(const http::Request& head) {
  auto call = std::make_shared<Call>(services_);
  const std::string_view id = head.headers.Get("X-Request-Id");
  call->request_id = IsValidId(id) && id.size() <= kRequestIdMax ? std::string(id) : services_.ids.Next();
  const std::string_view trace = head.headers.Get("traceparent");
  if (IsTraceparent(trace)) call->traceparent = std::string(trace);
  call->origin = std::string(head.headers.Get("Origin"));
  return call;
}

http::Admission Api::Admit(http::Request& head) {
  const CallPtr call = NewCall(head);
  head.request_id = call->request_id;
  http::Admission admission;
  admission.refusal = Examine(*call, head);
  if (call->route != nullptr) admission.body_bytes_max = call->route->body_bytes_max;
  if (admission.refusal) {
    call->request.method = head.method;
    call->request.path = head.path;
    call->request.remote = head.remote;
    admission.refusal = call->Finish(std::move(*admission.refusal));
  } else {
    head.context = call;
  }
  return admission;
}

std::optional<http::Response> Api::Examine(Call& call, const http::Request& head) {
  Match match = routes_.Find(head.method, head.path);
  if (match.route == nullptr) {
    if (!match.allowed.empty()) {
      if (auto preflight = PreflightAnswer(services_.policy, head, MethodList(match.allowed))) return preflight;
      return MethodNotAllowed(match.allowed);
    }
    return ProblemResponse(ProblemCode::kNotFound, "there is nothing at this path");
  }
  call.route = match.route;
  call.parameters = std::move(match.parameters);
  if (call.route->entrance != Entrance::kOpen) {
    if (const Status status = Authenticate(call, head); !status.ok()) {
      return ProblemResponse(ProblemCode::kUnauthenticated, status.error().message);
    }
    const auto& roles = call.caller.roles;
    if (call.route->entrance == Entrance::kAdmin && std::find(roles.begin(), roles.end(), "admin") == roles.end()) {
      return ProblemResponse(ProblemCode::kForbidden, "only admins may do this");
    }
    if (auto refusal = RefuseByRate(call, head)) return refusal;
  }
  if (head.has_body && (!IsJson(head.headers.Get("Content-Type")) || !head.headers.Get("Content-Encoding").empty())) {
    return ProblemResponse(ProblemCode::kUnsupportedMediaType, "a body must be application/json, not encoded");
  }
  if (call.route->writes && !services_.writer.HasRoom()) {
    return ProblemResponse(ProblemCode::kUnavailable, "too many writes wait, try again");
  }
  return std::nullopt;
}

Status Api::Authenticate(Call& call, const http::Request& head) {
  std::string_view token = BearerToken(head.headers.Get("Authorization"));
  if (token.empty() && call.route->streams) token = TokenOfSubprotocol(head.headers.Get("Sec-WebSocket-Protocol"));
  if (token.empty()) return Error{ErrorCode::kRefused, "this needs an Authorization header with a bearer token"};
  const Timestamp now = services_.clock();
  std::string text(token);
  if (const auto known = verified_.find(text);
      known != verified_.end() && known->second.expires + kExpiryLeeway >= now) {
    call.caller = known->second;
  } else {
    OUTPOST_TRY(call.caller, services_.tokens.Verify(token, now));
    if (verified_.size() >= kTokenCacheMax) verified_.clear();
    verified_.insert_or_assign(std::move(text), call.caller);
  }
  call.authenticated = true;
  return {};
}

std::optional<http::Response> Api::RefuseByRate(const Call& call, const http::Request& head) {
  const Caller& caller = call.caller;
  const Timestamp now = services_.clock();
  Milliseconds wait = users_.Take(caller.workspace.value + '\n' + caller.user.value, now);
  const auto named = ReadDevice(head.headers.Get("Outpost-Device"));
  std::optional<DeviceId> device = caller.device;
  if (const auto* ref = std::get_if<std::optional<DeviceRef>>(&named); !device && ref != nullptr && *ref) {
    device = (*ref)->device;
  }
  if (device) wait = std::max(wait, devices_.Take(caller.workspace.value + '\n' + device->value, now));
  if (wait.count() == 0) return std::nullopt;
  http::Response response = ProblemResponse(ProblemCode::kRateLimited, "too many requests, wait a little");
  response.headers.Set("Retry-After", std::to_string((wait.count() + 999) / 1000));
  return response;
}

void Api::Handle(http::Request request, http::Responder responder) {
  const CallPtr call = std::static_pointer_cast<Call>(std::move(request.context));
  request.context.reset();
  call->request = std::move(request);
  call->responder = std::move(responder);
  RunGuarded(services_, *call, [&] { call->route->handle(call); });
}

http::Response Api::Reject(http::Rejection rejection, const http::Request& head) {
  CallPtr call = std::static_pointer_cast<Call>(head.context);
  if (call == nullptr) call = NewCall(head);
  call->request.method = head.method;
  call->request.path = head.path;
  call->request.remote = head.remote;
  const bool too_large = rejection == http::Rejection::kHeaderTooLarge;
  return call->Finish(ToResponse(RejectionProblem(rejection), too_large ? std::optional<int>(431) : std::nullopt));
}

}  // namespace outpost::server
