// Work in child processes, several at a time, each telling its parent lines of text. A planted bug or a broken law may
// end its process by an assertion: that ends the child and not the story. Children are forks: what they do to memory
// is theirs alone.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdio>
#include <functional>
#include <map>
#include <optional>
#include <string>

namespace outpost::sim {

class Children {
 public:
  // Runs in the child, which ends with it; `out` goes to the parent, line by line.
  using Work = std::function<void(std::FILE* out)>;

  struct Event {
    std::size_t tag = 0;              // of the child it is about
    std::optional<std::string> line;  // nullopt: the child ended
    bool crashed = false;             // by a signal, or with a code of its own
  };

  Children() = default;
  ~Children();
  Children(const Children&) = delete;
  Children& operator=(const Children&) = delete;

  // False: the system gives no more processes.
  bool Start(std::size_t tag, const Work& work);
  std::size_t running() const { return children_.size(); }
  // The next line or end of any child; nullopt when none is left, or nothing came for that long.
  std::optional<Event> Next(int timeout_ms = -1);
  // Ends that child; its end is told by Next as a crash.
  void Kill(std::size_t tag);

 private:
  struct Child {
    pid_t process = -1;
    int pipe = -1;
    std::string read;  // not yet a whole line
  };
  std::optional<Event> TakeLine();

  std::map<std::size_t, Child> children_;
};

// How many children keep this machine busy.
unsigned ProcessorCount();

}  // namespace outpost::sim
