#include "bench/workloads/server_process.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>

namespace outpost::bench {
namespace {

[[noreturn]] void Fail(const std::string& what) {
  std::fprintf(stderr, "bench: %s\n", what.c_str());
  std::exit(1);
}

std::string Program() {
  const char* program = std::getenv("OUTPOST_BIN");
  return program != nullptr ? program : "build/outpost";
}

std::string FirstLine(FILE* stream) {
  char line[8192];
  if (std::fgets(line, sizeof line, stream) == nullptr) return {};
  std::string text(line);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

}  // namespace

ServerProcess::ServerProcess(const std::string& data_directory) {
  const std::string program = Program();
  FILE* token =
      ::popen((program + " token --data '" + data_directory + "' --workspace bench --user anna").c_str(), "r");
  if (token != nullptr) {
    token_ = FirstLine(token);
    ::pclose(token);
  }
  if (token_.empty()) Fail(program + " makes no token; build it with ./dev build");
  int output[2];
  if (::pipe(output) != 0) Fail("no pipe");
  pid_ = ::fork();
  if (pid_ == 0) {
    ::dup2(output[1], STDOUT_FILENO);
    ::close(output[0]);
    ::close(output[1]);
    const char* log = "OUTPOST_LOG_LEVEL=error";
    ::putenv(const_cast<char*>(log));
    if (std::freopen("/dev/null", "w", stderr) == nullptr) ::_exit(126);
    ::execl(program.c_str(), program.c_str(), "serve", "--data", data_directory.c_str(), "--listen", "127.0.0.1:0",
            nullptr);
    ::_exit(127);
  }
  ::close(output[1]);
  FILE* lines = ::fdopen(output[0], "r");
  const std::string ready = FirstLine(lines);
  std::fclose(lines);
  constexpr std::string_view kPrefix = "listening on ";
  if (ready.rfind(kPrefix, 0) != 0) Fail(program + " serve did not start");
  url_ = ready.substr(kPrefix.size());
}

ServerProcess::~ServerProcess() {
  ::kill(pid_, SIGTERM);
  ::waitpid(pid_, nullptr, 0);
}

double ServerProcess::CpuSeconds() const {
  clockid_t clock;
  timespec used{};
  if (::clock_getcpuclockid(pid_, &clock) != 0 || ::clock_gettime(clock, &used) != 0) return 0;
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

std::unique_ptr<transport::HttpTransport> ServerProcess::Connect() const {
  auto transport = transport::HttpTransport::Create(url_, [token = token_] { return token; });
  if (!transport.ok()) Fail(transport.error().message);
  return std::move(transport).value();
}

}  // namespace outpost::bench
