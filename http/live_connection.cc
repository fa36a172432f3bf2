// Connection: a response that goes on (live_stream.h). Everything here runs on the I/O thread; what comes from other
// threads goes through LiveState's mutex and wakes the connection.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <mutex>

#include "http/incoming.h"
#include "http/wire.h"

namespace outpost::http {
namespace {

namespace beast = boost::beast;
namespace websocket = beast::websocket;
using ErrorValue = boost::system::error_code;

constexpr std::size_t kPeerMessageBytesMax = 64 * 1024;  // devices have nothing to say on a WebSocket
constexpr std::size_t kIgnoredBytes = 64;
constexpr std::chrono::milliseconds kCloseTime{2000};  // for the peer to say goodbye too: a stop waits for it

auto Into(ErrorValue& error) { return asio::redirect_error(asio::use_awaitable, error); }

std::string Chunk(std::string_view text) {
  char size[20];
  const int length = std::snprintf(size, sizeof size, "%zx\r\n", text.size());
  std::string chunk(size, static_cast<std::size_t>(length));
  chunk += text;
  return chunk + "\r\n";
}

}  // namespace

class LiveState final : public LiveStream {
 public:
  struct Closing {
    int code = 0;
    std::string reason;
  };

  LiveState(std::shared_ptr<Shared> shared, std::weak_ptr<Connection> connection)
      : shared_(std::move(shared)), connection_(std::move(connection)) {}

  void Send(std::shared_ptr<const std::string> message) override {
    {
      const std::lock_guard lock(mutex_);
      if (gone_ || closing_) return;
      waiting_.push_back(std::move(message));
    }
    Wake();
  }
  void Close(int code, std::string reason) override {
    {
      const std::lock_guard lock(mutex_);
      if (!closing_) closing_ = Closing{code, std::move(reason)};
    }
    Wake();
  }
  bool drained() const override {
    const std::lock_guard lock(mutex_);
    return waiting_.empty() && !writing_;
  }
  bool gone() const override {
    const std::lock_guard lock(mutex_);
    return gone_;
  }
  void OnChange(std::function<void()> changed) override {
    const std::lock_guard lock(mutex_);
    changed_ = std::move(changed);
  }

  // For the connection.
  std::shared_ptr<const std::string> Take() {
    const std::lock_guard lock(mutex_);
    writing_ = !waiting_.empty();
    if (!writing_) return nullptr;
    auto message = std::move(waiting_.front());
    waiting_.erase(waiting_.begin());  // one or two: who sends waits until the last one is written
    return message;
  }
  std::optional<Closing> closing() const {
    const std::lock_guard lock(mutex_);
    return closing_;
  }
  void Written() {
    {
      const std::lock_guard lock(mutex_);
      writing_ = false;
      if (!waiting_.empty()) return;
    }
    Tell();
  }
  void Gone() {
    {
      const std::lock_guard lock(mutex_);
      if (std::exchange(gone_, true)) return;
      waiting_.clear();
    }
    Tell();
  }

 private:
  void Tell() {
    std::function<void()> changed;
    {
      const std::lock_guard lock(mutex_);
      changed = changed_;
    }
    if (changed) changed();
  }
  void Wake() {
    asio::dispatch(shared_->context, [connection = connection_] {
      if (const auto alive = connection.lock()) alive->Wake();
    });
  }

  std::shared_ptr<Shared> shared_;
  std::weak_ptr<Connection> connection_;
  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<const std::string>> waiting_;
  std::optional<Closing> closing_;
  std::function<void()> changed_;
  bool writing_ = false;
  bool gone_ = false;
};

// Nothing happens until somebody sends or closes, the peer goes, the server stops or it is time for a sign of life.
// True: time for a sign of life.
asio::awaitable<bool> Connection::WaitForNews(std::chrono::milliseconds heartbeat) {
  deadline_ = Clock::time_point::max();
  answered_.expires_after(heartbeat);
  ErrorValue cancelled;
  co_await answered_.async_wait(Into(cancelled));
  answered_.expires_at(Clock::time_point::max());
  co_return !cancelled;
}

void Connection::Wake() { answered_.cancel(); }

asio::awaitable<void> Connection::RunLive(Incoming& incoming, Response response) {
  const std::shared_ptr<Live> live = std::move(response.live);
  auto state = std::make_shared<LiveState>(shared_, weak_from_this());
  live_ = true;
  buffer_.clear();
  buffer_.shrink_to_fit();  // the peer has nothing more to ask
  if (live->kind == Live::Kind::kWebSocket) {
    co_await RunWebSocket(incoming, response, *live, state);
  } else {
    co_await RunEvents(incoming, response, *live, state);
  }
  live_ = false;
  state->Gone();
}

// An event stream's peer says nothing; when it closes, this is how it is noticed.
asio::awaitable<void> Connection::WatchPeer(std::shared_ptr<Connection> self, std::shared_ptr<LiveState> state) {
  ErrorValue error;
  char ignored[kIgnoredBytes];
  while (!error) co_await stream_.async_read_some(asio::buffer(ignored), Into(error));
  state->Gone();
  self->Wake();
}

asio::awaitable<void> Connection::RunEvents(Incoming& incoming, Response& response, const Live& live,
                                            std::shared_ptr<LiveState> state) {
  const bool chunked = incoming.parser.get().version() >= 11;
  if (chunked) response.headers.Add("Transfer-Encoding", "chunked");
  const std::string head = ResponseHead(response, {shared_->date, false, incoming.parser.get().version(), true});
  if (!co_await WriteText(head)) co_return;
  asio::co_spawn(shared_->context, WatchPeer(shared_from_this(), state), asio::detached);
  live.opened(state);
  while (!state->gone() && !shared_->stopping) {
    if (const auto message = state->Take()) {
      // Named: GCC 12 destroys the temporary of a conditional expression inside co_await twice.
      const std::string text = chunked ? Chunk(*message) : *message;
      if (!co_await WriteText(text)) co_return;
      state->Written();
    } else if (state->closing()) {
      break;
    } else if (co_await WaitForNews(live.heartbeat)) {
      const std::string text = chunked ? Chunk(": \n\n") : ": \n\n";
      if (!co_await WriteText(text)) co_return;
    }
  }
  if (chunked && !state->gone()) co_await WriteText("0\r\n\r\n");
}

using WebSocket = websocket::stream<Stream&, false>;

// Reads so that pings are answered and a close is noticed; what the peer says is not listened to.
asio::awaitable<void> Connection::WatchWebSocket(std::shared_ptr<Connection> self, std::shared_ptr<void> socket,
                                                 std::shared_ptr<LiveState> state) {
  auto& peer = *static_cast<WebSocket*>(socket.get());
  ErrorValue error;
  beast::flat_buffer ignored;
  while (!error) {
    co_await peer.async_read(ignored, Into(error));
    ignored.clear();
  }
  state->Gone();
  self->Wake();
}

asio::awaitable<void> Connection::RunWebSocket(Incoming& incoming, Response& response, const Live& live,
                                               std::shared_ptr<LiveState> state) {
  auto socket = std::make_shared<WebSocket>(stream_);
  WebSocket& peer = *socket;
  peer.read_message_max(kPeerMessageBytesMax);
  peer.auto_fragment(false);  // messages go out whole: no buffer of the connection's own
  peer.set_option(
      websocket::stream_base::timeout{websocket::stream_base::none(), websocket::stream_base::none(), false});
  peer.set_option(websocket::stream_base::decorator([&](websocket::response_type& head) {
    for (const Header& header : response.headers.list()) head.insert(header.name, header.value);
    if (!live.subprotocol.empty()) head.set(beast::http::field::sec_websocket_protocol, live.subprotocol);
  }));
  Within(shared_->limits.header_time_max);
  ErrorValue error;
  co_await peer.async_accept(incoming.parser.get(), Into(error));
  if (error) co_return;
  peer.text(true);
  asio::co_spawn(shared_->context, WatchWebSocket(shared_from_this(), socket, state), asio::detached);
  live.opened(state);
  while (!error && !state->gone() && !shared_->stopping) {
    if (const auto message = state->Take()) {
      Within(shared_->limits.write_time_max);
      co_await peer.async_write(asio::buffer(*message), Into(error));
      state->Written();
    } else if (state->closing()) {
      break;
    } else if (co_await WaitForNews(live.heartbeat)) {
      Within(shared_->limits.write_time_max);
      co_await peer.async_ping({}, Into(error));
    }
  }
  if (error || state->gone()) co_return;
  const auto closing = state->closing().value_or(LiveState::Closing{kCloseGoingAway, "the server is stopping"});
  Within(kCloseTime);
  co_await peer.async_close(websocket::close_reason(static_cast<websocket::close_code>(closing.code), closing.reason),
                            Into(error));
}

}  // namespace outpost::http
