#include "server/sqlite/background.h"

#include <exception>
#include <utility>

namespace outpost::server {
namespace {

Status Perform(const Background::Job& job) {
  try {
    return job();
  } catch (const std::exception&) {  // out of memory
    return Error{ErrorCode::kIo, "the server could not store this, try again"};
  }
}

}  // namespace

Background::Background() : thread_([this] { Work(); }) {}

Background::~Background() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    jobs_.clear();
  }
  changed_.notify_all();
  thread_.join();
}

void Background::Run(Job job) {
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  changed_.notify_all();
}

Status Background::Settle() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return jobs_.empty() && !running_; });
  return std::exchange(status_, {});
}

void Background::Work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    if (stopping_) return;
    const Job job = std::move(jobs_.front());
    jobs_.pop_front();
    if (status_.ok()) {
      running_ = true;
      lock.unlock();
      Status done = Perform(job);
      lock.lock();
      running_ = false;
      status_ = std::move(done);
    }
    changed_.notify_all();
  }
}

}  // namespace outpost::server
