#include "sim/network.h"

#include <array>
#include <utility>

#include "protocol/push.h"
#include "sim/seed.h"

namespace outpost::sim {

using engine::HttpRequest;
using engine::HttpResponse;
using engine::NetworkFailure;

Network::Network(Environment& environment, FaultPlan plan, std::uint64_t seed, std::size_t clients, Serve serve)
    : environment_(environment),
      plan_(plan),
      seed_(seed),
      random_(RandomFor(seed, "network")),
      lines_(clients),
      serve_(std::move(serve)) {}

void Network::Heal() {
  plan_ = FaultPlan{};
  for (Line& line : lines_) line = Line{};
}

bool Network::Strikes(double chance, const char* name) {
  if (chance <= 0) return false;
  if (!Chance(strikes_.try_emplace(name, RandomFor(seed_, name)).first->second, chance)) return false;
  environment_.Count(name);
  return true;
}

std::int64_t Network::Latency() {
  std::int64_t latency = Between(random_, 5, 150);
  if (Strikes(plan_.slow, "network: slow")) latency += Between(random_, 200, 15'000);
  return latency;
}

void Network::Send(std::size_t client, HttpRequest request, std::int64_t timeout_ms, Done done) {
  const bool request_is_push = request.method == "POST";
  auto exchange = std::make_shared<Exchange>(Exchange{client, std::move(request), std::move(done)});
  Scheduler& scheduler = environment_.scheduler;
  if (!lines_[client].up) {
    environment_.Count("network: no line");
    scheduler.After(Between(random_, 0, 50), [this, exchange] { End(exchange, NetworkFailure{"no route", false}); });
    return;
  }
  scheduler.After(timeout_ms, [this, exchange] {
    if (exchange->done) environment_.Count("network: timed out");
    End(exchange, NetworkFailure{"timed out", true});
  });
  if (lines_[client].portal || Strikes(plan_.foreign_answer, "network: foreign answer")) {
    if (lines_[client].portal) environment_.Count("network: captive portal");
    scheduler.After(Latency(), [this, exchange, answer = Portal(exchange->request)] { End(exchange, answer); });
    return;
  }
  if (request_is_push && Strikes(plan_.forged_answer, "network: forged answer")) {
    scheduler.After(Latency(), [this, exchange, answer = Forge(exchange->request)] { End(exchange, answer); });
    return;
  }
  if (Strikes(plan_.deaf_line, "network: deaf line")) {
    lines_[client].deaf_until = environment_.now() + Milliseconds(Between(random_, 5'000, 60'000));
  }
  if (Strikes(plan_.proxy_error, "network: proxy error")) {
    scheduler.After(Latency(), [this, exchange, answer = ProxyError()] { End(exchange, answer); });
    return;
  }
  if (Strikes(plan_.duplicate_request, "network: duplicate request")) {
    Deliver(exchange, Latency() + (random_.OneIn(3) ? Between(random_, 0, 60'000) : 0), false);
  }
  if (Strikes(plan_.lose_request, "network: lost request")) return;
  std::int64_t delay = Latency();
  if (Strikes(plan_.late, "network: late request")) delay += Between(random_, timeout_ms, timeout_ms * 4);
  Deliver(exchange, delay, true);
}

void Network::End(const ExchangePtr& exchange, engine::HttpOutcome outcome) {
  if (!exchange->done) return;
  std::exchange(exchange->done, nullptr)(std::move(outcome));
}

void Network::Deliver(const ExchangePtr& exchange, std::int64_t delay_ms, bool answer_wanted) {
  const int pushes = exchange->request.method == "POST" ? 1 : 0;
  pushes_under_way_ += pushes;
  environment_.scheduler.After(delay_ms, [this, exchange, answer_wanted, pushes] {
    pushes_under_way_ -= pushes;
    if (!lines_[exchange->client].up) {
      environment_.Count("network: cut on the way");
      return;
    }
    serve_(exchange->client, exchange->request, [this, exchange, answer_wanted](std::optional<HttpResponse> response) {
      if (answer_wanted) Answer(exchange, std::move(response));
    });
  });
}

void Network::Answer(const ExchangePtr& exchange, std::optional<HttpResponse> response) {
  Scheduler& scheduler = environment_.scheduler;
  if (!response.has_value()) {
    scheduler.After(Latency(), [this, exchange] { End(exchange, NetworkFailure{"connection refused", false}); });
    return;
  }
  if (exchange->request.method == "POST" && response->status == 200) last_push_answer_ = response->body;
  if (Strikes(plan_.lose_answer, "network: lost answer")) return;
  if (!response->body.empty() && Strikes(plan_.truncate_answer, "network: truncated answer")) {
    if (random_.OneIn(2)) {
      scheduler.After(Latency(), [this, exchange] { End(exchange, NetworkFailure{"truncated", false}); });
      return;
    }
    response->body.resize(random_.Below(response->body.size()));
  }
  scheduler.After(Latency(), [this, exchange, answer = std::move(*response)] {
    const Line& line = lines_[exchange->client];
    if (line.up && line.deaf_until <= environment_.now()) End(exchange, answer);
  });
}

// What captive portals, caches and misdirected proxies say with a 200.
HttpResponse Network::Portal(const HttpRequest& request) {
  if (request.method == "POST" && !last_push_answer_.empty() && random_.OneIn(3)) {
    return {200, "application/json", {}, last_push_answer_};
  }
  static constexpr std::array<const char*, 5> kBodies = {R"({"status":"ok"})", "[]", R"({"results":[]})",
                                                         R"({"changes":[]})", ""};
  if (random_.OneIn(2)) return {200, "text/html; charset=utf-8", {}, "<html><body>Welcome to our Wi-Fi</body></html>"};
  return {200, "application/json", {}, kBodies[random_.Below(kBodies.size())]};
}

// Names every command that was sent, calls each applied, and carries fingerprints of something else.
HttpResponse Network::Forge(const HttpRequest& request) {
  PushResponse forged;
  forged.epoch = Epoch("forged");
  const auto body = ParseJson(request.body);
  const auto push = body.ok() ? PushRequestFromJson(body.value()) : std::variant<PushRequest, Problem>(Problem{});
  if (const auto* parsed = std::get_if<PushRequest>(&push)) {
    for (const Command& command : parsed->commands) {
      CommandResult result;
      result.id = command.id;
      result.fingerprint = std::string(64, '0');
      result.status = WireStatus::kSucceeded;
      result.http_status = 200;
      forged.results.push_back(std::move(result));
    }
  }
  return {200, "application/json", {}, ToJson(forged)};
}

HttpResponse Network::ProxyError() {
  switch (random_.Below(5)) {
    case 0:
      return {502, "text/html", {}, "<html>Bad Gateway</html>"};
    case 1:
      return {429, "text/plain", Between(random_, 0, 20'000), "slow down"};
    case 2:
      return {404, "text/html", {}, "<html>Not Found</html>"};
    case 3:
      return {302, "text/html", {}, ""};
    default:
      return {503, "text/html", {}, "<html>Service Unavailable</html>"};
  }
}

}  // namespace outpost::sim
