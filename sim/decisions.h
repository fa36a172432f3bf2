// What people decide about commands that wait or were set aside (O12): try again, with the latest version, over
// everything, otherwise, or not at all. The device says what is possible; a "no" that the status table explains is no
// failure.
#pragma once

#include <optional>

#include "base/random.h"
#include "sim/device_node.h"
#include "sim/environment.h"

namespace outpost::sim {

class Decisions {
 public:
  Decisions(Environment& environment, Random random) : environment_(environment), random_(random) {}

  // One decision about something in this device's queue; nothing when there is nothing to decide.
  void Decide(DeviceNode& node);

 private:
  std::optional<engine::CommandRecord> Pick(engine::Device& device);
  void Edit(DeviceNode& node, const engine::CommandRecord& record);
  engine::Intent Otherwise(const engine::CommandRecord& record);
  void Note(const char* what, const Status& decided);

  Environment& environment_;
  Random random_;
};

}  // namespace outpost::sim
