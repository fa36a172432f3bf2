// Which faults a seed has, and how often. Swarm testing: each seed switches a random subset on, because a run with
// every fault at once hides what a run with only one of them would show (Groce et al., 2012).
#pragma once

#include <cstdint>

namespace outpost::sim {

struct FaultPlan {
  // Chances per exchange.
  double lose_request = 0;
  double lose_answer = 0;
  double duplicate_request = 0;
  double slow = 0;  // seconds: reorders
  double late = 0;  // past the client's time-out; the request still arrives
  double truncate_answer = 0;
  double foreign_answer = 0;     // somebody else's 200
  double proxy_error = 0;        // 502, 503, 429 of a proxy
  double server_problem = 0;     // 503 of the server itself
  double expire_cursor = 0;      // 410: the device must resync
  std::int64_t batch_limit = 0;  // a proxy refuses larger batches with 413; 0: none

  // Mean minutes of virtual time between two windows of each; 0: never.
  double cut_line_every = 0;
  double portal_every = 0;
  double device_crash_every = 0;
  double device_full_every = 0;
  double device_io_error_every = 0;
  double server_crash_every = 0;
  double server_full_every = 0;
  double server_io_error_every = 0;
  double server_purge_every = 0;
  double token_expiry_every = 0;
  double clock_jump_every = 0;
  bool hide_line_changes = false;  // the platform does not tell the device that its line came or went

  // How long at most requests gather into one group.
  std::int64_t group_delay_ms_max = 20;
  // Chance that the server dies after a commit, before its answers leave.
  double crash_before_answer = 0;
  // Chance that an operation in the next few of a disk is its last, drawn at each crash window.
  double crash_inside_commit = 0.7;
};

FaultPlan DrawFaults(std::uint64_t seed);

}  // namespace outpost::sim
