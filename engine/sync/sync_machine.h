// The sync machine: an event in, actions out. It decides when to push, pull, wait and tell; it knows no store, no
// socket and no clock. One push carries the ready prefix; a few pushes whose commands do not depend on one
// another may be under way. A failed exchange charges the connection (backoff), never a command.
//
// Watchdog: with work waiting, online, nothing under way and no wake-up set, the machine asserts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "engine/sync/error_policy.h"

namespace outpost::engine {

// A server's Retry-After is believed up to here.
inline constexpr std::int64_t kRetryAfterMsMax = 15 * 60 * 1000;
// Pulls whose only reason is that applied commands are not in base yet keep this distance.
inline constexpr std::int64_t kCoverPullSpacingMs = 200;

struct SyncSettings {
  std::vector<std::int64_t> backoff_ms = {0, 5000, 15000, 45000, 120000};  // O8; the last one repeats
  double jitter = 0.2;                                                     // each delay is scaled by 1 ± jitter
  std::int64_t attention_after_attempts = 10;
  std::int64_t pull_interval_ms = 5000;  // R5: polling
  std::int64_t request_timeout_ms = 30000;
  int batch_commands_max = 500;  // of the protocol's 1,000
  std::size_t batch_bytes_max = 1u << 20;
  int page_limit = 2000;
  // One being decoded, one being committed there, one being settled here: none of the three waits for another.
  int pushes_in_flight_max = 3;
};

// What the machine needs to know of the queue, told with every event.
struct QueueState {
  bool ready = false;                        // some command could be sent now
  std::optional<Timestamp> next_attempt_at;  // of commands that wait for their own retry
  bool uncovered = false;                    // some applied command is not in base yet: a pull will cover it
};

// Events.
struct MachineStarted {};
struct MachineWoken {};
struct LineChanged {
  bool up = true;
};
struct TokenRenewed {};
struct SyncAsked {};
struct PushEnded {
  ExchangeVerdict verdict;
  int commands = 1;
};  // commands: how many the request carried
struct PullEnded {
  ExchangeVerdict verdict;
  bool more = false;
};
using MachineEvent =
    std::variant<MachineStarted, MachineWoken, LineChanged, TokenRenewed, SyncAsked, PushEnded, PullEnded>;

// Actions.
struct StartPush {
  int commands_max = 1;
};
struct StartPull {};
struct WakeMachineAt {
  Timestamp at;
};
struct AskSignIn {};
struct BeginResync {};       // the cursor is no longer valid: pull everything into a new generation
struct RenewIncarnation {};  // somebody else uses our numbers
using MachineAction = std::variant<StartPush, StartPull, WakeMachineAt, AskSignIn, BeginResync, RenewIncarnation>;

class SyncMachine {
 public:
  SyncMachine(SyncSettings settings, Random& random);

  std::vector<MachineAction> Step(const MachineEvent& event, const QueueState& queue, Timestamp now);

  // This process does not flush any more: nothing is under way, nothing is wanted until it is started again.
  void Stop();

  bool online() const { return online_; }
  int pushes_in_flight() const { return pushes_in_flight_; }
  bool pulling() const { return pulling_; }

 private:
  void Apply(const MachineEvent& event, Timestamp now, std::vector<MachineAction>& actions);
  void Judge(const ExchangeVerdict& verdict, Timestamp now, std::vector<MachineAction>& actions);
  void Plan(const QueueState& queue, Timestamp now, std::vector<MachineAction>& actions);
  void ChargeConnection(const ExchangeVerdict& verdict, Timestamp now);
  void NoteEnded();
  void ForgetFailures();
  void KeepWaitsSane(Timestamp now);

  SyncSettings settings_;
  Random& random_;
  bool started_ = false;
  bool online_ = false;    // the last exchange reached the server
  bool signed_in_ = true;  // false: 401, waiting for a token
  int pushes_in_flight_ = 0;
  bool pulling_ = false;
  bool pull_wanted_ = true;
  std::int64_t connection_failures_ = 0;
  int stragglers_ = 0;      // exchanges that were under way when the connection was charged
  bool straggler_ = false;  // the exchange that just ended was one of them
  Timestamp retry_at_;      // no exchange before, while the connection is charged
  Timestamp next_pull_at_;
  Timestamp cover_pull_at_;  // no pull merely for covering before
  int commands_max_;         // halved while the server refuses whole batches
};

}  // namespace outpost::engine
