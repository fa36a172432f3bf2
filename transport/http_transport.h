// Performs the engine's HTTP requests with libcurl, for devices that run natively. Adds the base URL and the bearer
// token; hands every outcome back under the exchange's id, each exactly once unless CancelAll took it away.
//
// Only what came whole is a response: refused, reset, truncated, timed out or oversized is a NetworkFailure. Redirects
// are not followed (a redirect is a captive portal; the engine's error policy says so), proxies are not used for
// loopback, and no protocol but http and https is spoken. The token is asked for at every request and never logged.
//
// No thread of its own: transfers move while Poll runs. One caller at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "engine/sync/exchange.h"

namespace outpost::transport {

inline constexpr std::size_t kResponseBytesMax = 64u << 20;  // after decompression
inline constexpr std::int64_t kConnectTimeoutMs = 10'000;

struct Finished {
  engine::ExchangeId exchange;
  engine::HttpOutcome outcome;
};

class HttpTransport {
 public:
  // Empty: no Authorization header.
  using TokenProvider = std::function<std::string()>;

  // `base_url`: "https://host[:port][/prefix]". kInvalidArgument: no such URL, another scheme, or a URL with user,
  // query or fragment.
  static Result<std::unique_ptr<HttpTransport>> Create(std::string base_url, TokenProvider token);
  ~HttpTransport();

  // Starts the exchange and returns at once. `timeout_ms` bounds the whole of it.
  void Send(engine::ExchangeId exchange, const engine::HttpRequest& request, std::int64_t timeout_ms);

  // Moves transfers on, waiting up to `wait_max` for the first outcome; also waits when nothing is under way.
  std::vector<Finished> Poll(Milliseconds wait_max);

  // Drops everything under way, the connections included. Their outcomes are never reported.
  void CancelAll();

  std::size_t in_flight() const;

 private:
  struct Impl;
  explicit HttpTransport(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace outpost::transport
