// Token buckets by name (a user of a workspace, a device): how long the next request has to wait. Time comes in. One
// thread. Bounded: of the names not heard of for long, whose buckets are full again anyway, nothing is kept.
#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>

#include "base/time.h"
#include "server/routes/http_policy.h"

namespace outpost::server {

inline constexpr std::size_t kBucketsMax = 65536;

class RateLimiter {
 public:
  explicit RateLimiter(RateLimit limit) : limit_(limit) {}

  // Zero: go on, and one request is counted. Otherwise how long until there is room again.
  Milliseconds Take(const std::string& name, Timestamp now);

 private:
  struct Bucket {
    double tokens = 0;
    Timestamp filled;
  };
  void ForgetFull(Timestamp now);

  RateLimit limit_;
  std::unordered_map<std::string, Bucket> buckets_;
};

}  // namespace outpost::server
