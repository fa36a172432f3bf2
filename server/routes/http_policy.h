// What is configured about how the server speaks HTTP: which web pages of other origins may call it, and how many
// requests a user or a device may make.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"

namespace outpost::server {

// 0: no limit. A burst of `burst` is let through at once, then `per_second` refill it.
struct RateLimit {
  double per_second = 0;
  double burst = 0;
};

struct HttpPolicy {
  std::vector<std::string> cors_origins;  // "https://app.example", or "*"; empty: no other origin
  std::int64_t cors_max_age_s = 600;
  RateLimit per_user;
  RateLimit per_device;              // by the token's dev claim, else by Outpost-Device
  Milliseconds same_key_wait{5000};  // behind a request with the same key, before 409 REQUEST_IN_PROGRESS
  bool tls = false;                  // tell browsers to stay with HTTPS
};

}  // namespace outpost::server
