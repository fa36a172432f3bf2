#include "http/listener.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <ctime>
#include <list>
#include <thread>

#include "http/connection.h"
#include "http/thread_name.h"

namespace outpost::http {
namespace {

using ErrorValue = boost::system::error_code;
using Tcp = asio::ip::tcp;

constexpr std::chrono::milliseconds kSweepInterval{250};
constexpr std::chrono::milliseconds kAcceptPause{100};  // out of file descriptors: let some connections end

std::string HttpDate(std::time_t time) {
  std::tm utc{};
  gmtime_r(&time, &utc);
  char text[64];
  const std::size_t size = std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &utc);
  return std::string(text, size);
}

Error Translate(const ErrorValue& error, const Address& address) {
  const auto code = error == asio::error::address_in_use ? ErrorCode::kBusy : ErrorCode::kInvalidArgument;
  return Error{code, "cannot listen on " + ToString(address) + ": " + error.message()};
}

}  // namespace

struct Listener::Impl {
  Impl(const Limits& limits, Handler& handler)
      : shared(new Shared{limits, handler}), acceptor(shared->context), sweeper(shared->context) {}

  Status Open(const Address& wanted);
  void Start();
  void Stop();
  asio::awaitable<void> Accept();
  asio::awaitable<void> Sweep();
  asio::awaitable<void> Serve(std::shared_ptr<Connection> connection);
  void BeginStop();

  std::optional<TlsFiles> tls_files;
  std::unique_ptr<asio::ssl::context> tls;
  std::shared_ptr<Shared> shared;
  Tcp::acceptor acceptor;
  asio::steady_timer sweeper;
  Address address;
  std::list<std::weak_ptr<Connection>> open;
  Connection::Clock::time_point stop_deadline = Connection::Clock::time_point::max();
  std::thread thread;
};

Status Listener::Impl::Open(const Address& wanted) {
  address = wanted;
  ErrorValue error;
  const auto host = asio::ip::make_address(wanted.host, error);
  if (error) return Translate(error, wanted);
  const Tcp::endpoint endpoint(host, wanted.port);
  if (acceptor.open(endpoint.protocol(), error); error) return Translate(error, wanted);
  if (acceptor.set_option(asio::socket_base::reuse_address(true), error); error) return Translate(error, wanted);
  if (acceptor.bind(endpoint, error); error) return Translate(error, wanted);
  if (acceptor.listen(asio::socket_base::max_listen_connections, error); error) return Translate(error, wanted);
  address.port = acceptor.local_endpoint(error).port();
  return error ? Status(Translate(error, wanted)) : Status();
}

void Listener::Impl::Start() {
  shared->date = HttpDate(std::time(nullptr));
  asio::co_spawn(shared->context, Accept(), asio::detached);
  asio::co_spawn(shared->context, Sweep(), asio::detached);
  thread = std::thread([this] {
    NameThisThread("http");
    shared->context.run();
  });
}

asio::awaitable<void> Listener::Impl::Accept() {
  while (!shared->stopping) {
    ErrorValue error;
    Tcp::socket socket = co_await acceptor.async_accept(asio::redirect_error(asio::use_awaitable, error));
    if (shared->stopping) break;
    if (error) {
      asio::steady_timer pause(shared->context, kAcceptPause);
      co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
      continue;
    }
    if (shared->connections >= shared->limits.connections_max) continue;  // closed by its destructor
    auto connection = std::make_shared<Connection>(shared, std::move(socket));
    asio::co_spawn(shared->context, Serve(std::move(connection)), asio::detached);
  }
}

asio::awaitable<void> Listener::Impl::Serve(std::shared_ptr<Connection> connection) {
  const auto place = open.insert(open.end(), connection);
  ++shared->connections;
  try {
    co_await connection->Run();
  } catch (const std::exception&) {  // out of memory: this connection ends, the others go on
  }
  --shared->connections;
  open.erase(place);
  if (shared->stopping && open.empty()) sweeper.cancel();
}

// One timer for all deadlines: cheaper than one per operation, and a quarter of a second late does no harm.
asio::awaitable<void> Listener::Impl::Sweep() {
  while (!shared->stopping || !open.empty()) {
    sweeper.expires_after(kSweepInterval);
    ErrorValue cancelled;
    co_await sweeper.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    const auto now = Connection::Clock::now();
    shared->date = HttpDate(std::time(nullptr));
    for (const auto& entry : open) {
      const auto connection = entry.lock();
      if (connection == nullptr) continue;
      connection->Sweep(now);
      if (now >= stop_deadline) connection->Abort();
    }
  }
}

void Listener::Impl::BeginStop() {
  shared->stopping = true;
  stop_deadline = Connection::Clock::now() + shared->limits.stop_time_max;
  ErrorValue ignored;
  acceptor.close(ignored);
  for (const auto& entry : open) {
    if (const auto connection = entry.lock()) connection->BeginStop();
  }
  sweeper.cancel();
}

void Listener::Impl::Stop() {
  if (!thread.joinable()) return;
  asio::post(shared->context, [this] { BeginStop(); });
  thread.join();
}

Result<std::unique_ptr<Listener>> Listener::Start(const Address& address, const Limits& limits, Handler& handler,
                                                  const std::optional<TlsFiles>& tls) {
  auto impl = std::make_unique<Impl>(limits, handler);
  if (tls) {
    OUTPOST_TRY(impl->tls, MakeTlsContext(*tls));
    impl->shared->tls = impl->tls.get();
    impl->tls_files = tls;
  }
  OUTPOST_CHECK(impl->Open(address));
  impl->Start();
  return std::unique_ptr<Listener>(new Listener(std::move(impl)));
}

// Connections that are open keep the old context alive themselves.
Status Listener::RereadCertificates() {
  if (!impl_->tls_files) return {};
  OUTPOST_TRY(auto made, MakeTlsContext(*impl_->tls_files));
  asio::post(impl_->shared->context, [impl = impl_.get(), made = std::move(made)]() mutable {
    impl->tls = std::move(made);
    impl->shared->tls = impl->tls.get();
  });
  return {};
}

void Responder::operator()(Response response) const {
  Later([response = std::move(response)]() mutable { return std::move(response); });
}

Listener::Listener(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Listener::~Listener() { impl_->Stop(); }
const Address& Listener::address() const { return impl_->address; }
std::size_t Listener::connections() const { return impl_->shared->connections; }
void Listener::Stop() { impl_->Stop(); }

}  // namespace outpost::http
