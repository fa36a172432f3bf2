#include "sim/faults.h"

#include <string>

#include "sim/seed.h"

namespace outpost::sim {
namespace {

// Each fault draws from its own stream: one more fault leaves the seeds of all others what they were.
class Draws {
 public:
  explicit Draws(std::uint64_t seed) : seed_(seed) {}

  Random For(const std::string& fault) const { return RandomFor(seed_, "fault " + fault); }
  // A rate up to `rate_max`, in one seed of `one_in`.
  double Rate(const std::string& fault, double rate_max, std::uint64_t one_in = 2) const {
    Random random = For(fault);
    return random.OneIn(one_in) ? random.Fraction() * rate_max : 0.0;
  }
  // Minutes between two windows, in one seed of `one_in`.
  double Every(const std::string& fault, double minutes_min, double minutes_max, std::uint64_t one_in = 2) const {
    Random random = For(fault);
    return random.OneIn(one_in) ? minutes_min + random.Fraction() * (minutes_max - minutes_min) : 0.0;
  }

 private:
  std::uint64_t seed_;
};

}  // namespace

FaultPlan DrawFaults(std::uint64_t seed) {
  const Draws draws(seed);
  FaultPlan plan;
  if (draws.For("calm weather must work too").OneIn(16)) return plan;
  plan.lose_request = draws.Rate("lose request", 0.2);
  plan.lose_answer = draws.Rate("lose answer", 0.2);
  plan.duplicate_request = draws.Rate("duplicate request", 0.2);
  plan.slow = draws.Rate("slow", 0.3);
  plan.late = draws.Rate("late", 0.05);
  plan.truncate_answer = draws.Rate("truncate answer", 0.1);
  plan.foreign_answer = draws.Rate("foreign answer", 0.1);
  plan.proxy_error = draws.Rate("proxy error", 0.1);
  plan.server_problem = draws.Rate("server problem", 0.1);
  plan.expire_cursor = draws.Rate("expire cursor", 0.05, 4);
  plan.crash_before_answer = draws.Rate("crash before answer", 0.1);
  plan.cut_line_every = draws.Every("cut line", 0.5, 10);
  plan.portal_every = draws.Every("portal", 1, 20);
  plan.device_crash_every = draws.Every("device crash", 0.5, 10);
  plan.device_full_every = draws.Every("device full", 2, 20);
  plan.device_io_error_every = draws.Every("device io error", 1, 10);
  plan.clock_jump_every = draws.Every("clock jump", 1, 20, 4);
  plan.server_crash_every = draws.Every("server crash", 0.5, 10);
  plan.server_full_every = draws.Every("server full", 2, 20);
  plan.server_io_error_every = draws.Every("server io error", 1, 10);
  plan.server_purge_every = draws.Every("server purge", 1, 10);
  plan.token_expiry_every = draws.Every("token expiry", 5, 30);
  plan.hide_line_changes = draws.For("hide line changes").OneIn(2);
  if (Random random = draws.For("batch limit"); random.OneIn(6)) plan.batch_limit = Between(random, 1, 5);
  if (draws.For("group delay").OneIn(3)) plan.group_delay_ms_max = 2'000;
  return plan;
}

}  // namespace outpost::sim
