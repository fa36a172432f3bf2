// The daily purge, in small steps between groups of commands, and whatever the store wants done several times a second
// (moving its log into the database file). One thread that sleeps; time comes from the clock it is given.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "server/core/store.h"
#include "server/routes/access_log.h"
#include "server/routes/clock.h"
#include "server/routes/group_committer.h"

namespace outpost::server {

struct Retention {
  Milliseconds outcomes{7LL * 24 * 3600 * 1000};
  Milliseconds keys{400LL * 24 * 3600 * 1000};
  Milliseconds tombstones{90LL * 24 * 3600 * 1000};
};

class Housekeeping {
 public:
  // `tick` may be empty.
  Housekeeping(Store& store, GroupCommitter& writer, Log& log, Clock clock, Retention retention,
               std::function<void()> tick);
  ~Housekeeping();

  void Stop();

 private:
  void Run();
  void PurgeStep();

  Store& store_;
  GroupCommitter& writer_;
  Log& log_;
  Clock clock_;
  Retention retention_;
  std::function<void()> tick_;

  std::mutex mutex_;
  std::condition_variable stopped_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace outpost::server
