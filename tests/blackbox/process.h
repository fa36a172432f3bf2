// The real program in a process of its own, as a user starts it. Killed with SIGKILL unless stopped.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace outpost::blackbox {

// The program under test: OUTPOST_BIN of the environment, else the one of this build.
std::string ProgramPath();

struct Finished {
  int exit_code = -1;  // 128 + signal when one ended it
  std::string output;  // stdout
  std::string errors;  // stderr
};

using Environment = std::map<std::string, std::string>;

class Process {
 public:
  Process(const std::vector<std::string>& arguments, const Environment& environment);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // The next line of stdout; nullopt when it ended or said nothing for 20 seconds.
  std::optional<std::string> ReadLine();
  void Signal(int number);
  // Reads to the end and waits, 20 seconds at most.
  Finished Wait();
  pid_t pid() const { return pid_; }

 private:
  bool Fill(int timeout_ms);
  std::string Errors() const;

  pid_t pid_ = -1;
  int output_ = -1;
  int errors_ = -1;
  std::string unread_;
};

// Runs it to its end.
Finished RunProgram(const std::vector<std::string>& arguments, const Environment& environment = {});

}  // namespace outpost::blackbox
