// Time and ids as the routes need them. The program's composition root gives the real ones, tests their own.
#pragma once

#include <functional>
#include <mutex>
#include <string>

#include "base/random.h"
#include "base/time.h"
#include "base/ulid.h"

namespace outpost::server {

using Clock = std::function<Timestamp()>;

// ULIDs for requests and unkeyed commands; from any thread.
class IdSource {
 public:
  IdSource(std::uint64_t seed, Clock clock) : random_(seed), ulids_(random_), clock_(std::move(clock)) {}

  std::string Next() {
    const std::lock_guard lock(mutex_);
    return ulids_.Next(clock_());
  }

 private:
  std::mutex mutex_;
  Random random_;
  UlidGenerator ulids_;
  Clock clock_;
};

}  // namespace outpost::server
