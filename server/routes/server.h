// The running server: the application behind a listener. The composition root (cli/serve) owns the store; everything
// else is in here.
#pragma once

#include <memory>

#include "server/core/store.h"
#include "server/routes/access_log.h"
#include "server/routes/clock.h"
#include "server/routes/server_settings.h"

namespace outpost::server {

class Server {
 public:
  // Seeds the demo when asked, then listens. `store` and `log` outlive the server.
  static Result<std::unique_ptr<Server>> Start(Store& store, ServerSettings settings, Clock clock, Log& log);
  ~Server();

  const http::Address& address() const;
  // Another server on the same database committed there, or may have: whoever waits looks.
  void Changed(const WorkspaceId& workspace);
  // Where somebody waits for changes.
  std::vector<WorkspaceId> Watched() const;
  // The TLS certificate's files as they are now; on an error the old one stays.
  Status RereadCertificates();
  // Answers what was accepted, then closes. Idempotent.
  void Stop();

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace outpost::server
