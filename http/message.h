// An HTTP request and its answer as plain values. No library type appears here, so that code which handles requests
// compiles without the HTTP library. Bodies are whole; what goes on (SSE, WebSocket) is in live_stream.h.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/live_stream.h"

namespace outpost::http {

struct Header {
  std::string name;
  std::string value;
};

// Few and in order of arrival; names compare without regard to case.
class Headers {
 public:
  // Null when absent; the first one when repeated.
  const std::string* Find(std::string_view name) const;
  std::string_view Get(std::string_view name) const;
  std::size_t Count(std::string_view name) const;
  void Add(std::string name, std::string value) { list_.push_back({std::move(name), std::move(value)}); }
  // In the place of what is there under that name.
  void Set(std::string name, std::string value);
  const std::vector<Header>& list() const { return list_; }

 private:
  std::vector<Header> list_;
};

struct Request {
  std::string method;
  std::string path;                                       // as sent, percent-encoded, without the query
  std::map<std::string, std::string, std::less<>> query;  // decoded
  Headers headers;
  std::string body;
  std::string remote;  // address of the peer
  std::string request_id;
  bool has_body = false;
  std::shared_ptr<void> context;  // whatever Handler::Admit wants to find again in Handle
};

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  Headers headers;
  std::string body;
  bool close = false;          // end the connection after this answer
  std::shared_ptr<Live> live;  // set: the answer goes on; body and close are then not looked at
};

bool EqualsIgnoreCase(std::string_view a, std::string_view b);

}  // namespace outpost::http
