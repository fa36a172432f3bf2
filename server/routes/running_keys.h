// The idempotency keys of the REST writes that are being worked on just now, so that a second request with the same key
// can be told so when the first takes too long. Remembers nothing beyond that; from any thread.
#pragma once

#include <map>
#include <mutex>
#include <string>

namespace outpost::server {

class RunningKeys {
 public:
  // True: nobody else works on it.
  bool Begin(const std::string& key) {
    const std::lock_guard lock(mutex_);
    return ++running_[key] == 1;
  }
  void End(const std::string& key) {
    const std::lock_guard lock(mutex_);
    const auto found = running_.find(key);
    if (found != running_.end() && --found->second == 0) running_.erase(found);
  }

 private:
  std::mutex mutex_;
  std::map<std::string, int> running_;
};

}  // namespace outpost::server
