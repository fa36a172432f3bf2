#include "server/routes/long_polls.h"

#include <algorithm>

#include "http/thread_name.h"

namespace outpost::server {

LongPolls::LongPolls() {
  thread_ = std::thread([this] { Run(); });
}

LongPolls::~LongPolls() { Stop(); }

std::uint64_t LongPolls::generation() const {
  const std::lock_guard lock(mutex_);
  return generation_;
}

bool LongPolls::stopping() const {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void LongPolls::Wait(const WorkspaceId& workspace, std::uint64_t generation, Deadline deadline, Resume resume) {
  {
    const std::lock_guard lock(mutex_);
    if (!stopping_) {
      const Deadline due = generation == generation_ ? deadline : Deadline::min();
      waiting_.push_back(Waiting{workspace, due, std::move(resume)});
      changed_.notify_one();
      return;
    }
  }
  resume();
}

void LongPolls::At(Deadline time, Resume run) {
  {
    const std::lock_guard lock(mutex_);
    if (!stopping_) {
      waiting_.push_back(Waiting{WorkspaceId(), time, std::move(run)});
      changed_.notify_one();
      return;
    }
  }
  run();
}

void LongPolls::Notify(const WorkspaceId& workspace) {
  bool due = false;
  {
    const std::lock_guard lock(mutex_);
    ++generation_;
    for (Waiting& waiting : waiting_) {
      if (waiting.workspace != workspace) continue;
      waiting.deadline = Deadline::min();
      due = true;
    }
  }
  if (due) changed_.notify_one();
}

std::vector<WorkspaceId> LongPolls::watched() const {
  const std::lock_guard lock(mutex_);
  std::vector<WorkspaceId> watched;
  for (const Waiting& waiting : waiting_) {
    if (!waiting.workspace.value.empty()) watched.push_back(waiting.workspace);
  }
  return watched;
}

void LongPolls::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (Waiting& waiting : waiting_) waiting.deadline = Deadline::min();
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void LongPolls::Run() {
  http::NameThisThread("long-polls");
  std::unique_lock lock(mutex_);
  for (;;) {
    const std::vector<Resume> due = TakeDue();
    lock.unlock();
    for (const Resume& resume : due) resume();
    lock.lock();
    if (stopping_ && waiting_.empty()) return;
    if (NextDeadline() == Deadline::max()) {
      changed_.wait(lock);
    } else if (NextDeadline() > std::chrono::steady_clock::now()) {
      changed_.wait_until(lock, NextDeadline());
    }
  }
}

std::vector<LongPolls::Resume> LongPolls::TakeDue() {
  const auto now = std::chrono::steady_clock::now();
  const auto first_due =
      std::stable_partition(waiting_.begin(), waiting_.end(), [&](const Waiting& w) { return w.deadline > now; });
  std::vector<Resume> due;
  for (auto entry = first_due; entry != waiting_.end(); ++entry) due.push_back(std::move(entry->resume));
  waiting_.erase(first_due, waiting_.end());
  return due;
}

LongPolls::Deadline LongPolls::NextDeadline() const {
  Deadline next = Deadline::max();
  for (const Waiting& waiting : waiting_) next = std::min(next, waiting.deadline);
  return next;
}

}  // namespace outpost::server
