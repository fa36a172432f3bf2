#include "engine/sync/sync_machine.h"

#include <algorithm>

#include "base/mutant.h"

namespace outpost::engine {
namespace {

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

bool BeginsResync(const std::vector<MachineAction>& actions) {
  return std::any_of(actions.begin(), actions.end(),
                     [](const MachineAction& action) { return std::holds_alternative<BeginResync>(action); });
}

Timestamp Earlier(std::optional<Timestamp> a, Timestamp b) { return a ? std::min(*a, b) : b; }

}  // namespace

SyncMachine::SyncMachine(SyncSettings settings, Random& random)
    : settings_(std::move(settings)), random_(random), commands_max_(settings_.batch_commands_max) {
  OUTPOST_ASSERT(!settings_.backoff_ms.empty());
}

std::vector<MachineAction> SyncMachine::Step(const MachineEvent& event, const QueueState& queue, Timestamp now) {
  std::vector<MachineAction> actions;
  KeepWaitsSane(now);
  Apply(event, now, actions);
  if (!started_ || !signed_in_) return actions;
  // What it makes of the queue is told with the next event: nothing is planned on what was true before.
  if (BeginsResync(actions)) return actions;
  if (now < retry_at_) {
    actions.push_back(WakeMachineAt{retry_at_});
    return actions;
  }
  Plan(queue, now, actions);
  return actions;
}

void SyncMachine::Stop() {
  started_ = false;
  signed_in_ = true;  // a new token would come unheard: the next start asks with what it has
  online_ = false;
  pushes_in_flight_ = 0;
  pulling_ = false;
  pull_wanted_ = true;
  ForgetFailures();
}

void SyncMachine::Apply(const MachineEvent& event, Timestamp now, std::vector<MachineAction>& actions) {
  std::visit(Overloaded{
                 [&](const MachineStarted&) { started_ = true; },
                 [&](const MachineWoken&) {},
                 [&](const LineChanged& line) {
                   // A hint: coming back lifts the wait, going away only means that the next exchange will tell.
                   if (line.up) ForgetFailures();
                   pull_wanted_ = pull_wanted_ || line.up;
                 },
                 [&](const TokenRenewed&) {
                   signed_in_ = true;
                   ForgetFailures();
                 },
                 [&](const SyncAsked&) {
                   ForgetFailures();
                   pull_wanted_ = true;
                 },
                 [&](const PushEnded& ended) {
                   --pushes_in_flight_;
                   OUTPOST_ASSERT(pushes_in_flight_ >= 0);
                   NoteEnded();
                   if (ended.verdict.verdict == Verdict::kVerified) {
                     commands_max_ = std::min(settings_.batch_commands_max, commands_max_ * 2);
                   }
                   if (ended.verdict.verdict == Verdict::kBatchRefused && !OUTPOST_MUTANT("batch-never-split"))
                     commands_max_ = std::max(1, ended.commands / 2);
                   Judge(ended.verdict, now, actions);
                 },
                 [&](const PullEnded& ended) {
                   pulling_ = false;
                   NoteEnded();
                   if (ended.verdict.verdict == Verdict::kVerified) {
                     pull_wanted_ = ended.more;
                     next_pull_at_ = now + Milliseconds(settings_.pull_interval_ms);
                   }
                   // A pull that is refused for what it asks would be refused again at once.
                   if (ended.verdict.verdict == Verdict::kBatchRefused) ChargeConnection(ended.verdict, now);
                   Judge(ended.verdict, now, actions);
                 },
             },
             event);
}

// One exchange's verdict. Exhaustive: every verdict has a place.
void SyncMachine::Judge(const ExchangeVerdict& verdict, Timestamp now, std::vector<MachineAction>& actions) {
  switch (verdict.verdict) {
    case Verdict::kVerified:
    case Verdict::kBatchRefused:
      online_ = true;
      if (verdict.verdict == Verdict::kVerified) ForgetFailures();
      return;
    case Verdict::kUnreachable:
      online_ = false;
      ChargeConnection(verdict, now);
      return;
    case Verdict::kServerTrouble:
    case Verdict::kForbidden:
      online_ = true;
      ChargeConnection(verdict, now);
      return;
    case Verdict::kSignInNeeded:
      online_ = true;
      if (signed_in_) actions.push_back(AskSignIn{});
      signed_in_ = false;
      return;
    case Verdict::kEpochChanged:
    case Verdict::kCursorExpired:
      online_ = true;
      actions.push_back(BeginResync{});
      pull_wanted_ = true;
      return;
    case Verdict::kDeviceCloned:
      online_ = true;
      actions.push_back(RenewIncarnation{});
      return;
  }
}

void SyncMachine::Plan(const QueueState& queue, Timestamp now, std::vector<MachineAction>& actions) {
  // While the line is in doubt one exchange at a time probes it.
  const bool probing = connection_failures_ > 0;
  const int pushes_max = probing ? 1 : settings_.pushes_in_flight_max;
  if (queue.ready && pushes_in_flight_ < pushes_max && !(probing && pulling_)) {
    ++pushes_in_flight_;
    actions.push_back(StartPush{commands_max_});
  }
  const bool busy_pushing = pushes_in_flight_ > 0;
  const bool may_pull = !pulling_ && !(probing && busy_pushing);
  const bool covering = queue.uncovered && !queue.ready && !busy_pushing;
  if (may_pull && (pull_wanted_ || now >= next_pull_at_ || (covering && now >= cover_pull_at_))) {
    pulling_ = true;
    if (!pull_wanted_) cover_pull_at_ = now + Milliseconds(kCoverPullSpacingMs);
    actions.push_back(StartPull{});
  }
  // Only what could start then is waited for; what waits for an exchange to end is looked at when it ends.
  std::optional<Timestamp> wake = queue.next_attempt_at;
  if (may_pull && !pulling_) wake = Earlier(wake, next_pull_at_);
  if (covering && !pulling_) wake = Earlier(wake, cover_pull_at_);
  OUTPOST_ASSERT(!wake || *wake > now);
  if (wake) actions.push_back(WakeMachineAt{*wake});
  // Watchdog: work, a line, nothing under way and nobody to wake us would be a queue that never drains.
  OUTPOST_ASSERT(!queue.ready || busy_pushing || pulling_ || wake.has_value());
}

// A clock that was set back must not turn a wait of seconds into one of years.
void SyncMachine::KeepWaitsSane(Timestamp now) {
  const auto longest =
      static_cast<std::int64_t>(static_cast<double>(settings_.backoff_ms.back()) * (1.0 + settings_.jitter));
  retry_at_ = std::min(retry_at_, now + Milliseconds(std::max(longest, kRetryAfterMsMax)));
  next_pull_at_ = std::min(next_pull_at_, now + Milliseconds(settings_.pull_interval_ms));
  cover_pull_at_ = std::min(cover_pull_at_, now + Milliseconds(kCoverPullSpacingMs));
}

void SyncMachine::NoteEnded() {
  straggler_ = stragglers_ > 0;
  if (straggler_) --stragglers_;
}

void SyncMachine::ForgetFailures() {
  connection_failures_ = 0;
  stragglers_ = 0;
  retry_at_ = Timestamp{};
}

void SyncMachine::ChargeConnection(const ExchangeVerdict& verdict, Timestamp now) {
  const auto step =
      std::min<std::size_t>(static_cast<std::size_t>(connection_failures_), settings_.backoff_ms.size() - 1);
  // What was under way together fails together: one outage is one step of the ladder.
  if (!straggler_) {
    ++connection_failures_;
    stragglers_ = pushes_in_flight_ + (pulling_ ? 1 : 0);
  }
  const double scale = 1.0 + settings_.jitter * (2.0 * random_.Fraction() - 1.0);
  auto delay = straggler_ ? 0 : static_cast<std::int64_t>(static_cast<double>(settings_.backoff_ms[step]) * scale);
  // A server that names a time is believed, within reason.
  if (verdict.retry_after_ms) delay = std::max(delay, std::min(*verdict.retry_after_ms, kRetryAfterMsMax));
  retry_at_ = std::max(retry_at_, now + Milliseconds(delay));
}

}  // namespace outpost::engine
