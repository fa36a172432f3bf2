// An HTTP client as a foreign program would be: knows the protocol's JSON, not the server's code.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"
#include "protocol/json.h"

namespace outpost::blackbox {

struct Answer {
  int status = 0;  // 0: no answer
  http::Headers headers;
  std::string text;
  json::value body;  // null when the text is no JSON

  // The member's text or number as text, by path: "items.0.sku"; empty when absent.
  std::string At(std::string_view path) const;
  std::string code() const { return At("code"); }
};

using HeaderList = std::vector<http::Header>;

class Client {
 public:
  Client(std::uint16_t port, std::string token) : port_(port), token_(std::move(token)) {}

  Answer Get(const std::string& path, const HeaderList& headers = {}) const { return Send("GET", path, "", headers); }
  Answer Post(const std::string& path, const std::string& body, const HeaderList& headers = {}) const {
    return Send("POST", path, body, headers);
  }
  Answer Send(const std::string& method, const std::string& path, const std::string& body,
              const HeaderList& headers = {}) const;
  // One batch of commands; entries as JSON text.
  Answer Push(const std::vector<std::string>& commands, const std::string& more = "") const;
  std::uint16_t port() const { return port_; }
  const std::string& token() const { return token_; }

 private:
  std::uint16_t port_;
  std::string token_;
};

}  // namespace outpost::blackbox
