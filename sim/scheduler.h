// Virtual time: events run in the order of their time, ties in the order they were asked for. Nothing waits, so a
// simulated day takes as long as its work. The only clock in sim.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "base/assert.h"
#include "base/time.h"

namespace outpost::sim {

class Scheduler {
 public:
  explicit Scheduler(Timestamp start) : start_(start), now_(start) {}
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  Timestamp now() const { return now_; }
  Milliseconds elapsed() const { return now_ - start_; }

  void After(std::int64_t delay_ms, std::function<void()> event) {
    OUTPOST_ASSERT(delay_ms >= 0);
    events_.emplace(std::pair(now_.ms + delay_ms, next_++), std::move(event));
  }

  // Runs the next event that is due already; false when there is none.
  bool RunDue() { return !events_.empty() && events_.begin()->first.first <= now_.ms && RunOne(now_); }

  // Runs the next event that is due until then; false when there is none, and then it is `until`.
  bool RunOne(Timestamp until) {
    if (events_.empty() || events_.begin()->first.first > until.ms) {
      if (now_ < until) now_ = until;
      return false;
    }
    auto event = events_.extract(events_.begin());
    now_ = Timestamp{event.key().first};
    event.mapped()();
    return true;
  }

 private:
  Timestamp start_;
  Timestamp now_;
  std::uint64_t next_ = 0;
  std::map<std::pair<std::int64_t, std::uint64_t>, std::function<void()>> events_;
};

}  // namespace outpost::sim
