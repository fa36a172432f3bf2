#include "server/routes/application.h"

#include "server/routes/admin_routes.h"
#include "server/routes/api.h"
#include "server/routes/app_routes.h"
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

struct Application::Parts {
  Parts(Store& store, ServerSettings settings, Clock clock, Log& log, std::function<std::size_t()> connections)
      : tokens(std::move(settings.secret)),
        ids(settings.random_seed, clock),
        live(store, clock),
        writer(AllWriters(store, settings.more_writers), settings.service, clock, settings.queue_bytes_max,
               [this, announce = settings.on_commit](const Touched& touched) {
                 polls.Notify(touched.workspace);
                 live.Notify(touched);
                 if (announce) announce(touched.workspace);
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
                 std::move(connections),
                 settings.service.collections,
                 settings.policy,
                 [this]() -> Housekeeping& { return housekeeping; },
                 settings.log_bytes},
        api(services, Routes(settings.demo, settings.apps)),
        housekeeping(store, writer, log, clock, settings.retention, ids.Next(), std::move(settings.tick)) {}

  static std::vector<Store*> AllWriters(Store& first, const std::vector<Store*>& more) {
    std::vector<Store*> all{&first};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  RouteTable Routes(bool demo, const std::shared_ptr<const WebFiles>& apps);

  TokenAuthority tokens;
  IdSource ids;
  Metrics metrics;
  LongPolls polls;
  LiveHub live;
  ReaderPool readers;
  Writers writer;
  Services services;
  Api api;
  Housekeeping housekeeping;
};

RouteTable Application::Parts::Routes(bool demo, const std::shared_ptr<const WebFiles>& apps) {
  RouteTable table;
  table.Add(SyncRoutes(services));
  table.Add(LiveRoutes(services));
  table.Add(CommandRoutes(services));
  table.Add(BusinessRoutes(services));
  table.Add(CollectionRoutes(services));
  table.Add(AdminRoutes(services));
  table.Add(SystemRoutes(services));
  if (apps != nullptr) table.Add(AppRoutes(apps));
  if (demo) table.Add(DemoRoutes(services, apps));
  const auto document = std::make_shared<std::string>();  // filled when the table is complete: its own row is in it
  table.Add(DocumentRoute("/openapi.json", "This document", "application/json", document));
  *document = OpenApiDocument(table.routes());
  return table;
}

Application::Application(Store& store, ServerSettings settings, Clock clock, Log& log,
                         std::function<std::size_t()> connections)
    : parts_(std::make_unique<Parts>(store, std::move(settings), std::move(clock), log, std::move(connections))) {}

Application::~Application() {
  EndWaiting();
  FinishWork();
}

http::Handler& Application::handler() { return parts_->api; }
Status Application::SeedDemo() { return server::SeedDemo(parts_->services); }

void Application::Changed(const WorkspaceId& workspace) {
  parts_->polls.Notify(workspace);
  parts_->live.Notify(workspace);
}

std::vector<WorkspaceId> Application::Watched() const {
  std::vector<WorkspaceId> watched = parts_->live.watched();
  for (WorkspaceId& workspace : parts_->polls.watched()) watched.push_back(std::move(workspace));
  return watched;
}

void Application::EndWaiting() {
  parts_->housekeeping.Stop();
  parts_->polls.Stop();
  parts_->live.Stop();
}

void Application::FinishWork() {
  parts_->writer.Stop();
  parts_->readers.Stop();
}

}  // namespace outpost::server
