#include "cli/stop_signals.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include "base/assert.h"

namespace outpost::cli {

StopSignals::StopSignals() {
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGINT);
  sigaddset(&stop, SIGTERM);
  OUTPOST_ASSERT(sigprocmask(SIG_BLOCK, &stop, &before_) == 0);
  fd_ = signalfd(-1, &stop, SFD_NONBLOCK | SFD_CLOEXEC);
  OUTPOST_ASSERT(fd_ >= 0);
}

StopSignals::~StopSignals() {
  Stopped();  // what came meanwhile has been heard: it must not end the process now
  close(fd_);
  sigprocmask(SIG_SETMASK, &before_, nullptr);
}

bool StopSignals::Stopped() {
  signalfd_siginfo info;
  while (read(fd_, &info, sizeof info) == static_cast<ssize_t>(sizeof info)) stopped_ = true;
  return stopped_;
}

}  // namespace outpost::cli
