#include "server/core/command_service.h"

#include "server/core/group_execution.h"

namespace outpost::server {
namespace {

// Whether the failure says nothing of what was sent: the store is away, or somebody else holds it.
bool IsTheStores(ErrorCode code) { return code == ErrorCode::kUnavailable || code == ErrorCode::kBusy; }

void Count(const SubmissionResult& result, ServiceCounters& counters) {
  const auto* response = std::get_if<PushResponse>(&result);
  if (response == nullptr) return;
  for (const CommandResult& command : response->results) {
    ++counters.commands;
    if (command.replayed) ++counters.replayed;
    switch (command.status) {
      case WireStatus::kSucceeded:
        ++counters.succeeded;
        break;
      case WireStatus::kConflict:
      case WireStatus::kFailed:
        ++counters.refused;
        break;
      case WireStatus::kBlocked:
        ++counters.blocked;
        break;
      case WireStatus::kRetry:
        ++counters.retried;
        break;
    }
  }
}

}  // namespace

ServiceCounters& ServiceCounters::operator+=(const ServiceCounters& other) {
  groups += other.groups;
  commands += other.commands;
  succeeded += other.succeeded;
  refused += other.refused;
  replayed += other.replayed;
  blocked += other.blocked;
  retried += other.retried;
  group_failures += other.group_failures;
  return *this;
}

CommandService::CommandService(Store& store, ServiceSettings settings)
    : store_(store), settings_(std::move(settings)) {}

// A deadlock, a lock that somebody else holds too long, a serialisation failure: the same again may work.
Result<std::vector<SubmissionResult>> CommandService::Attempt(std::span<const Submission> group, Timestamp now) {
  for (int attempt = 1;; ++attempt) {
    const Epoch epoch = store_.epoch();
    auto result = ExecuteTogether(store_, group, {settings_, epoch, now});
    if (result.ok()) {
      for (Touched& touched : result.value().touched) touched_.push_back(std::move(touched));
      return std::move(result.value().answers);
    }
    if (result.error().code != ErrorCode::kBusy || attempt == kGroupAttemptsMax) return result.error();
  }
}

std::vector<SubmissionResult> CommandService::RetryAll(std::span<const Submission> group, Timestamp now,
                                                       const Error& error) {
  const Epoch epoch = store_.epoch();
  const BatchContext context{settings_, epoch, now};
  std::vector<SubmissionResult> answers;
  answers.reserve(group.size());
  for (const Submission& submission : group) answers.push_back(Batch(submission, context).RetryAll(error));
  return answers;
}

std::vector<SubmissionResult> CommandService::OneByOne(std::span<const Submission> group, Timestamp now) {
  std::vector<SubmissionResult> answers;
  answers.reserve(group.size());
  for (std::size_t i = 0; i < group.size(); ++i) {
    auto alone = Attempt(group.subspan(i, 1), now);
    const bool store_is_away = !alone.ok() && IsTheStores(alone.error().code);
    auto some = alone.ok() ? std::move(alone).value()
                           : RetryAll(group.subspan(i, store_is_away ? group.size() - i : 1), now, alone.error());
    for (SubmissionResult& answer : some) answers.push_back(std::move(answer));
    if (store_is_away) break;
  }
  return answers;
}

std::vector<SubmissionResult> CommandService::ExecuteGroup(std::span<const Submission> group, Timestamp now) {
  ++counters_.groups;
  touched_.clear();
  auto results = Attempt(group, now);
  std::vector<SubmissionResult> answers;
  if (results.ok()) {
    answers = std::move(results).value();
  } else {
    ++counters_.group_failures;
    // Alone it has just failed; and a store that is away is not asked once more for each.
    const bool final = group.size() == 1 || IsTheStores(results.error().code);
    answers = final ? RetryAll(group, now, results.error()) : OneByOne(group, now);
  }
  for (const SubmissionResult& answer : answers) Count(answer, counters_);
  return answers;
}

}  // namespace outpost::server
