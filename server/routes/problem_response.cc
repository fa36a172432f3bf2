#include "server/routes/problem_response.h"

#include "protocol/json.h"

namespace outpost::server {

Problem MakeProblem(ProblemCode code, std::string detail) {
  Problem problem;
  problem.code = code;
  problem.detail = std::move(detail);
  return problem;
}

http::Response ToResponse(const Problem& problem, std::optional<int> status) {
  http::Response response;
  response.status = status.value_or(HttpStatus(problem.code));
  response.content_type = "application/problem+json";
  response.body = ToJson(json::value(ToProblemDocument(problem, status)));
  if (response.status == 401) response.headers.Add("WWW-Authenticate", "Bearer");
  if (response.status == 429 || response.status == 503)
    response.headers.Add("Retry-After", std::to_string(kRetryAfterSeconds));
  return response;
}

http::Response ProblemResponse(ProblemCode code, std::string detail) {
  return ToResponse(MakeProblem(code, std::move(detail)));
}

Problem StoreProblem(const Error& error) {
  if (error.code == ErrorCode::kCorrupt)
    return MakeProblem(ProblemCode::kInternalError, "the server cannot read its store");
  return MakeProblem(ProblemCode::kUnavailable, "the store is busy, try again");
}

http::Response JsonResponse(std::string body, int status) {
  http::Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

}  // namespace outpost::server
