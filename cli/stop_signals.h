// SIGINT and SIGTERM as something to ask for instead of something that happens: blocked while this lives, so that
// stopping is always between two steps. `fd()` can be waited on beside other descriptors.
#pragma once

#include <signal.h>

namespace outpost::cli {

class StopSignals {
 public:
  StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
  ~StopSignals();

  // True from the first signal on.
  bool Stopped();
  int fd() const { return fd_; }

 private:
  sigset_t before_;
  int fd_ = -1;
  bool stopped_ = false;
};

}  // namespace outpost::cli
