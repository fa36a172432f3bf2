#include "server/routes/server.h"

#include <atomic>

#include "server/routes/admin_routes.h"
#include "server/routes/api.h"
#include "server/routes/business_routes.h"
#include "server/routes/collection_routes.h"
#include "server/routes/command_routes.h"
#include "server/routes/demo_routes.h"
#include "server/routes/demo_seed.h"
#include "server/routes/live_routes.h"
#include "server/routes/openapi.h"
#include "server/routes/sync_routes.h"
#include "server/routes/system_routes.h"

namespace outpost::server {

struct Server::Impl {
  Impl(Store& store, ServerSettings settings, Clock clock, Log& log)
      : service(store, settings.service),
        tokens(std::move(settings.secret)),
        ids(settings.random_seed, clock),
        live(store, clock),
        writer(service, clock, settings.queue_bytes_max,
               [this](const WorkspaceId& workspace) {
                 polls.Notify(workspace);
                 live.Notify(workspace);
               }),
        services{store,
                 writer,
                 readers,
                 polls,
                 live,
                 metrics,
                 tokens,
                 ids,
                 log,
                 clock,
                 [this] {
                   const http::Listener* open = listening;
                   return open == nullptr ? 0 : open->connections();
                 },
                 settings.service.collections,
                 settings.policy,
                 [this]() -> Housekeeping& { return housekeeping; },
                 settings.log_bytes},
        api(services, Routes(settings.demo)),
        housekeeping(store, writer, log, clock, settings.retention, std::move(settings.tick)) {}

  ~Impl() { Stop(); }

  RouteTable Routes(bool demo);
  void Stop();

  CommandService service;
  TokenAuthority tokens;
  IdSource ids;
  Metrics metrics;
  LongPolls polls;
  LiveHub live;
  ReaderPool readers;
  GroupCommitter writer;
  Services services;
  Api api;
  Housekeeping housekeeping;
  std::unique_ptr<http::Listener> listener;
  std::atomic<const http::Listener*> listening{nullptr};  // the same, for threads that may ask while it starts
};

RouteTable Server::Impl::Routes(bool demo) {
  RouteTable table;
  table.Add(SyncRoutes(services));
  table.Add(LiveRoutes(services));
  table.Add(CommandRoutes(services));
  table.Add(BusinessRoutes(services));
  table.Add(CollectionRoutes(services));
  table.Add(AdminRoutes(services));
  table.Add(SystemRoutes(services));
  if (demo) table.Add(DemoRoutes(services));
  const auto document = std::make_shared<std::string>();  // filled when the table is complete: its own row is in it
  table.Add(DocumentRoute("/openapi.json", "This document", "application/json", document));
  *document = OpenApiDocument(table.routes());
  return table;
}

Result<std::unique_ptr<Server>> Server::Start(Store& store, ServerSettings settings, Clock clock, Log& log) {
  const http::Address listen = settings.listen;
  const http::Limits limits = settings.limits;
  const bool demo = settings.demo;
  const std::optional<http::TlsFiles> tls = settings.tls;
  if (demo && !http::IsLoopback(listen)) return Error{ErrorCode::kInvalidArgument, "the demo listens on loopback only"};
  auto impl = std::make_unique<Impl>(store, std::move(settings), std::move(clock), log);
  if (demo) OUTPOST_CHECK(SeedDemo(impl->services));
  OUTPOST_TRY(impl->listener, http::Listener::Start(listen, limits, impl->api, tls));
  impl->listening = impl->listener.get();
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

// Along a request's way: nobody waits any more, nothing new comes in, what was accepted is executed and read.
void Server::Impl::Stop() {
  housekeeping.Stop();
  polls.Stop();
  live.Stop();
  if (listener != nullptr) listener->Stop();
  writer.Stop();
  readers.Stop();
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;
const http::Address& Server::address() const { return impl_->listener->address(); }
void Server::Stop() { impl_->Stop(); }

}  // namespace outpost::server
