#include "sim/truth.h"

#include <algorithm>
#include <utility>

#include "engine/model/command_record.h"

namespace outpost::sim {

void Truth::Answered(const server::Caller& caller, const PushRequest& request, const PushResponse& response) {
  if (response.results.size() != request.commands.size()) {
    environment_.Fail("server", "answered " + std::to_string(response.results.size()) + " results to " +
                                    std::to_string(request.commands.size()) + " commands");
    return;
  }
  for (std::size_t i = 0; i < request.commands.size(); ++i) {
    const CommandResult& result = response.results[i];
    const Command& command = request.commands[i];
    if (result.id != command.id) {
      environment_.Fail("server", "result " + std::to_string(i) + " names " + result.id.value + " instead of " +
                                      command.id.value + " in workspace " + caller.workspace.value);
      return;
    }
    Result(command, result);
    stock_.Add(caller.workspace, result.changes);
  }
}

void Truth::Result(const Command& command, const CommandResult& result) {
  std::string line = "answers " + command.id.value + " " + std::string(Name(result.status));
  if (result.replayed) line += " replayed";
  if (result.seq.has_value()) line += " at " + std::to_string(result.seq->value);
  if (result.problem.has_value()) {
    line += " " + std::string(Name(result.problem->code));
    if (const json::value* by = result.problem->extra.if_contains("blockedBy")) line += " " + ToJson(*by);
  }
  environment_.Log("server", line);
  environment_.Count("answer: " + std::string(Name(result.status)) + (result.replayed ? " (replayed)" : ""));
  if (result.problem.has_value()) environment_.Count("problem: " + std::string(Name(result.problem->code)));
  Known& known = commands_[command.id];
  switch (result.status) {
    case WireStatus::kSucceeded:
      if (result.replayed && !result.changes.empty())
        environment_.Fail("server", "a replay of " + result.id.value + " lists changes");
      if (!known.succeeded && !known.refused.empty() && command.revision <= known.refused.rbegin()->first) {
        environment_.Fail("server", "applied " + command.id.value + " after having refused it at the same revision");
      }
      Succeeded(result.id, result.seq, known);
      if (command.type == engine::kDiscardType) burnt_.emplace(std::string(StringOr(command.payload, "id")));
      if (command.replaces) burnt_.insert(*command.replaces);
      break;
    case WireStatus::kConflict:
    case WireStatus::kFailed:
      Refused(command, result, known);
      break;
    case WireStatus::kBlocked:
      known.blocked = true;
      break;
    case WireStatus::kRetry:
      break;
  }
}

void Truth::Refused(const Command& command, const CommandResult& result, Known& known) {
  if (result.problem && result.problem->code == ProblemCode::kForbidden) {
    known.forbidden = true;
    return;
  }
  // Beyond the memory of keys nobody knows any more what became of it.
  const bool knows = !result.problem || result.problem->code != ProblemCode::kIdempotencyKeyExpired;
  if (known.succeeded && knows) {
    environment_.Fail("server", "refused " + command.id.value + " after it had succeeded");
  }
  known.said.insert(result.status);
  if (result.problem && result.problem->code == ProblemCode::kAlreadyApplied) ToldApplied(command, *result.problem);
  const auto [at, first] = known.refused.emplace(command.revision, result.status);
  if (first) known.moment = ++moment_;
  if (!first && at->second != result.status && !burnt_.contains(command.id)) {
    environment_.Fail("server", "another refusal of " + command.id.value + " at the same revision");
  }
}

// A discard or an edit that came too late tells of the command it names.
void Truth::ToldApplied(const Command& late, const Problem& problem) {
  const auto outcome = problem.extra.find("outcome");
  if (outcome == problem.extra.end() || !outcome->value().is_object()) return;
  const std::int64_t seq = IntegerOr(outcome->value().get_object(), "seq", 0);
  const CommandId id = late.replaces ? *late.replaces : CommandId(std::string(StringOr(late.payload, "id")));
  Succeeded(id, seq > 0 ? std::optional(Sequence(seq)) : std::nullopt, commands_[id]);
}

// What was said since was said of a store that is gone. Keys burnt since may be whole again, and no harm is done if we
// do not know.
void Truth::PutBack(std::uint64_t moment) {
  put_back_ = true;
  for (auto& [id, known] : commands_) {
    if (known.moment <= moment) continue;
    known.succeeded_in_an_earlier_life |= std::exchange(known.succeeded, false);
    known.seq.reset();
    known.refused.clear();
  }
}

void Truth::Told(const CommandId& id, Revision revision, WireStatus status) {
  Known& known = commands_[id];
  if (status == WireStatus::kConflict || status == WireStatus::kFailed) {
    known.refused.emplace(revision, status);
    known.said.insert(status);
  }
  if (status == WireStatus::kBlocked) known.blocked = true;
}

void Truth::Listed(const std::vector<OwnCommand>& own) {
  for (const OwnCommand& command : own) {
    environment_.Log("server",
                     "lists " + command.id.value + " at " + std::to_string(command.seq.value) + " as the device's own");
    Succeeded(command.id, command.seq, commands_[command.id]);
  }
}

void Truth::Succeeded(const CommandId& id, std::optional<Sequence> seq, Known& known) {
  if (known.succeeded && known.seq != seq) {
    const auto text = [](std::optional<Sequence> one) {
      return one ? std::to_string(one->value) : std::string("none");
    };
    environment_.Fail("server", "a second sequence for " + id.value + ": " + text(known.seq) + ", then " + text(seq));
  }
  if (!known.succeeded) known.moment = ++moment_;
  known.succeeded = true;
  known.seq = seq;
}

const Known* Truth::Find(const CommandId& id) const {
  const auto found = commands_.find(id);
  return found == commands_.end() ? nullptr : &found->second;
}

bool Truth::WasAnswered(const CommandId& id, WireStatus status) const {
  const Known* known = Find(id);
  if (known == nullptr) return false;
  if (status == WireStatus::kSucceeded) return known->succeeded;
  if (status == WireStatus::kBlocked) return known->blocked;
  if (status == WireStatus::kFailed && known->forbidden) return true;
  return known->said.contains(status);
}

}  // namespace outpost::sim
