#include "server/routes/housekeeping.h"

#include <chrono>

#include "http/thread_name.h"

namespace outpost::server {
namespace {

constexpr std::chrono::milliseconds kTick{200};
constexpr std::chrono::hours kPurgeInterval{24};
constexpr std::chrono::minutes kFirstPurge{1};  // not while everybody reconnects after a start

}  // namespace

Housekeeping::Housekeeping(Store& store, Writers& writer, Log& log, Clock clock, Retention retention,
                           std::function<void()> tick)
    : store_(store),
      writer_(writer),
      log_(log),
      clock_(std::move(clock)),
      retention_(retention),
      tick_(std::move(tick)) {
  purge_.name = kPurgeJob;
  purge_.next = clock_() + std::chrono::duration_cast<Milliseconds>(kFirstPurge);
  thread_ = std::thread([this] { Run(); });
}

Housekeeping::~Housekeeping() { Stop(); }

void Housekeeping::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stopped_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Housekeeping::Run() {
  http::NameThisThread("housekeeping");
  auto next_purge = std::chrono::steady_clock::now() + kFirstPurge;
  std::unique_lock lock(mutex_);
  while (!stopped_.wait_for(lock, kTick, [&] { return stopping_; })) {
    lock.unlock();
    if (tick_) tick_();
    if (std::chrono::steady_clock::now() >= next_purge) {
      next_purge += kPurgeInterval;
      (void)BeginPurge();
    }
    lock.lock();
  }
}

std::vector<JobState> Housekeeping::jobs() const {
  const std::lock_guard lock(jobs_mutex_);
  return {purge_};
}

Status Housekeeping::RunNow(const std::string& job) {
  if (job != kPurgeJob) return Error{ErrorCode::kNotFound, "there is no job " + job};
  if (!BeginPurge()) return Error{ErrorCode::kBusy, "the job is running"};
  return {};
}

bool Housekeeping::BeginPurge() {
  {
    const std::lock_guard lock(jobs_mutex_);
    if (purge_.running) return false;
    purge_.running = true;
    purge_.started = clock_();
    purge_.next = *purge_.started + std::chrono::duration_cast<Milliseconds>(kPurgeInterval);
    purge_.finished.reset();
    purge_.steps = 0;
    ++purge_.runs;
  }
  writer_.RunBetweenGroups([this] { PurgeStep(); });
  return true;
}

void Housekeeping::EndPurge(std::string result) {
  const std::lock_guard lock(jobs_mutex_);
  purge_.running = false;
  purge_.finished = clock_();
  purge_.result = std::move(result);
}

// On the writer's thread. Asks for the next step itself, so that commands come in between.
void Housekeeping::PurgeStep() {
  const Timestamp now = clock_();
  PurgeBounds bounds;
  bounds.outcomes_before = now - retention_.outcomes;
  bounds.keys_before = now - retention_.keys;
  bounds.tombstones_before = now - retention_.tombstones;
  const auto more = store_.Purge(bounds);
  {
    const std::lock_guard lock(jobs_mutex_);
    ++purge_.steps;
  }
  if (!more.ok()) {
    log_.Event(LogLevel::kWarning, "the purge stopped and goes on tomorrow", now, more.error().message);
    EndPurge(more.error().message);
  } else if (more.value()) {
    writer_.RunBetweenGroups([this] { PurgeStep(); });
  } else {
    EndPurge("ok");
  }
}

}  // namespace outpost::server
