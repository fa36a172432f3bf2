// One row of the route table. The table is the only list of what the server answers: matching, authorisation, limits,
// 405 answers and the OpenAPI document all read it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace outpost::server {

class Call;
using CallPtr = std::shared_ptr<Call>;

inline constexpr std::size_t kBodyBytesMax = 1u << 20;

enum class Entrance {
  kOpen,   // no token needed
  kToken,  // any valid token
  kAdmin,  // a token with role admin
};

struct Route {
  std::string method;
  std::string pattern;  // "/pos/orders/{id}"
  Entrance entrance = Entrance::kToken;
  std::string summary;
  std::function<void(const CallPtr&)> handle;
  std::vector<std::string> query;  // parameters, for the OpenAPI document
  std::string command_type;        // of a write through one command, for the OpenAPI document
  std::size_t body_bytes_max = kBodyBytesMax;
  bool streams = false;  // may go on for ever: SSE or WebSocket
  bool writes = false;   // goes through the writer: refused while its queue is full
};

}  // namespace outpost::server
