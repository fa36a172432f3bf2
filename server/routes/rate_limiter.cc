#include "server/routes/rate_limiter.h"

#include <algorithm>
#include <cmath>

namespace outpost::server {

Milliseconds RateLimiter::Take(const std::string& name, Timestamp now) {
  if (limit_.per_second <= 0) return Milliseconds(0);
  const double burst = std::max(limit_.burst, 1.0);
  if (buckets_.size() >= kBucketsMax) ForgetFull(now);
  const auto [found, inserted] = buckets_.try_emplace(name, Bucket{burst, now});
  Bucket& bucket = found->second;
  // A clock set back refills nothing.
  const double seconds = std::max<double>(0, static_cast<double>((now - bucket.filled).count()) / 1000);
  bucket.tokens = std::min(burst, bucket.tokens + seconds * limit_.per_second);
  bucket.filled = now;
  if (bucket.tokens >= 1) {
    bucket.tokens -= 1;
    return Milliseconds(0);
  }
  return Milliseconds(static_cast<std::int64_t>(std::ceil((1 - bucket.tokens) / limit_.per_second * 1000)));
}

void RateLimiter::ForgetFull(Timestamp now) {
  const auto full_after =
      Milliseconds(static_cast<std::int64_t>(std::max(limit_.burst, 1.0) / limit_.per_second * 1000));
  std::erase_if(buckets_, [&](const auto& entry) { return entry.second.filled + full_after <= now; });
  if (buckets_.size() >= kBucketsMax) buckets_.clear();
}

}  // namespace outpost::server
