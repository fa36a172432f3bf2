// The server's configuration file (TOML). Every key is known: a misspelt one is refused and the nearest named, because
// a limit that is silently not set is worse than a server that does not start.
#pragma once

#include <string>

#include "base/result.h"
#include "server/routes/server.h"

namespace outpost::cli {

struct Config {
  std::string listen = "127.0.0.1:8080";
  server::LogLevel log_level = server::LogLevel::kInfo;
  server::ServiceSettings service;
  http::Limits limits;
  std::size_t queue_bytes_max = 64u << 20;
  server::Retention retention;
};

// kInvalidArgument names file, line and key.
Result<Config> ReadConfig(const std::string& path);
Result<Config> ParseConfig(std::string_view text, const std::string& name);

}  // namespace outpost::cli
