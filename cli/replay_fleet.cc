#include "cli/replay_fleet.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <string_view>

extern char** environ;

namespace outpost::cli {
namespace {

constexpr int kReportFd = 3;  // in the device process
constexpr std::chrono::seconds kStopPatience{10};

// The token is not among them: it comes by the environment or by the file's name.
std::vector<std::string> ArgumentsFor(const ReplayOptions& options, int index) {
  std::vector<std::string> arguments = {"outpost",     "replay-device",
                                        "--server",    options.server,
                                        "--data",      options.data,
                                        "--orders",    options.orders,
                                        "--devices",   std::to_string(options.devices),
                                        "--index",     std::to_string(index),
                                        "--report-fd", std::to_string(kReportFd),
                                        "--seed",      std::to_string(options.seed)};
  const auto add = [&arguments](const char* name, const std::string& value) {
    arguments.emplace_back(name);
    arguments.push_back(value);
  };
  if (!options.trace.empty()) {
    add("--trace", options.trace);
  } else {
    add("--offline", std::to_string(options.offline_percent));
  }
  if (options.speed) add("--speed", std::to_string(*options.speed));
  if (options.limit) add("--limit", std::to_string(*options.limit));
  if (!options.token_file.empty()) add("--token-file", options.token_file);
  return arguments;
}

// This program again, with `report` as descriptor 3 and no signal blocked.
Result<pid_t> Spawn(const std::vector<std::string>& arguments, int report) {
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, report, kReportFd);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  pid_t pid = -1;
  const int error = posix_spawn(&pid, "/proc/self/exe", &actions, &attributes, argv.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return Error{ErrorCode::kIo, "a device process could not be started"};
  return pid;
}

}  // namespace

ReplayFleet::ReplayFleet(const ReplayOptions& options)
    : options_(options), members_(static_cast<std::size_t>(options.devices)) {}

ReplayFleet::~ReplayFleet() { Stop(); }

Status ReplayFleet::Start() {
  for (int index = 0; index < options_.devices; ++index) OUTPOST_CHECK(StartMember(index));
  return {};
}

Status ReplayFleet::StartMember(int index) {
  Member& member = members_[static_cast<std::size_t>(index)];
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return Error{ErrorCode::kIo, "no pipe for a device process"};
  // A descriptor that already is 3 would keep its close-on-exec flag through dup2.
  const int report = fcntl(ends[1], F_DUPFD_CLOEXEC, kReportFd + 1);
  close(ends[1]);
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  auto pid = Spawn(ArgumentsFor(options_, index), report);
  close(report);
  if (!pid.ok()) {
    close(ends[0]);
    return pid.error();
  }
  member.pid = pid.value();
  member.pipe = ends[0];
  member.heard.clear();
  member.progress.done = false;
  ++member.lives;
  return {};
}

Status ReplayFleet::RunOnce(Milliseconds wait_max, int wake_fd) {
  std::vector<pollfd> waiting = {{wake_fd, POLLIN, 0}};
  for (const Member& member : members_) {
    if (member.pipe >= 0) waiting.push_back({member.pipe, POLLIN, 0});
  }
  poll(waiting.data(), waiting.size(), static_cast<int>(wait_max.count()));
  for (Member& member : members_) Hear(member);
  return Reap();
}

void ReplayFleet::Hear(Member& member) {
  char bytes[4096];
  while (member.pipe >= 0) {
    const ssize_t n = read(member.pipe, bytes, sizeof bytes);
    if (n < 0) return;  // nothing more for now
    if (n == 0) {
      close(member.pipe);
      member.pipe = -1;
      return;
    }
    member.heard.append(bytes, static_cast<std::size_t>(n));
    for (std::size_t end = member.heard.find('\n'); end != std::string::npos; end = member.heard.find('\n')) {
      TakeLine(member, std::string_view(member.heard).substr(0, end));
      member.heard.erase(0, end + 1);
    }
  }
}

void ReplayFleet::TakeLine(Member& member, std::string_view line) {
  const auto progress = DeviceProgressFromJson(line);
  if (!progress.ok()) return;  // a process killed in the midst of a word
  if (member.lives == 1) member.settled_before = progress.value().settled_before;
  member.progress = progress.value();
  member.progress.settled_before = member.settled_before;
}

Status ReplayFleet::Reap() {
  for (int index = 0; index < options_.devices; ++index) {
    Member& member = members_[static_cast<std::size_t>(index)];
    int wait_status = 0;
    // Its pipe first: what it said last counts.
    if (member.pid < 0 || member.pipe >= 0 || waitpid(member.pid, &wait_status, WNOHANG) != member.pid) continue;
    OUTPOST_CHECK(Bury(index, wait_status));
  }
  return {};
}

Status ReplayFleet::Bury(int index, int wait_status) {
  Member& member = members_[static_cast<std::size_t>(index)];
  member.pid = -1;
  if (!WIFSIGNALED(wait_status)) {
    member.failed = WEXITSTATUS(wait_status) != 0 || !member.progress.done;
    return {};
  }
  if (member.lives > kDeviceRestartsMax) {
    std::fprintf(stderr, "device %d: killed too often, given up\n", index);
    member.failed = true;
    return {};
  }
  std::fprintf(stderr, "device %d: killed by signal %d, started again\n", index, WTERMSIG(wait_status));
  return StartMember(index);
}

void ReplayFleet::Stop() {
  using Clock = std::chrono::steady_clock;
  for (const Member& member : members_) {
    if (member.pid > 0) kill(member.pid, SIGTERM);
  }
  const Clock::time_point deadline = Clock::now() + kStopPatience;
  for (Member& member : members_) {
    while (member.pid > 0) {
      Hear(member);  // a full pipe would keep it from ending
      if (waitpid(member.pid, nullptr, WNOHANG) == member.pid) {
        member.pid = -1;
      } else if (Clock::now() >= deadline) {
        kill(member.pid, SIGKILL);
        waitpid(member.pid, nullptr, 0);
        member.pid = -1;
      } else {
        poll(nullptr, 0, 10);
      }
    }
    if (member.pipe >= 0) close(member.pipe);
    member.pipe = -1;
  }
}

bool ReplayFleet::running() const {
  return std::any_of(members_.begin(), members_.end(), [](const Member& member) { return member.pid > 0; });
}

bool ReplayFleet::failed() const {
  return std::any_of(members_.begin(), members_.end(), [](const Member& member) { return member.failed; });
}

int ReplayFleet::restarts() const {
  int restarts = 0;
  for (const Member& member : members_) restarts += std::max(member.lives - 1, 0);
  return restarts;
}

std::vector<DeviceProgress> ReplayFleet::progress() const {
  std::vector<DeviceProgress> all;
  for (const Member& member : members_) all.push_back(member.progress);
  return all;
}

}  // namespace outpost::cli
