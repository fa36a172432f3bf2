// Drives the sync machine: what happened becomes its event, what it decides is performed, what that leads to is its
// next event; and each exchange leaves its row in the audit trail.
#include <algorithm>

#include "base/mutant.h"
#include "engine/device/device_state.h"

namespace outpost::engine {
namespace {

ExchangeVerdict Broken(std::string reason, Verdict verdict = Verdict::kUnreachable) {
  ExchangeVerdict result;
  result.verdict = verdict;
  result.reason = std::move(reason);
  return result;
}

// The store's trouble is not the server's answer: nothing is taken, everything is asked again later.
ExchangeVerdict Outcome(ExchangeVerdict verdict, const Status& taken) {
  if (taken.ok()) return verdict;
  const bool foreign = taken.error().code == ErrorCode::kUnavailable;
  return Broken(taken.error().message, foreign ? Verdict::kUnreachable : Verdict::kServerTrouble);
}

void LearnEpoch(DeviceState& state, const ExchangeVerdict& verdict) {
  if (verdict.verdict != Verdict::kEpochChanged || !verdict.problem) return;
  const std::string_view epoch = StringOr(verdict.problem->extra, "epoch");
  state.epoch = epoch.empty() ? std::nullopt : std::optional<Epoch>(Epoch(std::string(epoch)));
}

ExchangeVerdict TakeResponse(DeviceState& state, const Exchange& exchange, const std::string& body, Timestamp now) {
  const auto response = PushResponseFromJson(body);
  if (!response.ok()) return Broken(response.error().message);
  if (AsksForPatience(response.value())) {
    ExchangeVerdict trouble = Broken("the server puts everything off", Verdict::kServerTrouble);
    trouble.retry_after_ms = response.value().results.front().retry_after_ms;
    return trouble;
  }
  ExchangeVerdict verdict;
  verdict.verdict = Verdict::kVerified;
  return Outcome(std::move(verdict), TakeAnswers(state, exchange, response.value(), now));
}

// The exchange's row, written with the transaction that takes its answer.
void Note(DeviceState& state, const Exchange& exchange, const HttpOutcome& outcome, const ExchangeVerdict& verdict,
          Timestamp now) {
  AuditRow row;
  row.at = exchange.began;
  row.until = now;
  row.kind = exchange.kind == Exchange::Kind::kPush ? "push" : "pull";
  row.commands = static_cast<std::int64_t>(exchange.commands.size());
  if (const auto* response = std::get_if<HttpResponse>(&outcome)) row.status = response->status;
  if (verdict.verdict != Verdict::kVerified) {
    row.code = verdict.problem ? Name(verdict.problem->code) : Name(verdict.verdict);
    row.detail = verdict.reason;
  }
  row.duration_ms = std::max<std::int64_t>(0, now.ms - exchange.began.ms);
  row.trace_id = exchange.trace_id;
  state.audit.push_back(std::move(row));
}

// What looked like an answer was none: its row says so, and the rows of what it seemed to answer go.
void Amend(DeviceState& state, std::size_t at, const ExchangeVerdict& verdict) {
  if (verdict.verdict == Verdict::kVerified || state.audit.size() <= at) return;
  state.audit.resize(at + 1);
  if (!state.audit.back().code.empty()) return;
  state.audit.back().code = Name(verdict.verdict);
  state.audit.back().detail = verdict.reason;
}

MachineEvent EndPush(DeviceState& state, const Exchange& exchange, const HttpOutcome& outcome, Timestamp now) {
  ExchangeVerdict verdict = Classify(outcome);
  const std::size_t row = state.audit.size();
  Note(state, exchange, outcome, verdict, now);
  const int commands = static_cast<int>(exchange.commands.size());
  if (verdict.verdict == Verdict::kVerified) {
    verdict = TakeResponse(state, exchange, std::get<HttpResponse>(outcome).body, now);
  } else if (verdict.verdict == Verdict::kBatchRefused && commands == 1 && verdict.problem) {
    verdict = Outcome(verdict, RefuseAlone(state, exchange.commands.front(), *verdict.problem, now));
  }
  if (OUTPOST_MUTANT("expired-token-drops-queue") && verdict.verdict == Verdict::kSignInNeeded) {
    static_cast<void>(RefuseAlone(state, exchange.commands.front(), *verdict.problem, now));
  }
  LearnEpoch(state, verdict);
  for (const SentCommand& command : exchange.commands) {
    if (OUTPOST_MUTANT("in-flight-for-ever") && verdict.verdict != Verdict::kVerified) continue;
    state.graph.PutBack(command.position);
  }
  Amend(state, row, verdict);
  if (!state.IsPushing() && !state.graph.has_ready()) state.Tell(Notice::Kind::kFlushFinished);
  return PushEnded{std::move(verdict), commands};
}

MachineEvent EndPull(DeviceState& state, const Exchange& exchange, const HttpOutcome& outcome, Timestamp now) {
  ExchangeVerdict verdict = Classify(outcome);
  const std::size_t row = state.audit.size();
  Note(state, exchange, outcome, verdict, now);
  bool more = false;
  if (verdict.verdict == Verdict::kVerified && exchange.generation != state.generation) {
    more = true;  // asked for before a resync began: not of this round
  } else if (verdict.verdict == Verdict::kVerified) {
    const auto page = ChangesPageFromNdjson(std::get<HttpResponse>(outcome).body);
    if (page.ok()) state.audit.back().changes = static_cast<std::int64_t>(page.value().changes.size());
    const auto take = [&](const ChangesPage& taken) {
      return exchange.joins ? TakeJoinPage(state, taken, *exchange.joins, now) : TakePage(state, taken, now);
    };
    verdict = page.ok() ? Outcome(verdict, take(page.value())) : Broken(page.error().message);
    // After a join the round goes on with everything.
    more = page.ok() && (page.value().more || exchange.joins);
    if (verdict.verdict == Verdict::kVerified && !more) state.Tell(Notice::Kind::kRoundFinished);
  }
  LearnEpoch(state, verdict);
  Amend(state, row, verdict);
  return PullEnded{std::move(verdict), more};
}

std::optional<MachineEvent> Translate(DeviceState& state, const Event& event, Timestamp now) {
  if (std::holds_alternative<Start>(event)) return MachineStarted{};
  if (std::holds_alternative<Wake>(event)) return MachineWoken{};
  if (const auto* line = std::get_if<NetworkChanged>(&event)) return LineChanged{line->up};
  if (std::holds_alternative<TokenChanged>(event)) return TokenRenewed{};
  if (std::holds_alternative<SyncNow>(event)) return SyncAsked{};
  const auto& done = std::get<HttpDone>(event);
  const auto found = state.exchanges.find(done.exchange);
  if (found == state.exchanges.end()) return std::nullopt;  // of an earlier life, or answered already
  const Exchange exchange = std::move(found->second);
  state.exchanges.erase(found);
  return exchange.kind == Exchange::Kind::kPush ? EndPush(state, exchange, done.outcome, now)
                                                : EndPull(state, exchange, done.outcome, now);
}

// Performs what the machine decided; what that leads to is a next event for the machine.
std::optional<MachineEvent> Perform(DeviceState& state, const MachineAction& action, Timestamp now,
                                    std::vector<Effect>& effects) {
  if (const auto* push = std::get_if<StartPush>(&action)) {
    auto send = BuildPush(state, push->commands_max, now);
    if (!send.ok()) return PushEnded{Broken(send.error().message, Verdict::kServerTrouble), 0};
    if (!send.value()) return PushEnded{Broken("nothing to send", Verdict::kServerTrouble), 0};
    effects.push_back(std::move(*send.value()));
    return MachineWoken{};
  }
  if (std::holds_alternative<StartPull>(action)) {
    effects.push_back(BuildPull(state, now));
  } else if (const auto* wake = std::get_if<WakeMachineAt>(&action)) {
    effects.push_back(WakeAt{wake->at});
  } else if (std::holds_alternative<AskSignIn>(action)) {
    state.Tell(Notice::Kind::kSignInNeeded);
  } else if (std::holds_alternative<BeginResync>(action)) {
    if (BeginNewGeneration(state, now).ok()) state.Tell(Notice::Kind::kResyncStarted);
    return MachineWoken{};
  } else if (std::holds_alternative<RenewIncarnation>(action)) {
    if (TakeNewIncarnation(state, now).ok()) state.Tell(Notice::Kind::kDeviceCloned);
  }
  return std::nullopt;
}

// No command is made to wait longer for its own next attempt.
Milliseconds LongestWait(const SyncSettings& settings) {
  return Milliseconds(std::max(kRetryAfterMsMax, settings.backoff_ms.back()));
}

}  // namespace

void Drive(DeviceState& state, const Event& event, Timestamp now, std::vector<Effect>& effects) {
  if (!state.store_error.empty()) return;
  std::optional<MachineEvent> next = Translate(state, event, now);
  // A lease that was lost on the way stops everything.
  while (next && state.store_error.empty() && !state.lease.lost) {
    state.graph.ResumeDue(now, LongestWait(state.options.sync));
    const auto actions = state.machine.Step(*next, state.Queue(), now);
    next.reset();
    for (const MachineAction& action : actions) {
      auto follow = Perform(state, action, now, effects);
      if (follow) next = std::move(follow);
    }
  }
}

}  // namespace outpost::engine
