// The wire in a story's hands: every request of a device waits until a step delivers, loses or answers it, or its
// time-out passes in virtual time.
#pragma once

#include <deque>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "base/sha256.h"
#include "sim/environment.h"
#include "sim/wire.h"

namespace outpost::scenarios {

struct WaitingRequest {
  std::size_t client = 0;
  engine::HttpRequest request;
  sim::Wire::Done done;  // null once it ended

  // Ends it at the device, once.
  void End(engine::HttpOutcome outcome) {
    if (done) std::exchange(done, nullptr)(std::move(outcome));
  }
};
using WaitingRequestPtr = std::shared_ptr<WaitingRequest>;

class ManualWire : public sim::Wire {
 public:
  explicit ManualWire(sim::Environment& environment) : environment_(environment) {}

  void Send(std::size_t client, engine::HttpRequest request, std::int64_t timeout_ms, Done done) override;

  // The oldest that waits of this client; `what`: "push", "pull", or empty for either. Null: none. It is taken out.
  WaitingRequestPtr Take(std::size_t client, std::string_view what);
  std::size_t Count(std::size_t client, std::string_view what) const;
  // While it is down nothing waits: every request fails at once.
  void SetLine(std::size_t client, bool up);
  // The device died: nobody waits any more.
  void Forget(std::size_t client);
  // Of every request so far and of every outcome a device was told.
  std::string digest() const { return ToHex(Sha256(said_).Finish()); }

 private:
  void Say(const engine::HttpOutcome& outcome);

  sim::Environment& environment_;
  Sha256 said_;
  std::deque<WaitingRequestPtr> waiting_;
  std::set<std::size_t> down_;
};

}  // namespace outpost::scenarios
