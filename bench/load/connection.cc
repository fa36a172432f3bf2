#include "bench/load/connection.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>

#include "bench/load/figures.h"

namespace outpost::load {

Connection::Connection(std::uint16_t port) {
  socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (socket_ < 0 || ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    Fail("cannot connect to port " + std::to_string(port));
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::fcntl(socket_, F_SETFL, O_NONBLOCK);
}

Connection::~Connection() {
  if (socket_ >= 0) ::close(socket_);
}

void Connection::Send(std::string_view bytes) {
  unsent_ += bytes;
  while (!unsent_.empty()) {
    const ssize_t sent = ::send(socket_, unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EAGAIN) return;  // the rest with the next call; requests here are small
    if (sent < 0) Fail("the server closed a connection");
    unsent_.erase(0, static_cast<std::size_t>(sent));
  }
}

bool Connection::Fill() {
  char bytes[65536];
  if (!unsent_.empty()) Send({});
  for (;;) {
    const ssize_t read = ::recv(socket_, bytes, sizeof bytes, 0);
    if (read < 0 && errno == EAGAIN) return true;
    if (read <= 0) return false;
    received_.append(bytes, static_cast<std::size_t>(read));
    if (static_cast<std::size_t>(read) < sizeof bytes) return true;
  }
}

namespace {

std::size_t LengthIn(std::string_view head) {
  for (const char* name : {"\r\nContent-Length: ", "\r\ncontent-length: "}) {
    const std::size_t at = head.find(name);
    if (at == std::string_view::npos) continue;
    const std::string_view digits = head.substr(at + 18);
    std::size_t length = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), length);
    return length;
  }
  return 0;
}

}  // namespace

Answer TakeAnswer(std::string& received) {
  Answer answer;
  const std::size_t end = received.find("\r\n\r\n");
  if (end == std::string::npos) return answer;
  const std::string_view head(received.data(), end);
  const std::size_t length = LengthIn(head);
  if (received.size() < end + 4 + length) return answer;
  std::from_chars(head.data() + 9, head.data() + 12, answer.status);
  answer.body = received.substr(end + 4, length);
  received.erase(0, end + 4 + length);
  return answer;
}

Poller::Poller() : epoll_(::epoll_create1(0)) {
  if (epoll_ < 0) Fail("no epoll");
}

Poller::~Poller() { ::close(epoll_); }

void Poller::Add(const Connection& connection, std::size_t number) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = number;
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.handle(), &event) != 0) Fail("cannot watch a connection");
}

std::size_t Poller::WaitForSome(int timeout_ms, std::size_t* numbers) {
  epoll_event events[kBatch];
  const int count = ::epoll_wait(epoll_, events, kBatch, timeout_ms);
  for (int i = 0; i < count; ++i) numbers[i] = static_cast<std::size_t>(events[i].data.u64);
  return count < 0 ? 0 : static_cast<std::size_t>(count);
}

void RaiseFileLimit() {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
}

}  // namespace outpost::load
