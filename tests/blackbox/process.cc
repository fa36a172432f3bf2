#include "tests/blackbox/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

namespace outpost::blackbox {
namespace {

constexpr int kPatienceMs = 20000;

// The test's own environment without what would change the program's behaviour, plus what the test gives.
std::vector<std::string> Inherit(const Environment& given) {
  std::vector<std::string> out;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (std::string(*entry).rfind("OUTPOST_", 0) != 0) out.emplace_back(*entry);
  }
  for (const auto& [name, value] : given) out.push_back(name + "=" + value);
  return out;
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

}  // namespace

std::string ProgramPath() {
  const char* given = std::getenv("OUTPOST_BIN");
  return given != nullptr ? given : OUTPOST_PROGRAM;
}

Process::Process(const std::vector<std::string>& arguments, const Environment& environment) {
  int out[2];
  if (::pipe2(out, O_CLOEXEC) != 0) return;
  // A file takes whatever a server logs in a long test; a pipe that nobody reads would stop it.
  errors_ = ::memfd_create("stderr", MFD_CLOEXEC);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, errors_, STDERR_FILENO);
  std::vector<std::string> texts = {ProgramPath()};
  texts.insert(texts.end(), arguments.begin(), arguments.end());
  std::vector<std::string> variables = Inherit(environment);
  if (::posix_spawn(&pid_, texts[0].c_str(), &actions, nullptr, Pointers(texts).data(), Pointers(variables).data()) !=
      0)
    pid_ = -1;
  posix_spawn_file_actions_destroy(&actions);
  ::close(out[1]);
  output_ = out[0];
}

Process::~Process() {
  if (pid_ > 0) {
    Signal(SIGKILL);
    int status = 0;
    ::waitpid(pid_, &status, 0);
  }
  if (output_ >= 0) ::close(output_);
  if (errors_ >= 0) ::close(errors_);
}

bool Process::Fill(int timeout_ms) {
  pollfd pipe{output_, POLLIN, 0};
  if (::poll(&pipe, 1, timeout_ms) <= 0) return false;
  char bytes[4096];
  const ssize_t size = ::read(output_, bytes, sizeof bytes);
  if (size > 0) {
    unread_.append(bytes, static_cast<std::size_t>(size));
    return true;
  }
  ::close(output_);
  output_ = -1;
  return false;
}

std::string Process::Errors() const {
  std::string text;
  char bytes[4096];
  for (ssize_t size = 0; (size = ::pread(errors_, bytes, sizeof bytes, static_cast<off_t>(text.size()))) > 0;) {
    text.append(bytes, static_cast<std::size_t>(size));
  }
  return text;
}

std::optional<std::string> Process::ReadLine() {
  std::size_t end = unread_.find('\n');
  while (end == std::string::npos) {
    if (output_ < 0 || !Fill(kPatienceMs)) return std::nullopt;
    end = unread_.find('\n');
  }
  std::string line = unread_.substr(0, end);
  unread_.erase(0, end + 1);
  return line;
}

void Process::Signal(int number) {
  if (pid_ > 0) ::kill(pid_, number);
}

Finished Process::Wait() {
  Finished finished;
  while (output_ >= 0 && Fill(kPatienceMs)) {
  }
  int status = 0;
  if (pid_ > 0 && output_ >= 0) Signal(SIGKILL);  // said nothing for too long
  if (pid_ > 0 && ::waitpid(pid_, &status, 0) == pid_) {
    finished.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  pid_ = -1;
  finished.output = unread_;
  finished.errors = Errors();
  return finished;
}

Finished RunProgram(const std::vector<std::string>& arguments, const Environment& environment) {
  return Process(arguments, environment).Wait();
}

}  // namespace outpost::blackbox
