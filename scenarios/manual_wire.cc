#include "scenarios/manual_wire.h"

#include <algorithm>
#include <utility>

namespace outpost::scenarios {
namespace {

bool Is(const WaitingRequest& request, std::size_t client, std::string_view what) {
  if (!request.done || request.client != client) return false;
  return what.empty() || (request.request.method == "POST") == (what == "push");
}

}  // namespace

void ManualWire::Send(std::size_t client, engine::HttpRequest request, std::int64_t timeout_ms, Done done) {
  said_.Update(std::to_string(client) + ' ' + request.method + ' ' + request.target + '\n' + request.body + '\n');
  const auto tell = [this, done = std::move(done)](engine::HttpOutcome outcome) {
    Say(outcome);
    done(std::move(outcome));
  };
  auto waiting = std::make_shared<WaitingRequest>(WaitingRequest{client, std::move(request), tell});
  if (down_.contains(client)) {
    environment_.scheduler.After(0, [waiting] { waiting->End(engine::NetworkFailure{"no route", false}); });
    return;
  }
  environment_.scheduler.After(timeout_ms, [waiting] { waiting->End(engine::NetworkFailure{"timed out", true}); });
  waiting_.push_back(std::move(waiting));
}

void ManualWire::Say(const engine::HttpOutcome& outcome) {
  if (const auto* response = std::get_if<engine::HttpResponse>(&outcome)) {
    said_.Update(std::to_string(response->status) + '\n' + response->body + '\n');
  } else {
    said_.Update("no answer\n");
  }
}

WaitingRequestPtr ManualWire::Take(std::size_t client, std::string_view what) {
  const auto found =
      std::find_if(waiting_.begin(), waiting_.end(), [&](const auto& waiting) { return Is(*waiting, client, what); });
  if (found == waiting_.end()) return nullptr;
  WaitingRequestPtr taken = std::move(*found);
  waiting_.erase(found);
  return taken;
}

std::size_t ManualWire::Count(std::size_t client, std::string_view what) const {
  return static_cast<std::size_t>(
      std::count_if(waiting_.begin(), waiting_.end(), [&](const auto& waiting) { return Is(*waiting, client, what); }));
}

void ManualWire::SetLine(std::size_t client, bool up) {
  up ? static_cast<void>(down_.erase(client)) : static_cast<void>(down_.insert(client));
  if (up) return;
  while (const WaitingRequestPtr waiting = Take(client, "")) {
    environment_.scheduler.After(0, [waiting] { waiting->End(engine::NetworkFailure{"no route", false}); });
  }
}

void ManualWire::Forget(std::size_t client) {
  std::erase_if(waiting_, [&](const auto& waiting) { return waiting->client == client; });
}

}  // namespace outpost::scenarios
