// The running server: puts store, command service, writer, readers, routes and listener together and takes them apart
// in the order that loses nothing. The composition root (cli/serve) owns the store; everything else is in here.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "http/listener.h"
#include "server/core/command_service.h"
#include "server/core/store.h"
#include "server/routes/access_log.h"
#include "server/routes/clock.h"
#include "server/routes/housekeeping.h"
#include "server/routes/http_policy.h"

namespace outpost::server {

struct ServerSettings {
  http::Address listen;
  http::Limits limits;
  std::size_t queue_bytes_max = 64u << 20;
  ServiceSettings service;
  HttpPolicy policy;
  std::optional<http::TlsFiles> tls;
  bool demo = false;  // status page, demo tokens, a seeded menu: loopback only
  std::string secret;
  std::uint64_t random_seed = 0;
  Retention retention;
  std::function<std::uint64_t()> log_bytes;  // size of the store's write-ahead log, for metrics; may be empty
  std::function<void()> tick;                // what the store wants done several times a second; may be empty
};

class Server {
 public:
  // Seeds the demo when asked, then listens. `store` and `log` outlive the server.
  static Result<std::unique_ptr<Server>> Start(Store& store, ServerSettings settings, Clock clock, Log& log);
  ~Server();

  const http::Address& address() const;
  // Answers what was accepted, then closes. Idempotent.
  void Stop();

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace outpost::server
