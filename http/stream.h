// The byte stream of one connection: a socket, or TLS over it. Internal to http/. Follows Asio's AsyncStream, so that
// Beast reads, writes and upgrades either alike.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/role.hpp>
#include <optional>

#include "base/result.h"
#include "http/tls.h"

namespace outpost::http {

namespace asio = boost::asio;

// kInvalidArgument: a file cannot be read, or the key does not belong to the certificate. TLS 1.2 and later.
Result<std::unique_ptr<asio::ssl::context>> MakeTlsContext(const TlsFiles& files);

class Stream {
 public:
  using Socket = asio::ip::tcp::socket;
  using executor_type = Socket::executor_type;

  Stream(Socket socket, asio::ssl::context* tls) : socket_(std::move(socket)) {
    if (tls != nullptr) tls_.emplace(socket_, *tls);
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  executor_type get_executor() { return socket_.get_executor(); }
  Socket& socket() { return socket_; }
  bool is_tls() const { return tls_.has_value(); }

  // True at once without TLS.
  asio::awaitable<bool> Handshake();

  // Until there may be something to read; at once with TLS, which may have read ahead.
  asio::awaitable<void> WaitReadable(boost::system::error_code& error);

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    if (tls_) return tls_->async_read_some(buffers, std::forward<Token>(token));
    return socket_.async_read_some(buffers, std::forward<Token>(token));
  }
  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    if (tls_) return tls_->async_write_some(buffers, std::forward<Token>(token));
    return socket_.async_write_some(buffers, std::forward<Token>(token));
  }

 private:
  Socket socket_;
  std::optional<asio::ssl::stream<Socket&>> tls_;
};

// What Beast's WebSocket does with the stream below it when it has closed: the connection closes the socket itself.
inline void teardown(boost::beast::role_type, Stream& stream, boost::system::error_code& error) {
  stream.socket().shutdown(Stream::Socket::shutdown_both, error);
}
inline void beast_close_socket(Stream& stream) {
  boost::system::error_code ignored;
  stream.socket().close(ignored);
}
template <class Handler>
void async_teardown(boost::beast::role_type, Stream& stream, Handler&& handler) {
  boost::system::error_code error;
  stream.socket().shutdown(Stream::Socket::shutdown_both, error);
  asio::post(stream.get_executor(), [handler = std::forward<Handler>(handler), error]() mutable { handler(error); });
}

}  // namespace outpost::http
