// The server's configuration file (TOML). Every key is known: a misspelt one is refused and the nearest named, because
// a limit that is silently not set is worse than a server that does not start.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "server/postgres/postgres_store.h"
#include "server/routes/server.h"

namespace outpost::cli {

struct Config {
  std::string listen = "127.0.0.1:8080";
  server::LogLevel log_level = server::LogLevel::kInfo;
  server::ServiceSettings service;
  http::Limits limits;
  std::size_t queue_bytes_max = 64u << 20;
  server::Retention retention;
  server::HttpPolicy policy;
  rules::CollectionCatalog collections;
  std::string secret_file;  // empty: OUTPOST_JWT_SECRET, or the data directory
  std::string web_apps;     // folder of the built web applications; empty: none, or a demo's own
  std::string tls_cert;
  std::string tls_key;
  bool behind_proxy = false;
  std::string postgres_url;  // empty: a data directory is served
  std::string postgres_schema = "outpost";
  server::Durability postgres_durability = server::Durability::kLocal;
  int postgres_writers = 2;
};

// kInvalidArgument names file, line and key.
Result<Config> ReadConfig(const std::string& path);
Result<Config> ParseConfig(std::string_view text, const std::string& name);

// Settings by environment win over the file: limits.idle_time is OUTPOST_LIMITS_IDLE_TIME. `environment` gives a
// variable's value. Collections are declared in the file only.
using LookUp = std::function<std::optional<std::string>(const char* name)>;
Status ApplyEnvironment(Config& config, const LookUp& environment);

// Of variables that begin with OUTPOST_, those that nothing here reads, each with the one it may have meant: a sentence
// each. They are told, not refused: the environment is shared with programs that are not ours to judge.
inline constexpr std::string_view kVariablePrefix = "OUTPOST_";
std::vector<std::string> UnknownVariables(const std::vector<std::string>& names);

// Every setting with its variable, for documentation and tests.
struct SettingName {
  std::string key;
  std::string variable;
};
std::vector<SettingName> AllSettings();

}  // namespace outpost::cli
