// `outpost serve` as a process of its own, on a free port, for the length of one workload.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>

#include "transport/http_transport.h"

namespace outpost::bench {

class ServerProcess {
 public:
  // OUTPOST_BIN names the program; build/outpost otherwise. Ends this process with a message when it does not start.
  explicit ServerProcess(const std::string& data_directory);
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;
  ~ServerProcess();

  std::unique_ptr<transport::HttpTransport> Connect() const;
  // Processor time the server has used so far.
  double CpuSeconds() const;

 private:
  pid_t pid_ = -1;
  std::string url_;
  std::string token_;
};

}  // namespace outpost::bench
