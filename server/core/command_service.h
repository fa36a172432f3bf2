// Executes commands: idempotency, predecessors, rights, rule, outcome. The one write path of the server; a REST route
// and POST /sync/commands both end here, so that a write tried by one and replayed by the other takes effect once.
//
// Group commit: ExecuteGroup runs everything that waits in one transaction, one workspace after the other; a command
// that is refused leaves nothing behind. No answer of a group, replays and refusals included, exists before the
// commit; if the commit fails the submissions are rerun one by one, and what fails alone is RETRY. A store that is away
// makes all of them RETRY at once: also those of a commit of which nobody knows whether it happened, since their keys
// will tell when they come again.
// No thread, no socket, no clock: one caller at a time (server/routes/writer.h gives it a thread, sim calls it).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/time.h"
#include "protocol/push.h"
#include "server/core/collections.h"
#include "server/core/store.h"
#include "server/core/touched.h"

namespace outpost::server {

// Who asks: the verified claims of a token.
struct Caller {
  WorkspaceId workspace;
  UserId user;
  std::vector<std::string> roles;
  std::optional<DeviceId> device;  // the dev claim
  Timestamp expires;
};

struct Submission {
  Caller caller;
  PushRequest request;
  // Of each command, where whoever submits has worked them out: the thread that executes is one, those that submit are
  // many. Empty: not yet.
  std::vector<Digest> fingerprints;
};

void WorkOutFingerprints(Submission& submission);

// The answer to one submission: results, or a problem that refuses the request whole (EPOCH_CHANGED, DEVICE_CLONED,
// FORBIDDEN).
using SubmissionResult = std::variant<PushResponse, Problem>;

struct ServiceSettings {
  std::shared_ptr<const Collections> collections = Collections::BuiltIn();
  std::string currency = "EUR";
  bool require_catalog = false;
};

// Work counters, for tests and metrics.
struct ServiceCounters {
  std::uint64_t groups = 0;
  std::uint64_t commands = 0;
  std::uint64_t succeeded = 0;
  std::uint64_t refused = 0;
  std::uint64_t replayed = 0;
  std::uint64_t blocked = 0;
  std::uint64_t retried = 0;
  std::uint64_t group_failures = 0;

  ServiceCounters& operator+=(const ServiceCounters& other);
};

inline constexpr int kGroupAttemptsMax = 3;  // of a group that met a deadlock or a lock held too long

class CommandService {
 public:
  CommandService(Store& store, ServiceSettings settings);

  std::vector<SubmissionResult> ExecuteGroup(std::span<const Submission> group, Timestamp now);

  // What the last group changed, by workspace: who waits for news there is to be told.
  const std::vector<Touched>& touched() const { return touched_; }
  const ServiceCounters& counters() const { return counters_; }

 private:
  using Answers = std::vector<SubmissionResult>;

  Result<Answers> Attempt(std::span<const Submission> group, Timestamp now);
  Answers OneByOne(std::span<const Submission> group, Timestamp now);
  Answers RetryAll(std::span<const Submission> group, Timestamp now, const Error& error);

  Store& store_;
  ServiceSettings settings_;
  ServiceCounters counters_;
  std::vector<Touched> touched_;
};

}  // namespace outpost::server
