#include "sim/faults.h"

#include <algorithm>

#include "sim/seed.h"

namespace outpost::sim {
namespace {

// A seed never draws it: it strikes where it is asked for by name.
constexpr std::uint64_t kOnlyWhenAsked = 0;

// In one seed of `one_in`, the fault has a strength between `low` and `high`: a chance, or minutes between two windows.
struct Fault {
  const char* name;
  double FaultPlan::*strength;
  double low;
  double high;
  std::uint64_t one_in;
};

constexpr Fault kFaults[] = {
    {"lose request", &FaultPlan::lose_request, 0, 0.2, 2},
    {"lose answer", &FaultPlan::lose_answer, 0, 0.2, 2},
    {"duplicate request", &FaultPlan::duplicate_request, 0, 0.2, 2},
    {"slow", &FaultPlan::slow, 0, 0.3, 2},
    {"late", &FaultPlan::late, 0, 0.05, 2},
    {"truncate answer", &FaultPlan::truncate_answer, 0, 0.1, 2},
    {"foreign answer", &FaultPlan::foreign_answer, 0, 0.1, 2},
    {"forged answer", &FaultPlan::forged_answer, 0, 0.1, 3},
    {"proxy error", &FaultPlan::proxy_error, 0, 0.1, 2},
    {"server problem", &FaultPlan::server_problem, 0, 0.1, 2},
    {"expire cursor", &FaultPlan::expire_cursor, 0, 0.05, 4},
    {"deaf line", &FaultPlan::deaf_line, 0, 0.02, 3},
    {"batch limit", &FaultPlan::batch_limit, 1, 5, 6},
    {"crash before answer", &FaultPlan::crash_before_answer, 0, 0.1, 2},
    {"cut line", &FaultPlan::cut_line_every, 0.5, 10, 2},
    {"flap line", &FaultPlan::flap_line_every, 2, 20, 3},
    {"portal", &FaultPlan::portal_every, 1, 20, 2},
    {"device crash", &FaultPlan::device_crash_every, 0.5, 10, 2},
    {"device full", &FaultPlan::device_full_every, 2, 20, 2},
    {"device io error", &FaultPlan::device_io_error_every, 1, 10, 2},
    {"device restore", &FaultPlan::device_restore_every, 2, 20, 5},
    {"device clone", &FaultPlan::device_clone_every, 3, 20, 6},
    {"device loss", &FaultPlan::device_loss_every, 5, 30, 6},
    {"clock jump", &FaultPlan::clock_jump_every, 1, 20, 4},
    {"server crash", &FaultPlan::server_crash_every, 0.5, 10, 2},
    {"server full", &FaultPlan::server_full_every, 2, 20, 2},
    {"server io error", &FaultPlan::server_io_error_every, 1, 10, 2},
    {"server purge", &FaultPlan::server_purge_every, 1, 10, 2},
    {"token expiry", &FaultPlan::token_expiry_every, 5, 30, 2},
    {"rights", &FaultPlan::rights_every, 2, 20, 5},
    {"foreign token", &FaultPlan::foreign_token_every, 1, 5, kOnlyWhenAsked},
    {"hide line changes", &FaultPlan::hide_line_changes, 1, 1, 2},
    {"pause", &FaultPlan::pause_every, 1, 10, 4},
    {"server restore", &FaultPlan::server_restore_every, 2, 10, 8},
    {"kill server process", &FaultPlan::process_kill_every, 0.5, 10, 2},
    {"people decide", &FaultPlan::people_decide, 0.02, 0.25, 3},
    {"declared collections", &FaultPlan::documents, 0.05, 0.5, 3},
    {"old releases", &FaultPlan::old_releases, 0.2, 0.8, 2},
    {"second process", &FaultPlan::second_process, 1, 1, 6},
    {"more servers", &FaultPlan::more_servers, 1, 2.9, 4},
};

bool Names(const std::vector<std::string>& list, const char* name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

}  // namespace

FaultPlan DrawFaults(std::uint64_t seed, const std::vector<std::string>& without,
                     const std::vector<std::string>& with) {
  FaultPlan plan;
  const bool calm = RandomFor(seed, "fault calm weather must work too").OneIn(16);
  for (const Fault& fault : kFaults) {
    Random random = RandomFor(seed, std::string("fault ") + fault.name);
    const bool drawn = fault.one_in != kOnlyWhenAsked && random.OneIn(fault.one_in) && !calm;
    if (!(drawn || Names(with, fault.name)) || Names(without, fault.name)) continue;
    plan.*fault.strength = fault.low + random.Fraction() * (fault.high - fault.low);
  }
  if (!calm && RandomFor(seed, "fault group delay").OneIn(3)) plan.group_delay_ms_max = 2'000;
  return plan;
}

const std::vector<std::string>& FaultNames() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> list;
    for (const Fault& fault : kFaults) list.emplace_back(fault.name);
    return list;
  }();
  return names;
}

}  // namespace outpost::sim
