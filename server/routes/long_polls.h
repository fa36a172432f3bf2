// Requests that wait for something new in their workspace: resumed after a commit there, at their deadline, or when
// the server stops. The generation closes the gap between reading and waiting: whoever read before a commit and waits
// after it is resumed at once.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "protocol/ids.h"

namespace outpost::server {

inline constexpr std::chrono::milliseconds kLongPollMax{25000};

class LongPolls {
 public:
  using Deadline = std::chrono::steady_clock::time_point;
  using Resume = std::function<void()>;

  LongPolls();
  ~LongPolls();

  std::uint64_t generation() const;
  // `resume` is called once, on another thread; at once when there was a commit since `generation`.
  void Wait(const WorkspaceId& workspace, std::uint64_t generation, Deadline deadline, Resume resume);
  // `run` is called once, at that time or when the server stops.
  void At(Deadline time, Resume run);
  void Notify(const WorkspaceId& workspace);
  // Where somebody waits; a workspace may come more than once.
  std::vector<WorkspaceId> watched() const;
  // Resumes everybody; from then on nobody waits.
  void Stop();
  bool stopping() const;

 private:
  struct Waiting {
    WorkspaceId workspace;
    Deadline deadline;
    Resume resume;
  };

  void Run();
  std::vector<Resume> TakeDue();
  Deadline NextDeadline() const;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Waiting> waiting_;
  std::uint64_t generation_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace outpost::server
