// A blocking socket that says exactly what a test tells it to, well-formed or not. For tests only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"

namespace outpost::http {

class RawClient {
 public:
  explicit RawClient(std::uint16_t port);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool Send(std::string_view bytes);
  void CloseSending();
  // Nullopt when the peer closed, or said nothing for twenty seconds.
  std::optional<Response> Read(bool head_only = false);
  // Beneath HTTP, for what goes on after a head: nullopt as above.
  std::optional<std::string> ReadBytes(std::size_t count);
  std::optional<std::string> ReadLine();  // without its CR LF
  // Whether the peer ends the connection within twenty seconds without saying more.
  bool IsClosed();

 private:
  bool Fill();

  int socket_ = -1;
  std::string buffer_;
};

}  // namespace outpost::http
