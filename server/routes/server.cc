#include "server/routes/server.h"

#include <atomic>

#include "server/routes/application.h"

namespace outpost::server {

struct Server::Impl {
  Impl(Store& store, ServerSettings settings, Clock clock, Log& log)
      : application(store, std::move(settings), std::move(clock), log, [this] {
          const http::Listener* open = listening;
          return open == nullptr ? 0 : open->connections();
        }) {}
  ~Impl() { Stop(); }

  // Along a request's way: nobody waits any more, nothing new comes in, what was accepted is executed and read.
  void Stop() {
    application.EndWaiting();
    if (listener != nullptr) listener->Stop();
    application.FinishWork();
  }

  std::atomic<const http::Listener*> listening{nullptr};  // the listener, for threads that may ask while it starts
  Application application;
  std::unique_ptr<http::Listener> listener;
};

Result<std::unique_ptr<Server>> Server::Start(Store& store, ServerSettings settings, Clock clock, Log& log) {
  const http::Address listen = settings.listen;
  const http::Limits limits = settings.limits;
  const bool demo = settings.demo;
  const std::optional<http::TlsFiles> tls = settings.tls;
  if (demo && !http::IsLoopback(listen)) return Error{ErrorCode::kInvalidArgument, "the demo listens on loopback only"};
  auto impl = std::make_unique<Impl>(store, std::move(settings), std::move(clock), log);
  if (demo) OUTPOST_CHECK(impl->application.SeedDemo());
  OUTPOST_TRY(impl->listener, http::Listener::Start(listen, limits, impl->application.handler(), tls));
  impl->listening = impl->listener.get();
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;
const http::Address& Server::address() const { return impl_->listener->address(); }
void Server::Changed(const WorkspaceId& workspace) { impl_->application.Changed(workspace); }
std::vector<WorkspaceId> Server::Watched() const { return impl_->application.Watched(); }
Status Server::RereadCertificates() { return impl_->listener->RereadCertificates(); }
void Server::Stop() { impl_->Stop(); }

}  // namespace outpost::server
