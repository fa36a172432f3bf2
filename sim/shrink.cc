#include "sim/shrink.h"

#include <algorithm>
#include <utility>

#include "sim/range.h"

namespace outpost::sim {
namespace {

constexpr int kTriesMax = 60;
constexpr int kDevicesMin = 1;

class Search {
 public:
  Search(WorldOptions& options, WorldReport failing) : options_(options), failing_(std::move(failing)) {}

  WorldReport Run() {
    FewerSteps(failing_.acts);
    for (int devices = 5; devices >= kDevicesMin; --devices) {
      if (options_.devices != 0 && devices >= options_.devices) continue;
      WorldOptions fewer = options_;
      fewer.devices = devices;
      if (!Try(fewer) && options_.devices != 0) break;
    }
    for (const std::string& fault : FaultNames()) {
      if (std::find(options_.without.begin(), options_.without.end(), fault) != options_.without.end()) continue;
      WorldOptions fewer = options_;
      std::erase(fewer.with, fault);
      fewer.without.push_back(fault);
      Try(fewer);
    }
    FewerSteps(failing_.acts);
    return std::move(failing_);
  }

 private:
  // Halves first, then in smaller bites.
  void FewerSteps(int from) {
    for (int steps = from, bite = from / 2; bite > 0; bite /= 2) {
      WorldOptions fewer = options_;
      fewer.steps = steps - bite;
      if (fewer.steps > 0 && Try(fewer)) steps = fewer.steps;
    }
  }

  bool Try(const WorldOptions& fewer) {
    if (++tries_ > kTriesMax) return false;
    WorldReport report = RunApart(fewer);
    if (report.broken.empty()) return false;
    options_ = fewer;
    failing_ = std::move(report);
    return true;
  }

  WorldOptions& options_;
  WorldReport failing_;
  int tries_ = 0;
};

}  // namespace

WorldReport Shrink(WorldOptions& options, WorldReport failing) { return Search(options, std::move(failing)).Run(); }

}  // namespace outpost::sim
