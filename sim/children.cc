#include "sim/children.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <thread>
#include <utility>
#include <vector>

namespace outpost::sim {

Children::~Children() {
  for (auto& [tag, child] : children_) {
    kill(child.process, SIGKILL);
    waitpid(child.process, nullptr, 0);
    close(child.pipe);
  }
}

bool Children::Start(std::size_t tag, const Work& work) {
  int ends[2];
  if (pipe(ends) != 0) return false;
  std::fflush(nullptr);
  const pid_t process = fork();
  if (process < 0) {
    close(ends[0]);
    close(ends[1]);
    return false;
  }
  if (process == 0) {
    close(ends[0]);
    for (const auto& [other, child] : children_) close(child.pipe);
    std::FILE* out = fdopen(ends[1], "w");
    std::setvbuf(out, nullptr, _IOLBF, 1 << 16);
    work(out);
    std::fflush(nullptr);
    _exit(0);
  }
  close(ends[1]);
  children_[tag] = {process, ends[0], {}};
  return true;
}

void Children::Kill(std::size_t tag) {
  const auto found = children_.find(tag);
  if (found != children_.end()) kill(found->second.process, SIGKILL);
}

std::optional<Children::Event> Children::TakeLine() {
  for (auto& [tag, child] : children_) {
    const auto end = child.read.find('\n');
    if (end == std::string::npos) continue;
    Event event{tag, child.read.substr(0, end), false};
    child.read.erase(0, end + 1);
    return event;
  }
  return std::nullopt;
}

std::optional<Children::Event> Children::Next(int timeout_ms) {
  for (;;) {
    if (auto event = TakeLine()) return event;
    if (children_.empty()) return std::nullopt;
    std::vector<pollfd> polled;
    std::vector<std::size_t> tags;
    for (const auto& [tag, child] : children_) {
      polled.push_back({child.pipe, POLLIN, 0});
      tags.push_back(tag);
    }
    if (poll(polled.data(), polled.size(), timeout_ms) == 0) return std::nullopt;
    for (std::size_t i = 0; i < polled.size(); ++i) {
      if (polled[i].revents == 0) continue;
      Child& child = children_.at(tags[i]);
      std::array<char, 1 << 16> buffer{};
      const ssize_t size = read(child.pipe, buffer.data(), buffer.size());
      if (size > 0) {
        child.read.append(buffer.data(), static_cast<std::size_t>(size));
        continue;
      }
      int status = 0;
      waitpid(child.process, &status, 0);
      close(child.pipe);
      const bool clean = WIFEXITED(status) && WEXITSTATUS(status) == 0;
      children_.erase(tags[i]);
      return Event{tags[i], std::nullopt, !clean};
    }
  }
}

unsigned ProcessorCount() {
  const unsigned count = std::thread::hardware_concurrency();
  return count == 0 ? 1 : count;
}

}  // namespace outpost::sim
