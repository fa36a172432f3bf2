// The store that `outpost serve` serves, with all that belongs to it: a data directory and its lock, or a PostgreSQL
// database with its writing connections and the channel to the other servers on it.
#pragma once

#include <memory>
#include <string>

#include "cli/config.h"
#include "server/routes/server.h"

namespace outpost::cli {

class ServingStore {
 public:
  virtual ~ServingStore() = default;

  virtual server::Store& store() = 0;
  // What tokens are signed with.
  virtual Result<std::string> Secret() = 0;
  // What the server is to do for the store, beyond asking it.
  virtual void Prepare(server::ServerSettings& settings) = 0;
  // Between the server's start and its end.
  virtual void Join(server::Server&) {}
  virtual void Leave() {}
};

Result<std::unique_ptr<ServingStore>> OpenDirectory(const std::string& directory, const Config& config);
// `log` hears why the database failed.
Result<std::unique_ptr<ServingStore>> OpenDatabase(const Config& config, server::Log& log);

}  // namespace outpost::cli
