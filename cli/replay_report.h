// What a device process tells its parent: one JSON object a line on a pipe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace outpost::cli {

struct DeviceProgress {
  std::int64_t orders = 0;          // executed, those of earlier lives included
  std::int64_t commands = 0;        // executed, those of earlier lives included
  std::int64_t settled_before = 0;  // of them, settled when this process started
  std::int64_t waiting = 0;
  std::int64_t refused = 0;  // in quarantine, or refused by the device itself
  bool line_cut = false;
  bool done = false;  // every order executed and nothing more to wait for
};

std::string ToJsonLine(const DeviceProgress& progress);
Result<DeviceProgress> DeviceProgressFromJson(std::string_view line);

}  // namespace outpost::cli
