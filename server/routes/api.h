// The HTTP face of the server: matches the route table, authenticates, refuses what may not be read, and hands the rest
// to the row's handler. Admission happens on the head alone: a body is only read for a caller with a valid token, a
// known route, a JSON content type and a writer with room.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "http/listener.h"
#include "server/routes/call.h"
#include "server/routes/rate_limiter.h"
#include "server/routes/route_table.h"

namespace outpost::server {

// Verified tokens that are remembered, so that a till's thousandth request costs a look-up instead of a signature.
inline constexpr std::size_t kTokenCacheMax = 1024;

class Api final : public http::Handler {
 public:
  Api(Services& services, RouteTable routes)
      : services_(services),
        routes_(std::move(routes)),
        users_(services.policy.per_user),
        devices_(services.policy.per_device) {}

  http::Admission Admit(http::Request& head) override;
  void Handle(http::Request request, http::Responder responder) override;
  http::Response Reject(http::Rejection rejection, const http::Request& head) override;

 private:
  // What speaks against reading on, if anything.
  std::optional<http::Response> Examine(Call& call, const http::Request& head);
  Status Authenticate(Call& call, const http::Request& head);
  std::optional<http::Response> RefuseByRate(const Call& call, const http::Request& head);
  CallPtr NewCall(const http::Request& head);

  Services& services_;
  RouteTable routes_;
  // I/O thread only.
  std::unordered_map<std::string, Caller> verified_;
  RateLimiter users_;
  RateLimiter devices_;
};

}  // namespace outpost::server
