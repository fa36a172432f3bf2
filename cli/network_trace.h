// When a device's line is open and when it is cut: along a recorded trace, or by seeded turns. Pure: elapsed time in,
// state of the line out.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "transport/device_host.h"

namespace outpost::cli {

// Below this a recorded line carries no exchange to its end.
inline constexpr double kCutBelowKbps = 50.0;

struct TraceStep {
  double duration_ms = 0;
  double bandwidth_kbps = 0;
};

// JSON array of {"duration_ms","bandwidth_kbps","latency_ms"}; latency is not played. kInvalidArgument names the entry.
Result<std::vector<TraceStep>> ParseNetworkTrace(std::string_view text);
Result<std::vector<TraceStep>> ReadNetworkTrace(const std::string& path);

class LineSchedule {
 public:
  static LineSchedule AlwaysOpen();
  // Cut and open by turns whose longer one lasts up to `turn_ms_max`; `cut_share` in [0, 1] is exact in each pair of
  // turns. Turns are not shorter than `turn_ms_min` unless the share leaves no choice.
  static LineSchedule ByTurns(double cut_share, double turn_ms_min, double turn_ms_max, Random random);
  // Looped, from `offset_ms` into the trace, `speed` times as fast as recorded.
  static LineSchedule Following(std::vector<TraceStep> trace, double speed, double offset_ms);

  // `elapsed_ms` never decreases from call to call.
  transport::Line At(double elapsed_ms);

 private:
  struct Turn {
    double duration_ms = 0;
    transport::Line line = transport::Line::kOpen;
  };
  explicit LineSchedule(std::function<Turn()> next);

  std::function<Turn()> next_;
  Turn turn_;
  double turn_ends_ms_;
};

}  // namespace outpost::cli
