#include "server/core/command_service.h"

#include "server/core/group_execution.h"

namespace outpost::server {
namespace {

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

CommandService::CommandService(Store& store, ServiceSettings settings)
    : store_(store), settings_(std::move(settings)) {}

std::vector<SubmissionResult> CommandService::ExecuteGroup(std::span<const Submission> group, Timestamp now) {
  ++counters_.groups;
  const Epoch epoch = store_.epoch();
  const BatchContext context{settings_, epoch, now};
  auto results = ExecuteTogether(store_, group, context);
  std::vector<SubmissionResult> answers;
  if (results.ok()) {
    answers = std::move(results).value();
  } else {
    ++counters_.group_failures;
    answers.reserve(group.size());
    for (const Submission& submission : group) {
      const std::span<const Submission> alone(&submission, 1);
      // Alone it has just failed.
      auto again = group.size() > 1 ? ExecuteTogether(store_, alone, context)
                                    : Result<std::vector<SubmissionResult>>(results.error());
      answers.push_back(again.ok() ? std::move(again).value().front()
                                   : Batch(submission, context).RetryAll(again.error()));
    }
  }
  for (const SubmissionResult& answer : answers) Count(answer, counters_);
  return answers;
}

}  // namespace outpost::server
