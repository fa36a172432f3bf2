#include "sim/faults.h"

#include "sim/seed.h"

namespace outpost::sim {
namespace {

double Sometimes(Random& random, double rate_max) { return random.OneIn(2) ? random.Fraction() * rate_max : 0.0; }

double Window(Random& random, double minutes_min, double minutes_max) {
  return random.OneIn(2) ? minutes_min + random.Fraction() * (minutes_max - minutes_min) : 0.0;
}

}  // namespace

FaultPlan DrawFaults(std::uint64_t seed) {
  Random random = RandomFor(seed, "faults");
  FaultPlan plan;
  if (random.OneIn(16)) return plan;  // calm weather must work too
  plan.lose_request = Sometimes(random, 0.2);
  plan.lose_answer = Sometimes(random, 0.2);
  plan.duplicate_request = Sometimes(random, 0.2);
  plan.slow = Sometimes(random, 0.3);
  plan.late = Sometimes(random, 0.05);
  plan.truncate_answer = Sometimes(random, 0.1);
  plan.foreign_answer = Sometimes(random, 0.1);
  plan.proxy_error = Sometimes(random, 0.1);
  plan.server_problem = Sometimes(random, 0.1);
  plan.expire_cursor = random.OneIn(4) ? random.Fraction() * 0.05 : 0.0;
  plan.batch_limit = random.OneIn(6) ? Between(random, 1, 5) : 0;
  plan.cut_line_every = Window(random, 0.5, 10);
  plan.portal_every = Window(random, 1, 20);
  plan.device_crash_every = Window(random, 0.5, 10);
  plan.device_full_every = Window(random, 2, 20);
  plan.device_io_error_every = Window(random, 1, 10);
  plan.server_crash_every = Window(random, 0.5, 10);
  plan.server_full_every = Window(random, 2, 20);
  plan.server_io_error_every = Window(random, 1, 10);
  plan.token_expiry_every = Window(random, 5, 30);
  plan.hide_line_changes = random.OneIn(2);
  plan.clock_jump_every = random.OneIn(4) ? 1 + 19 * random.Fraction() : 0.0;
  plan.server_purge_every = Window(random, 1, 10);
  if (random.OneIn(3)) plan.group_delay_ms_max = 2'000;
  plan.crash_before_answer = Sometimes(random, 0.1);
  return plan;
}

}  // namespace outpost::sim
