// The jobs: visible, run once however many nodes there are, and by hand when somebody asks (S13). The daily purge, in
// small steps between groups of commands, and whatever the store wants done several times a second (moving its log into
// the database file). One thread that sleeps; time comes from the clock it is given.
//
// What is known of a job is the store's record of it: it outlives the process, and whoever puts the next version of it
// has the job until the lease ends.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "server/core/store.h"
#include "server/routes/access_log.h"
#include "server/routes/clock.h"
#include "server/routes/writers.h"

namespace outpost::server {

struct Retention {
  Milliseconds outcomes{7LL * 24 * 3600 * 1000};
  Milliseconds keys{400LL * 24 * 3600 * 1000};
  Milliseconds tombstones{90LL * 24 * 3600 * 1000};
};

inline constexpr const char* kPurgeJob = "purge";

class Housekeeping {
 public:
  // `node` names this process among those on one store; `tick` may be empty.
  Housekeeping(Store& store, Writers& writer, Log& log, Clock clock, Retention retention, std::string node,
               std::function<void()> tick);
  ~Housekeeping();

  void Stop();

  // As stored, this process's run as it is now.
  std::vector<JobRecord> jobs() const;
  bool IsRunning(const JobRecord& job) const;
  // Begins a run now, between groups of commands. kNotFound: no such job; kBusy: it is running.
  Status RunNow(const std::string& job);

 private:
  void Run();
  JobRecord Stored() const;
  // False: it is running here.
  bool BeginPurge(bool by_hand);
  // These are on the writer's thread.
  void ClaimPurge(bool by_hand);
  bool Put();
  void PurgeStep();
  void EndPurge(std::string result);
  void LetGo();

  Store& store_;
  Writers& writer_;
  Log& log_;
  Clock clock_;
  Retention retention_;
  std::function<void()> tick_;

  std::string node_;

  mutable std::mutex jobs_mutex_;
  bool running_here_ = false;
  JobRecord purge_;  // while it is running here

  std::mutex mutex_;
  std::condition_variable stopped_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace outpost::server
