#include "server/routes/housekeeping.h"

#include <chrono>

#include "http/thread_name.h"

namespace outpost::server {
namespace {

constexpr std::chrono::milliseconds kTick{20};
constexpr std::chrono::seconds kLookInterval{20};  // whether a job is due
constexpr Milliseconds kPurgeInterval{24LL * 3600 * 1000};
constexpr Milliseconds kFirstPurge{60'000};  // of a new store: not while everybody connects
constexpr Milliseconds kLease{5 * 60'000};
constexpr Milliseconds kLeaseRenewal{60'000};

}  // namespace

Housekeeping::Housekeeping(Store& store, Writers& writer, Log& log, Clock clock, Retention retention, std::string node,
                           std::function<void()> tick)
    : store_(store),
      writer_(writer),
      log_(log),
      clock_(std::move(clock)),
      retention_(retention),
      tick_(std::move(tick)),
      node_(std::move(node)) {
  purge_.name = kPurgeJob;
  purge_.next = clock_() + kFirstPurge;
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
  auto next_look = std::chrono::steady_clock::now() + kLookInterval;
  std::unique_lock lock(mutex_);
  while (!stopped_.wait_for(lock, kTick, [&] { return stopping_; })) {
    lock.unlock();
    if (tick_) tick_();
    if (std::chrono::steady_clock::now() >= next_look) {
      next_look += kLookInterval;
      if (Stored().next <= clock_()) (void)BeginPurge(false);
    }
    lock.lock();
  }
}

// What the store remembers; of a new store, what this process began with.
JobRecord Housekeeping::Stored() const {
  auto records = store_.Jobs();
  if (records.ok()) {
    for (JobRecord& record : records.value()) {
      if (record.name == kPurgeJob) return std::move(record);
    }
  }
  const std::lock_guard lock(jobs_mutex_);
  return purge_;
}

std::vector<JobRecord> Housekeeping::jobs() const {
  JobRecord stored = Stored();
  const std::lock_guard lock(jobs_mutex_);
  return {running_here_ ? purge_ : std::move(stored)};
}

bool Housekeeping::IsRunning(const JobRecord& job) const { return !job.holder.empty() && clock_() < job.lease_until; }

Status Housekeeping::RunNow(const std::string& job) {
  if (job != kPurgeJob) return Error{ErrorCode::kNotFound, "there is no job " + job};
  if (!BeginPurge(true)) return Error{ErrorCode::kBusy, "the job is running"};
  return {};
}

bool Housekeeping::BeginPurge(bool by_hand) {
  JobRecord stored = Stored();
  {
    const std::lock_guard lock(jobs_mutex_);
    if (running_here_ || IsRunning(stored)) return false;
    running_here_ = true;
    purge_ = std::move(stored);
    purge_.holder = node_;
    purge_.started = clock_();
    purge_.lease_until = *purge_.started + kLease;
    purge_.finished.reset();
    purge_.steps = 0;
    ++purge_.runs;
    purge_.next = *purge_.started + kPurgeInterval;
  }
  writer_.RunBetweenGroups([this, by_hand] { ClaimPurge(by_hand); });
  return true;
}

// Of several nodes that find it due, the one whose record is taken runs it.
void Housekeeping::ClaimPurge(bool by_hand) {
  if (Put()) {
    PurgeStep();
  } else {
    log_.Event(LogLevel::kInfo, "another node has the job", clock_(), by_hand ? "asked by hand" : "it was due");
    LetGo();
  }
}

// The record with a version of its own; false: somebody else has put one since.
bool Housekeeping::Put() {
  JobRecord record;
  {
    const std::lock_guard lock(jobs_mutex_);
    ++purge_.version;
    record = purge_;
  }
  const auto put = store_.PutJob(record);
  return put.ok() && put.value();
}

void Housekeeping::LetGo() {
  const std::lock_guard lock(jobs_mutex_);
  running_here_ = false;
  purge_.holder.clear();
}

void Housekeeping::EndPurge(std::string result) {
  {
    const std::lock_guard lock(jobs_mutex_);
    purge_.holder.clear();
    purge_.finished = clock_();
    purge_.result = std::move(result);
  }
  (void)Put();
  LetGo();
}

// Asks for the next step itself, so that commands come in between.
void Housekeeping::PurgeStep() {
  const Timestamp now = clock_();
  const auto more = store_.Purge({.outcomes_before = now - retention_.outcomes,
                                  .keys_before = now - retention_.keys,
                                  .tombstones_before = now - retention_.tombstones});
  bool renew = false;
  {
    const std::lock_guard lock(jobs_mutex_);
    ++purge_.steps;
    renew = purge_.lease_until < now + kLease - kLeaseRenewal;
    if (renew) purge_.lease_until = now + kLease;
  }
  if (!more.ok()) {
    log_.Event(LogLevel::kWarning, "the purge stopped and goes on tomorrow", now, more.error().message);
    EndPurge(more.error().message);
  } else if (!more.value()) {
    EndPurge("ok");
  } else if (renew && !Put()) {
    log_.Event(LogLevel::kWarning, "the purge was taken over by another node", now);
    LetGo();
  } else {
    writer_.RunBetweenGroups([this] { PurgeStep(); });
  }
}

}  // namespace outpost::server
