#include "server/sqlite/background.h"

#include <utility>

namespace outpost::server {

Background::Background() : thread_([this] { Work(); }) {}

Background::~Background() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  given_.notify_one();
  thread_.join();
}

void Background::Run(std::packaged_task<Status()> job) {
  under_way_.push_back(job.get_future());
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  given_.notify_one();
}

Status Background::Settle() {
  for (const auto& job : under_way_) job.wait();
  for (auto& job : std::exchange(under_way_, {})) OUTPOST_CHECK(job.get());
  return {};
}

void Background::Drop() {
  for (const auto& job : std::exchange(under_way_, {})) job.wait();
}

void Background::Work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    given_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    std::packaged_task<Status()> job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    job();
    lock.lock();
  }
}

}  // namespace outpost::server
