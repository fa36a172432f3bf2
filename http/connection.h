// One connection: a coroutine that reads a request, has it admitted and handled, writes the answer, and goes round.
// Internal to http/: the only header here with Beast in it. Everything runs on the listener's one I/O thread, except
// Answer, which comes from any thread and is posted over.
#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "http/listener.h"
#include "http/stream.h"

namespace outpost::http {

namespace asio = boost::asio;

// What connections of one listener share.
struct Shared {
  Limits limits;
  Handler& handler;
  asio::ssl::context* tls = nullptr;  // null: plain
  asio::io_context context{1};
  bool stopping = false;
  std::string date;  // value of the Date header, renewed by the sweeper
  std::atomic<std::size_t> connections{0};
  std::size_t body_bytes = 0;  // reserved for bodies, I/O thread only
};

class LiveState;

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Clock = std::chrono::steady_clock;

  Connection(std::shared_ptr<Shared> shared, asio::ip::tcp::socket socket);

  // Ends when the connection does.
  asio::awaitable<void> Run();
  // Cuts it when it is past its deadline.
  void Sweep(Clock::time_point now);
  // Cuts it if it waits for a next request; otherwise it ends itself after the answer.
  void BeginStop();
  // Cuts it whatever it does.
  void Abort();
  // On the I/O thread.
  void Wake();
  void Deliver(const std::function<Response()>& make);

 private:
  struct Incoming;

  asio::awaitable<bool> WaitForRequest();
  asio::awaitable<bool> ReadRequest(Incoming& incoming);
  asio::awaitable<bool> ReadBody(Incoming& incoming);
  asio::awaitable<bool> Serve();
  asio::awaitable<Response> Ask(Request request);
  asio::awaitable<void> RunLive(Incoming& incoming, Response response);
  asio::awaitable<void> RunEvents(Incoming& incoming, Response& response, const Live& live,
                                  std::shared_ptr<LiveState> state);
  asio::awaitable<void> RunWebSocket(Incoming& incoming, Response& response, const Live& live,
                                     std::shared_ptr<LiveState> state);
  asio::awaitable<void> WatchPeer(std::shared_ptr<Connection> self, std::shared_ptr<LiveState> state);
  asio::awaitable<void> WatchWebSocket(std::shared_ptr<Connection> self, std::shared_ptr<void> socket,
                                       std::shared_ptr<LiveState> state);
  asio::awaitable<bool> WaitForNews(std::chrono::milliseconds heartbeat);
  asio::awaitable<bool> Write(const Incoming& incoming, Response response);
  asio::awaitable<bool> WriteText(std::string_view text);
  asio::awaitable<void> Linger();
  // Answers without reading the body, and ends the connection.
  void RefuseUnread(Incoming& incoming, Rejection rejection);
  void Within(std::chrono::milliseconds time) { deadline_ = Clock::now() + time; }

  std::shared_ptr<Shared> shared_;
  Stream stream_;
  std::string remote_;
  boost::beast::flat_buffer buffer_;
  Clock::time_point deadline_ = Clock::time_point::max();
  bool idle_ = false;
  bool live_ = false;
  asio::steady_timer answered_;  // never fires: cancelled when the answer is there
  std::optional<Response> answer_;
};

}  // namespace outpost::http
