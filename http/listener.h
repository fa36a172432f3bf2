// Listens, reads requests within limits, hands them to a Handler and writes what it answers. One I/O thread; keep-alive
// and pipelining (answers in the order of the requests). Knows nothing of Outpost's protocol.
//
// Law: nothing is read before it is admitted. Handler::Admit sees the head alone and sets the limit or refuses, so a
// body that is too large, unauthenticated or unwelcome is never in memory. A request with both Content-Length and
// Transfer-Encoding, with two Hosts or with a broken head is refused and its connection ended (request smuggling).
// Slow peers are cut: see Limits. Stop() answers what was accepted and then closes.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "http/address.h"
#include "http/message.h"
#include "http/tls.h"

namespace outpost::http {

struct Limits {
  std::size_t connections_max = 10000;
  std::size_t body_bytes_total_max = 256u << 20;  // of all requests that are being read or answered
  std::uint32_t header_bytes_max = 16 * 1024;
  std::chrono::milliseconds header_time_max{10000};
  std::chrono::milliseconds body_time_max{30000};   // plus a second per 4 KiB announced
  std::chrono::milliseconds write_time_max{30000};  // per 64 KiB written
  std::chrono::milliseconds idle_time_max{60000};
  std::chrono::milliseconds stop_time_max{10000};
};

// Gives one request its answer. From any thread, once; dropped unanswered, the peer gets a 500.
class Responder {
 public:
  class Exchange {
   public:
    virtual ~Exchange() = default;
    virtual void Answer(std::function<Response()> make) = 0;
  };
  explicit Responder(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}
  void operator()(Response response) const;
  // `make` runs on the I/O thread, and not at all when the peer has gone.
  void Later(std::function<Response()> make) const { exchange_->Answer(std::move(make)); }

 private:
  std::shared_ptr<Exchange> exchange_;
};

// What was wrong before a handler could see the request whole.
enum class Rejection { kMalformed, kHeaderTooLarge, kBodyTooLarge, kExpectationFailed, kOverloaded, kInternal };

struct Admission {
  std::size_t body_bytes_max = 0;
  std::optional<Response> refusal;  // answered instead; the body is not read
};

// Called on the I/O thread: must not block.
class Handler {
 public:
  virtual ~Handler() = default;
  virtual Admission Admit(Request& head) = 0;
  virtual void Handle(Request request, Responder responder) = 0;
  virtual Response Reject(Rejection rejection, const Request& head) = 0;
};

class Listener {
 public:
  // Binds and starts the thread. kBusy: the address is in use; kInvalidArgument: it cannot be bound.
  // With `tls` it speaks TLS only.
  static Result<std::unique_ptr<Listener>> Start(const Address& address, const Limits& limits, Handler& handler,
                                                 const std::optional<TlsFiles>& tls = std::nullopt);
  ~Listener();

  // With the port that was really taken.
  const Address& address() const;
  std::size_t connections() const;
  // The certificate files as they are now, for connections that begin from now on; on an error all stays as it was.
  Status RereadCertificates();
  // Stops accepting, lets running requests be answered, closes. Returns when the thread has ended.
  void Stop();

 private:
  struct Impl;
  explicit Listener(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace outpost::http
