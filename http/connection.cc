#include "http/connection.h"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include "http/incoming.h"
#include "http/wire.h"

namespace outpost::http {
namespace {

namespace beast = boost::beast;
using ErrorValue = boost::system::error_code;

constexpr std::size_t kReadBytes = 16 * 1024;
constexpr std::size_t kWriteBytes = 64 * 1024;
// The rest of a refused body that is read and thrown away to keep the connection; more than that ends it.
constexpr std::size_t kDrainBytesMax = 64 * 1024;
constexpr std::size_t kLingerBytesMax = 16u << 20;
constexpr std::chrono::milliseconds kLingerTime{2000};
constexpr std::size_t kBodyBytesPerSecondMin = 4096;

// The peer broke the grammar, as opposed to: the connection ended or failed.
bool IsSyntaxError(const ErrorValue& error) {
  return error.category() == make_error_code(beast::http::error::bad_method).category() &&
         error != beast::http::error::end_of_stream && error != beast::http::error::partial_message;
}

auto Into(ErrorValue& error) { return asio::redirect_error(asio::use_awaitable, error); }

// Refers to its connection weakly: an answer that comes after the connection's end goes nowhere.
class PendingAnswer final : public Responder::Exchange {
 public:
  PendingAnswer(std::shared_ptr<Shared> shared, std::weak_ptr<Connection> connection)
      : shared_(std::move(shared)), connection_(std::move(connection)) {}
  ~PendingAnswer() override {
    if (!answered_.load())
      Pass([shared = shared_.get()] { return shared->handler.Reject(Rejection::kInternal, Request{}); });
  }
  void Answer(std::function<Response()> make) override {
    OUTPOST_ASSERT(!answered_.exchange(true));
    Pass(std::move(make));
  }

 private:
  // At once when this is the I/O thread already.
  void Pass(std::function<Response()> make) {
    asio::dispatch(shared_->context, [connection = connection_, make = std::move(make)] {
      if (const auto alive = connection.lock()) alive->Deliver(make);
    });
  }
  std::shared_ptr<Shared> shared_;
  std::weak_ptr<Connection> connection_;
  std::atomic<bool> answered_{false};
};

}  // namespace

Connection::Connection(std::shared_ptr<Shared> shared, asio::ip::tcp::socket socket)
    : shared_(std::move(shared)),
      stream_(std::move(socket), shared_->tls),
      answered_(shared_->context, Clock::time_point::max()) {
  ErrorValue ignored;
  stream_.socket().set_option(asio::ip::tcp::no_delay(true), ignored);
  const auto peer = stream_.socket().remote_endpoint(ignored);
  if (!ignored) remote_ = peer.address().to_string();
}

asio::awaitable<void> Connection::Run() {
  const auto self = shared_from_this();
  Within(shared_->limits.header_time_max);
  const bool secured = co_await stream_.Handshake();
  while (secured && co_await Serve()) {
  }
  ErrorValue ignored;
  stream_.socket().close(ignored);
}

asio::awaitable<bool> Connection::Serve() {
  if (!co_await WaitForRequest()) co_return false;
  Incoming incoming;
  if (!co_await ReadRequest(incoming)) co_return false;
  Response response;
  if (incoming.refusal) {
    response = std::move(*incoming.refusal);
  } else {
    response = co_await Ask(std::move(incoming.request));
  }
  if (response.live && !incoming.head_only) {
    co_await RunLive(incoming, std::move(response));
    co_return false;
  }
  incoming.keep_alive = incoming.keep_alive && !response.close && !incoming.linger && !shared_->stopping;
  const bool written = co_await Write(incoming, std::move(response));
  if (written && incoming.linger) co_await Linger();
  co_return written&& incoming.keep_alive;
}

asio::awaitable<bool> Connection::WaitForRequest() {
  if (buffer_.size() > 0) co_return true;
  buffer_.shrink_to_fit();  // who waits holds no buffer: thousands do
  if (shared_->stopping) co_return false;
  Within(shared_->limits.idle_time_max);
  idle_ = true;
  ErrorValue error;
  std::size_t read = 0;
  co_await stream_.WaitReadable(error);
  if (!error) read = co_await stream_.async_read_some(buffer_.prepare(kReadBytes), Into(error));
  idle_ = false;
  buffer_.commit(read);
  co_return !error;
}

asio::awaitable<bool> Connection::ReadRequest(Incoming& incoming) {
  Within(shared_->limits.header_time_max);
  incoming.parser.header_limit(shared_->limits.header_bytes_max);
  incoming.parser.body_limit(boost::none);  // set once the head is known
  ErrorValue error;
  co_await beast::http::async_read_header(stream_, buffer_, incoming.parser, Into(error));
  if (error && !IsSyntaxError(error)) co_return false;
  incoming.request.remote = remote_;
  const bool well_formed = !error && TakeHead(incoming.parser.get().base(), incoming.request);
  if (!well_formed) {
    const auto rejection =
        error == beast::http::error::header_limit ? Rejection::kHeaderTooLarge : Rejection::kMalformed;
    incoming.refusal = shared_->handler.Reject(rejection, incoming.request);
    incoming.linger = true;
    co_return true;
  }
  incoming.keep_alive = incoming.parser.keep_alive();
  incoming.head_only = incoming.request.method == "HEAD";
  incoming.request.has_body = incoming.parser.chunked() || incoming.parser.content_length().value_or(0) > 0;
  co_return co_await ReadBody(incoming);
}

asio::awaitable<bool> Connection::ReadBody(Incoming& incoming) {
  Admission admission = shared_->handler.Admit(incoming.request);
  incoming.refusal = std::move(admission.refusal);
  if (!incoming.request.has_body) co_return true;
  const std::uint64_t announced = incoming.parser.content_length().value_or(0);
  const std::size_t limit = incoming.refusal ? kDrainBytesMax : admission.body_bytes_max;
  const std::string_view expect = incoming.request.headers.Get("Expect");
  if (!expect.empty() && !EqualsIgnoreCase(expect, "100-continue")) {
    incoming.refusal = shared_->handler.Reject(Rejection::kExpectationFailed, incoming.request);
  }
  // Whoever waits for "100 Continue" and gets a refusal sends nothing more.
  if (announced > limit || (incoming.refusal && !expect.empty())) {
    RefuseUnread(incoming, Rejection::kBodyTooLarge);
    co_return true;
  }
  if (!incoming.reservation.Take(*shared_, incoming.parser.chunked() ? limit : announced)) {
    RefuseUnread(incoming, Rejection::kOverloaded);
    co_return true;
  }
  if (!expect.empty() && !co_await WriteText("HTTP/1.1 100 Continue\r\n\r\n")) co_return false;
  Within(shared_->limits.body_time_max + std::chrono::seconds(announced / kBodyBytesPerSecondMin));
  incoming.parser.body_limit(limit);
  ErrorValue error;
  co_await beast::http::async_read(stream_, buffer_, incoming.parser, Into(error));
  if (error == beast::http::error::body_limit) {
    RefuseUnread(incoming, Rejection::kBodyTooLarge);
    co_return true;
  }
  if (error && IsSyntaxError(error)) {
    RefuseUnread(incoming, Rejection::kMalformed);
    co_return true;
  }
  if (error) co_return false;
  incoming.request.body = std::move(incoming.parser.get().body());
  co_return true;
}

void Connection::RefuseUnread(Incoming& incoming, Rejection rejection) {
  if (!incoming.refusal) incoming.refusal = shared_->handler.Reject(rejection, incoming.request);
  incoming.linger = true;
}

asio::awaitable<Response> Connection::Ask(Request request) {
  deadline_ = Clock::time_point::max();  // the handler's time is its own
  answer_.reset();
  shared_->handler.Handle(std::move(request), Responder(std::make_shared<PendingAnswer>(shared_, weak_from_this())));
  ErrorValue cancelled;
  if (!answer_) co_await answered_.async_wait(Into(cancelled));
  if (!answer_) answer_ = shared_->handler.Reject(Rejection::kInternal, Request{});
  co_return std::move(*answer_);
}

void Connection::Deliver(const std::function<Response()>& make) {
  try {
    answer_ = make();
  } catch (const std::exception&) {
    answer_ = shared_->handler.Reject(Rejection::kInternal, Request{});
  }
  answered_.cancel();
}

asio::awaitable<bool> Connection::Write(const Incoming& incoming, Response response) {
  std::string text = ResponseHead(response, {shared_->date, incoming.keep_alive, incoming.parser.get().version()});
  if (!incoming.head_only && response.body.size() <= kWriteBytes) {
    text += response.body;  // one packet for what is small
    co_return co_await WriteText(text);
  }
  if (!co_await WriteText(text)) co_return false;
  std::string_view rest = incoming.head_only ? std::string_view() : std::string_view(response.body);
  while (!rest.empty()) {
    if (!co_await WriteText(rest.substr(0, kWriteBytes))) co_return false;
    rest.remove_prefix(std::min(rest.size(), kWriteBytes));
  }
  co_return true;
}

asio::awaitable<bool> Connection::WriteText(std::string_view text) {
  Within(shared_->limits.write_time_max);
  ErrorValue error;
  co_await asio::async_write(stream_, asio::buffer(text.data(), text.size()), Into(error));
  co_return !error;
}

// A socket closed with unread bytes resets the connection, and the peer may lose the answer: read them first, a while.
asio::awaitable<void> Connection::Linger() {
  ErrorValue error;
  stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, error);
  Within(kLingerTime);
  buffer_.clear();
  std::size_t thrown_away = 0;
  while (!error && thrown_away < kLingerBytesMax) {
    thrown_away += co_await stream_.async_read_some(buffer_.prepare(kReadBytes), Into(error));
  }
}

void Connection::Sweep(Clock::time_point now) {
  if (now >= deadline_) Abort();
}

void Connection::BeginStop() {
  if (idle_) Abort();
  if (live_) Wake();
}

void Connection::Abort() {
  ErrorValue ignored;
  stream_.socket().close(ignored);
  answered_.cancel();
}

}  // namespace outpost::http
