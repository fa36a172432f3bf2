// The group committer: one thread that takes everything that waits, has it executed in one transaction, and hands out
// the answers after the commit. The running commit forms the next group, so there is no timer to tune.
// Bounded in bytes: HasRoom is asked before a body is read, so that overload costs a refusal, not memory.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "server/core/command_service.h"
#include "server/routes/clock.h"

namespace outpost::server {

inline constexpr std::size_t kGroupSubmissionsMax = 256;
// A group that holds as much takes no further submission: more would save no fsync worth the name, and two large
// pushes of one device, joined, would be answered together, so that device and server would work by turns.
inline constexpr std::size_t kGroupCommandsMax = 512;

class GroupCommitter {
 public:
  using Done = std::function<void(SubmissionResult)>;
  // Told of what a group changed in each workspace, after the commit, before the answers.
  using OnCommit = std::function<void(const Touched&)>;

  GroupCommitter(CommandService& service, Clock clock, std::size_t queue_bytes_max, OnCommit on_commit);
  ~GroupCommitter();

  bool HasRoom() const { return queued_bytes_ < queue_bytes_max_; }
  // `done` is called once, on the writer's thread. False: stopped or full, and `done` never will be.
  bool Submit(Submission submission, std::size_t bytes, Done done);
  // Runs a short job between two groups: what else needs the store's one writing transaction.
  void RunBetweenGroups(std::function<void()> job);
  // Executes what is queued, then ends.
  void Stop();

  std::size_t depth() const { return depth_; }
  ServiceCounters counters() const;

 private:
  struct Entry {
    Submission submission;
    std::size_t bytes = 0;
    Done done;
  };

  void Run();
  void RunJobs(std::unique_lock<std::mutex>& lock);
  std::vector<Entry> TakeGroup();
  void ExecuteEntries(std::vector<Entry> entries);
  std::vector<SubmissionResult> Execute(const std::vector<Submission>& group);

  CommandService& service_;
  Clock clock_;
  const std::size_t queue_bytes_max_;
  OnCommit on_commit_;

  std::mutex mutex_;
  std::condition_variable arrived_;
  std::map<WorkspaceId, std::deque<Entry>> waiting_;
  WorkspaceId last_served_;
  std::deque<std::function<void()>> jobs_;
  bool stopping_ = false;
  std::atomic<std::size_t> queued_bytes_{0};
  std::atomic<std::size_t> depth_{0};

  mutable std::mutex counters_mutex_;
  ServiceCounters counters_;
  std::thread thread_;
};

}  // namespace outpost::server
