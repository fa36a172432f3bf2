// What a server is told at its start, all of it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "http/listener.h"
#include "server/core/command_service.h"
#include "server/routes/housekeeping.h"
#include "server/routes/http_policy.h"
#include "server/routes/web_files.h"

namespace outpost::server {

struct ServerSettings {
  http::Address listen;
  http::Limits limits;
  std::size_t queue_bytes_max = 64u << 20;
  ServiceSettings service;
  HttpPolicy policy;
  std::optional<http::TlsFiles> tls;
  bool demo = false;                     // start page, status page, demo tokens, a seeded menu: loopback only
  std::shared_ptr<const WebFiles> apps;  // what is served under /apps/; may be null
  std::string secret;
  std::uint64_t random_seed = 0;
  Retention retention;
  std::function<std::uint64_t()> log_bytes;  // size of the store's write-ahead log, for metrics; may be empty
  // Further stores of the same database that write beside the first, each with a thread of its own.
  std::vector<Store*> more_writers;
  std::function<void(const WorkspaceId&)> on_commit;  // for other servers on the database; may be empty
  std::function<void()> tick;                         // what the store wants done fifty times a second; may be empty
};

}  // namespace outpost::server
