// What a device sends into: the simulator's faulty network, or a scenario that holds every exchange in its hands.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "engine/sync/exchange.h"

namespace outpost::sim {

class Wire {
 public:
  // Called once, or never again after the device's life ended.
  using Done = std::function<void(engine::HttpOutcome)>;

  virtual ~Wire() = default;
  virtual void Send(std::size_t client, engine::HttpRequest request, std::int64_t timeout_ms, Done done) = 0;
};

}  // namespace outpost::sim
