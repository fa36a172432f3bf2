// A thread of its own for the writer's rows, so that they are stored while the next commands are computed. Jobs run in
// the order they were given. One thread gives them and asks for their end.
#pragma once

#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <thread>
#include <vector>

#include "base/result.h"

namespace outpost::server {

class Background {
 public:
  Background();
  ~Background();  // what was given runs to its end first
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  void Run(std::packaged_task<Status()> job);
  // Waits until nothing is left to do: the first failure since the last time, or what a job threw.
  Status Settle();
  // Waits, whatever became of them.
  void Drop();

 private:
  void Work();

  std::mutex mutex_;
  std::condition_variable given_;
  std::deque<std::packaged_task<Status()>> jobs_;
  bool stopping_ = false;
  std::vector<std::future<Status>> under_way_;  // of the thread that gives
  std::thread thread_;                          // last: it uses what stands above
};

}  // namespace outpost::server
