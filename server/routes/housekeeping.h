// The jobs: visible, run once at a time, and by hand when somebody asks (S13). The daily purge, in small steps between
// groups of commands, and whatever the store wants done several times a second (moving its log into the database file).
// One thread that sleeps; time comes from the clock it is given.
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

// What an operator sees of a job.
struct JobState {
  std::string name;
  bool running = false;
  std::optional<Timestamp> started;   // the last run
  std::optional<Timestamp> finished;  // of the last run, once it ended
  std::string result;                 // "ok", or why it stopped; empty: it never ran
  std::uint64_t steps = 0;            // of the last run
  std::uint64_t runs = 0;
  Timestamp next;
};

inline constexpr const char* kPurgeJob = "purge";

class Housekeeping {
 public:
  // `tick` may be empty.
  Housekeeping(Store& store, Writers& writer, Log& log, Clock clock, Retention retention, std::function<void()> tick);
  ~Housekeeping();

  void Stop();

  std::vector<JobState> jobs() const;
  // Begins a run now, between groups of commands. kNotFound: no such job; kBusy: it is running.
  Status RunNow(const std::string& job);

 private:
  void Run();
  bool BeginPurge();
  void PurgeStep();
  void EndPurge(std::string result);

  Store& store_;
  Writers& writer_;
  Log& log_;
  Clock clock_;
  Retention retention_;
  std::function<void()> tick_;

  mutable std::mutex jobs_mutex_;
  JobState purge_;

  std::mutex mutex_;
  std::condition_variable stopped_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace outpost::server
