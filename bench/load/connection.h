// One non-blocking TCP connection to a server on this machine, for load generators that hold thousands of them in one
// thread. Knows bytes; what they mean is its owner's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace outpost::load {

class Connection {
 public:
  explicit Connection(std::uint16_t port);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  int handle() const { return socket_; }
  // Queues and writes as much as goes.
  void Send(std::string_view bytes);
  // False: the peer closed it.
  bool Fill();
  std::string& received() { return received_; }

 private:
  int socket_ = -1;
  std::string unsent_;
  std::string received_;
};

// A complete HTTP answer at the front of `received`, which it is then cut from. Chunked answers are not read here.
struct Answer {
  int status = 0;  // 0: not all there yet
  std::string body;
};
Answer TakeAnswer(std::string& received);

// Ready connections, by what was registered with them.
class Poller {
 public:
  Poller();
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  void Add(const Connection& connection, std::size_t number);
  // Calls `ready(number)` for each with something to read.
  template <class Ready>
  void Wait(int timeout_ms, Ready ready) {
    std::size_t numbers[kBatch];
    const std::size_t count = WaitForSome(timeout_ms, numbers);
    for (std::size_t i = 0; i < count; ++i) ready(numbers[i]);
  }

 private:
  static constexpr std::size_t kBatch = 512;
  std::size_t WaitForSome(int timeout_ms, std::size_t* numbers);
  int epoll_ = -1;
};

// As many open files as this process may have.
void RaiseFileLimit();

}  // namespace outpost::load
