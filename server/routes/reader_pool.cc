#include "server/routes/reader_pool.h"

#include "http/thread_name.h"

namespace outpost::server {

ReaderPool::ReaderPool() {
  for (std::size_t i = 0; i < kReaderThreads; ++i) threads_.emplace_back([this] { Run(); });
}

ReaderPool::~ReaderPool() { Stop(); }

bool ReaderPool::Post(std::function<void()> job) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || jobs_.size() >= kReaderQueueMax) return false;
    jobs_.push_back(std::move(job));
  }
  arrived_.notify_one();
  return true;
}

void ReaderPool::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  arrived_.notify_all();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void ReaderPool::Run() {
  http::NameThisThread("reader");
  for (;;) {
    std::function<void()> job;
    {
      std::unique_lock lock(mutex_);
      arrived_.wait(lock, [&] { return stopping_ || !jobs_.empty(); });
      if (jobs_.empty()) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    job();
  }
}

}  // namespace outpost::server
