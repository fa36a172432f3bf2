// Which faults a seed has, and how often. Swarm testing: each seed switches a random subset on, because a run with
// every fault at once hides what a run with only one of them would show (Groce et al., 2012). Each fault is one named
// field; it can be left out by its name, and takes nothing from the draws of the others.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace outpost::sim {

struct FaultPlan {
  // Chances per exchange.
  double lose_request = 0;
  double lose_answer = 0;
  double duplicate_request = 0;
  double slow = 0;  // seconds: reorders
  double late = 0;  // past the client's time-out; the request still arrives
  double truncate_answer = 0;
  double foreign_answer = 0;  // somebody else's 200
  double forged_answer = 0;   // a success that names the commands, with fingerprints of others
  double proxy_error = 0;     // 502, 503, 429, 404 of a proxy
  double server_problem = 0;  // 503 of the server itself
  double expire_cursor = 0;   // 410: the device must resync
  double deaf_line = 0;       // one-way: what is asked arrives, no answer does, for a while
  double batch_limit = 0;     // a proxy refuses larger batches with 413; 0: none

  // Mean minutes of virtual time between two windows of each; 0: never.
  double cut_line_every = 0;
  double flap_line_every = 0;
  double portal_every = 0;
  double device_crash_every = 0;
  double device_full_every = 0;
  double device_io_error_every = 0;
  double device_restore_every = 0;  // put back to an earlier copy of its files
  double device_clone_every = 0;    // another device of the same person goes on with a copy of its files
  double device_loss_every = 0;     // its store is deleted
  double server_crash_every = 0;
  double server_full_every = 0;
  double server_io_error_every = 0;
  double server_purge_every = 0;
  double token_expiry_every = 0;
  double rights_every = 0;         // somebody's role is taken away for a while
  double foreign_token_every = 0;  // a device goes with another one's token for a while: 403
  double clock_jump_every = 0;
  double hide_line_changes = 0;     // the platform does not tell the device that its line came or went
  double pause_every = 0;           // a process is stopped, perhaps past its lease
  double server_restore_every = 0;  // the server is put back to an earlier copy, under another epoch
  double process_kill_every = 0;    // of several server processes one dies

  // Pieces of the workload and the fleet: chances, or one more of something.
  double people_decide = 0;   // instead of doing something new, somebody retries, edits, forces or discards
  double documents = 0;       // what is done is done to declared collections
  double old_releases = 0;    // a device runs an older release, which writes older versions
  double second_process = 0;  // the first device's store is shared by two processes
  double more_servers = 0;    // server processes beyond the first

  // How long at most requests gather into one group.
  std::int64_t group_delay_ms_max = 20;
  // Chance that the server dies after a commit, before its answers leave.
  double crash_before_answer = 0;
  // Chance that an operation in the next few of a disk is its last, drawn at each crash window.
  double crash_inside_commit = 0.7;
};

// `without`: names of faults that do not strike, and win. `with`: those that strike whatever the seed drew.
FaultPlan DrawFaults(std::uint64_t seed, const std::vector<std::string>& without = {},
                     const std::vector<std::string>& with = {});
// Every name there is.
const std::vector<std::string>& FaultNames();

}  // namespace outpost::sim
