#include "server/routes/group_committer.h"

#include <exception>

#include "http/thread_name.h"
#include "server/routes/problem_response.h"

namespace outpost::server {

GroupCommitter::GroupCommitter(CommandService& service, Clock clock, std::size_t queue_bytes_max, OnCommit on_commit)
    : service_(service), clock_(std::move(clock)), queue_bytes_max_(queue_bytes_max), on_commit_(std::move(on_commit)) {
  thread_ = std::thread([this] { Run(); });
}

GroupCommitter::~GroupCommitter() { Stop(); }

bool GroupCommitter::Submit(Submission submission, std::size_t bytes, Done done) {
  WorkOutFingerprints(submission);
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || !HasRoom()) return false;
    auto& queue = waiting_[submission.caller.workspace];
    queue.push_back(Entry{std::move(submission), bytes, std::move(done)});
    queued_bytes_ += bytes;
    ++depth_;
  }
  arrived_.notify_one();
  return true;
}

void GroupCommitter::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  arrived_.notify_one();
  if (thread_.joinable()) thread_.join();
}

ServiceCounters GroupCommitter::counters() const {
  const std::lock_guard lock(counters_mutex_);
  return counters_;
}

void GroupCommitter::RunBetweenGroups(std::function<void()> job) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    jobs_.push_back(std::move(job));
  }
  arrived_.notify_one();
}

void GroupCommitter::Run() {
  http::NameThisThread("committer");
  for (;;) {
    std::vector<Entry> entries;
    {
      std::unique_lock lock(mutex_);
      arrived_.wait(lock, [&] { return stopping_ || !waiting_.empty() || !jobs_.empty(); });
      if (stopping_ && waiting_.empty()) return;
      RunJobs(lock);
      entries = TakeGroup();
    }
    if (!entries.empty()) ExecuteEntries(std::move(entries));
  }
}

void GroupCommitter::RunJobs(std::unique_lock<std::mutex>& lock) {
  if (jobs_.empty()) return;
  const std::function<void()> job = std::move(jobs_.front());
  jobs_.pop_front();
  lock.unlock();
  job();
  lock.lock();
}

// Workspaces take turns, one submission each, beginning after the one served last: a busy one cannot starve the rest.
// The first is always taken, however large.
std::vector<GroupCommitter::Entry> GroupCommitter::TakeGroup() {
  std::vector<Entry> entries;
  std::size_t commands = 0;
  while (!waiting_.empty() && entries.size() < kGroupSubmissionsMax) {
    auto turn = waiting_.upper_bound(last_served_);
    if (turn == waiting_.end()) turn = waiting_.begin();
    commands += turn->second.front().submission.request.commands.size();
    if (!entries.empty() && commands > kGroupCommandsMax) break;
    last_served_ = turn->first;
    entries.push_back(std::move(turn->second.front()));
    turn->second.pop_front();
    if (turn->second.empty()) waiting_.erase(turn);
  }
  return entries;
}

void GroupCommitter::ExecuteEntries(std::vector<Entry> entries) {
  std::vector<Submission> group;
  std::size_t bytes = 0;
  group.reserve(entries.size());
  for (Entry& entry : entries) {
    bytes += entry.bytes;
    group.push_back(std::move(entry.submission));
  }
  std::vector<SubmissionResult> results = Execute(group);
  queued_bytes_ -= bytes;
  depth_ -= entries.size();
  for (const Touched& touched : service_.touched()) on_commit_(touched);
  for (std::size_t i = 0; i < entries.size(); ++i) entries[i].done(std::move(results[i]));
}

std::vector<SubmissionResult> GroupCommitter::Execute(const std::vector<Submission>& group) {
  std::vector<SubmissionResult> results;
  try {
    results = service_.ExecuteGroup(group, clock_());
  } catch (const std::exception&) {  // out of memory: the transaction was rolled back, nothing was said
    results.assign(group.size(), MakeProblem(ProblemCode::kUnavailable, "the server could not take this, try again"));
  }
  OUTPOST_ASSERT(results.size() == group.size());
  const std::lock_guard lock(counters_mutex_);
  counters_ = service_.counters();
  return results;
}

}  // namespace outpost::server
