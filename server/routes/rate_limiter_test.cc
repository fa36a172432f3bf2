#include "server/routes/rate_limiter.h"

#include <gtest/gtest.h>

namespace outpost::server {
namespace {

TEST(RateLimiter, LetsABurstThroughAndThenTheRate) {
  RateLimiter limiter({.per_second = 2, .burst = 3});
  Timestamp now{1'000'000};
  for (int i = 0; i < 3; ++i) EXPECT_EQ(limiter.Take("ann", now), Milliseconds(0)) << i;
  EXPECT_EQ(limiter.Take("ann", now), Milliseconds(500));
  now = now + Milliseconds(500);
  EXPECT_EQ(limiter.Take("ann", now), Milliseconds(0));
  EXPECT_GT(limiter.Take("ann", now), Milliseconds(0));
}

TEST(RateLimiter, OneNameDoesNotSpendAnothers) {
  RateLimiter limiter({.per_second = 1, .burst = 1});
  EXPECT_EQ(limiter.Take("ann", Timestamp{0}), Milliseconds(0));
  EXPECT_GT(limiter.Take("ann", Timestamp{0}), Milliseconds(0));
  EXPECT_EQ(limiter.Take("bob", Timestamp{0}), Milliseconds(0));
}

TEST(RateLimiter, IsOffByDefault) {
  RateLimiter limiter(RateLimit{});
  for (int i = 0; i < 10000; ++i) ASSERT_EQ(limiter.Take("ann", Timestamp{0}), Milliseconds(0));
}

TEST(RateLimiter, AClockSetBackRefillsNothing) {
  RateLimiter limiter({.per_second = 1, .burst = 1});
  EXPECT_EQ(limiter.Take("ann", Timestamp{10'000'000}), Milliseconds(0));
  EXPECT_GT(limiter.Take("ann", Timestamp{0}), Milliseconds(0));
}

TEST(RateLimiter, KeepsABoundedNumberOfNames) {
  RateLimiter limiter({.per_second = 1, .burst = 1});
  for (std::size_t i = 0; i <= kBucketsMax + 10; ++i) {
    EXPECT_EQ(limiter.Take("user-" + std::to_string(i), Timestamp{static_cast<std::int64_t>(i)}), Milliseconds(0));
  }
}

}  // namespace
}  // namespace outpost::server
