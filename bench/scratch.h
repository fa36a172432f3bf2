// A folder for one benchmark, on the disk that OUTPOST_BENCH_DIR names (a RAM disk would flatter every fsync); removed
// at the end.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace outpost::bench {

class Scratch {
 public:
  explicit Scratch(const std::string& name) {
    const char* root = std::getenv("OUTPOST_BENCH_DIR");
    folder_ = std::filesystem::path(root != nullptr ? root : ".") / ("bench-" + name);
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  std::string File(const std::string& name) const { return (folder_ / name).string(); }

 private:
  std::filesystem::path folder_;
};

}  // namespace outpost::bench
