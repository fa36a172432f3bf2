#include "http/stream.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace outpost::http {

Result<std::unique_ptr<asio::ssl::context>> MakeTlsContext(const TlsFiles& files) {
  auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
  boost::system::error_code error;
  context->set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_sslv2 |
                           asio::ssl::context::no_sslv3 | asio::ssl::context::no_tlsv1 |
                           asio::ssl::context::no_tlsv1_1 | asio::ssl::context::single_dh_use,
                       error);
  context->use_certificate_chain_file(files.certificate_chain, error);
  if (error)
    return Error{ErrorCode::kInvalidArgument, "certificate " + files.certificate_chain + ": " + error.message()};
  context->use_private_key_file(files.private_key, asio::ssl::context::pem, error);
  if (error) return Error{ErrorCode::kInvalidArgument, "private key " + files.private_key + ": " + error.message()};
  if (SSL_CTX_check_private_key(context->native_handle()) != 1) {
    return Error{ErrorCode::kInvalidArgument, "the private key does not belong to the certificate"};
  }
  return context;
}

asio::awaitable<bool> Stream::Handshake() {
  if (!tls_) co_return true;
  boost::system::error_code error;
  co_await tls_->async_handshake(asio::ssl::stream_base::server, asio::redirect_error(asio::use_awaitable, error));
  co_return !error;
}

asio::awaitable<void> Stream::WaitReadable(boost::system::error_code& error) {
  if (!tls_) co_await socket_.async_wait(Socket::wait_read, asio::redirect_error(asio::use_awaitable, error));
}

}  // namespace outpost::http
