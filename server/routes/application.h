// The server without its sockets: command service, writer, readers, streams and routes over one store, put together in
// the order that loses nothing when it is taken apart. Whoever holds a parsed request hands it to handler(); the
// listener does, and so do fuzzers.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "http/listener.h"
#include "server/core/store.h"
#include "server/routes/access_log.h"
#include "server/routes/clock.h"
#include "server/routes/server_settings.h"

namespace outpost::server {

class Application {
 public:
  // `store` and `log` outlive it. `connections` tells how many are open, for metrics.
  Application(Store& store, ServerSettings settings, Clock clock, Log& log, std::function<std::size_t()> connections);
  ~Application();
  Application(const Application&) = delete;
  Application& operator=(const Application&) = delete;

  http::Handler& handler();
  Status SeedDemo();
  // Another server on the same database committed there, or may have: whoever waits looks.
  void Changed(const WorkspaceId& workspace);
  // Where somebody waits for changes.
  std::vector<WorkspaceId> Watched() const;

  // In this order, what feeds the handler stopping in between: nobody waits any more; what was accepted is executed and
  // read.
  void EndWaiting();
  void FinishWork();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace outpost::server
