// One request on its way through the routes: who asks, which row matched, and the one place where its answer leaves,
// so that every answer carries the same headers and is counted and logged once.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/listener.h"
#include "server/routes/route.h"
#include "server/routes/services.h"

namespace outpost::server {

class Call : public std::enable_shared_from_this<Call> {
 public:
  explicit Call(Services& services) : services_(services) {}

  http::Request request;
  const Route* route = nullptr;
  std::vector<std::pair<std::string, std::string>> parameters;
  Caller caller;  // valid unless the row is open
  bool authenticated = false;
  std::string request_id;
  std::string traceparent;  // empty when absent or malformed
  std::string origin;       // of the page that asks; empty when none does
  std::optional<http::Responder> responder;
  std::string command;  // of a write through one command, for the log
  std::string key;

  // A path parameter; must be in the row's pattern.
  const std::string& Parameter(std::string_view name) const;
  // A query parameter, empty when absent.
  std::string_view Query(std::string_view name) const;
  // Sends the answer; once, from any thread. Counting and logging happen on the I/O thread.
  void Answer(http::Response response);
  // The same, with an answer that is put together on the I/O thread too: must be quick.
  void AnswerLater(std::function<http::Response()> make);
  // The trace id of `traceparent`, empty when there is none.
  std::string_view trace_id() const;
  // Adds the common headers, counts and logs; for answers that leave by another way than Answer.
  http::Response Finish(http::Response response);

 private:
  Services& services_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// Runs `answer` on a reader thread; an exception becomes a 500, a full pool a 503.
void AnswerOnReader(Services& services, const CallPtr& call, std::function<http::Response(Call&)> answer);
// Runs it here and now, with the same net.
void RunGuarded(Services& services, Call& call, const std::function<void()>& run);

}  // namespace outpost::server
