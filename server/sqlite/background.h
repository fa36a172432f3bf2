// A thread of its own for the writer's rows, so that they are stored while the next commands are computed. Jobs run in
// the order they were given; after one that failed the rest are dropped until Settle has told of it.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "base/result.h"

namespace outpost::server {

class Background {
 public:
  using Job = std::function<Status()>;

  Background();
  ~Background();  // what waits is dropped, what runs ends first
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  void Run(Job job);
  // Waits until nothing is left to do; the first failure since the last time.
  Status Settle();

 private:
  void Work();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> jobs_;
  bool running_ = false;
  bool stopping_ = false;
  Status status_;
  std::thread thread_;  // last: it uses what stands above
};

}  // namespace outpost::server
