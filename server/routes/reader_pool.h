// A few threads for what must not run on the I/O thread: reads of the store, compression, parsing of large bodies.
// Bounded: a full queue refuses, and the caller answers 503.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace outpost::server {

inline constexpr std::size_t kReaderThreads = 2;
inline constexpr std::size_t kReaderQueueMax = 4096;

class ReaderPool {
 public:
  ReaderPool();
  ~ReaderPool();

  // False: full or stopped; the job was not taken. A job must not throw.
  bool Post(std::function<void()> job);
  // Runs what is queued, then ends.
  void Stop();

 private:
  void Run();

  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<std::function<void()>> jobs_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace outpost::server
