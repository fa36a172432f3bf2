// The network between devices and one server: loses, doubles, delays, reorders, truncates, and answers in the server's
// name. Every exchange ends exactly once at the device: by an answer, a failure or its time-out; what happens at the
// server is another matter.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "engine/sync/exchange.h"
#include "sim/environment.h"
#include "sim/faults.h"
#include "sim/wire.h"

namespace outpost::sim {

class Network : public Wire {
 public:
  // nullopt: the connection was refused or died.
  using Reply = std::function<void(std::optional<engine::HttpResponse>)>;
  using Serve = std::function<void(std::size_t client, const engine::HttpRequest&, Reply)>;

  Network(Environment& environment, FaultPlan plan, std::uint64_t seed, std::size_t clients, Serve serve);

  void Send(std::size_t client, engine::HttpRequest request, std::int64_t timeout_ms, Done done) override;

  void SetLine(std::size_t client, bool up) { lines_[client].up = up; }
  void SetPortal(std::size_t client, bool on) { lines_[client].portal = on; }
  // Late copies among them: what they do comes after whatever their device knows.
  int pushes_under_way() const { return pushes_under_way_; }
  bool line_up(std::size_t client) const { return lines_[client].up; }
  // From now on nothing goes wrong.
  void Heal();
  // For tests of the checkers: puts a liar before the server.
  void Intercept(const std::function<Serve(Serve)>& wrap) { serve_ = wrap(serve_); }

 private:
  struct Line {
    bool up = true;
    bool portal = false;
    Timestamp deaf_until;  // answers are lost
  };
  // One exchange as the device sees it.
  struct Exchange {
    std::size_t client;
    engine::HttpRequest request;
    Done done;  // null once it ended
  };
  using ExchangePtr = std::shared_ptr<Exchange>;

  bool Strikes(double chance, const char* name);
  std::int64_t Latency();
  void End(const ExchangePtr& exchange, engine::HttpOutcome outcome);
  // The request reaches the server after `delay_ms`.
  void Deliver(const ExchangePtr& exchange, std::int64_t delay_ms, bool answer_wanted);
  void Answer(const ExchangePtr& exchange, std::optional<engine::HttpResponse> response);
  engine::HttpResponse Portal(const engine::HttpRequest& request);
  engine::HttpResponse Forge(const engine::HttpRequest& request);
  engine::HttpResponse ProxyError();

  Environment& environment_;
  FaultPlan plan_;
  std::uint64_t seed_;
  Random random_;
  std::map<std::string, Random> strikes_;  // a stream per fault, so that one more does not shift the others
  std::vector<Line> lines_;
  Serve serve_;
  std::string last_push_answer_;  // of whichever device
  int pushes_under_way_ = 0;
};

}  // namespace outpost::sim
