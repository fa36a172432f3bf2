#include "transport/scripted_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>

#include "base/assert.h"

namespace outpost::transport {
namespace {

// The bytes of one whole request at the front of `buffered`; empty while it is incomplete.
std::string TakeRequest(std::string& buffered) {
  const std::size_t head_end = buffered.find("\r\n\r\n");
  if (head_end == std::string::npos) return {};
  std::size_t length = head_end + 4;
  const std::size_t at = buffered.find("Content-Length: ");
  if (at != std::string::npos && at < head_end) length += std::strtoul(buffered.c_str() + at + 16, nullptr, 10);
  if (buffered.size() < length) return {};
  std::string request = buffered.substr(0, length);
  buffered.erase(0, length);
  return request;
}

}  // namespace

std::string PlainResponse(const std::string& status_line, const std::string& headers, const std::string& body) {
  return "HTTP/1.1 " + status_line + "\r\n" + headers + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}

ScriptedServer::ScriptedServer(Handler handler) : handler_(std::move(handler)) {
  listener_ = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  OUTPOST_ASSERT(bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  OUTPOST_ASSERT(listen(listener_, 16) == 0);
  socklen_t size = sizeof address;
  getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  accepting_ = std::thread([this] { Accept(); });
}

ScriptedServer::~ScriptedServer() {
  stopping_ = true;
  shutdown(listener_, SHUT_RDWR);
  accepting_.join();
  {
    const std::lock_guard lock(mutex_);
    for (const int socket : sockets_) shutdown(socket, SHUT_RDWR);
  }
  for (std::thread& thread : serving_) thread.join();
  for (const int socket : sockets_) close(socket);
  close(listener_);
}

std::string ScriptedServer::url() const { return "http://127.0.0.1:" + std::to_string(port_); }

std::vector<std::string> ScriptedServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

void ScriptedServer::Accept() {
  while (!stopping_) {
    const int socket = accept(listener_, nullptr, nullptr);
    if (socket < 0) return;
    ++connections_;
    const std::lock_guard lock(mutex_);
    sockets_.push_back(socket);
    serving_.emplace_back([this, socket] { Serve(socket); });
  }
}

void ScriptedServer::Serve(int socket) {
  std::string buffered;
  char bytes[16384];
  while (true) {
    for (std::string request = TakeRequest(buffered); !request.empty(); request = TakeRequest(buffered)) {
      {
        const std::lock_guard lock(mutex_);
        requests_.push_back(request);
      }
      const std::string response = handler_(request);
      for (std::size_t sent = 0; sent < response.size();) {
        const ssize_t n = send(socket, response.data() + sent, response.size() - sent, MSG_NOSIGNAL);
        if (n <= 0) return;
        sent += static_cast<std::size_t>(n);
      }
      if (response.find("Connection: close") != std::string::npos) {
        shutdown(socket, SHUT_RDWR);
        return;
      }
    }
    const ssize_t n = recv(socket, bytes, sizeof bytes, 0);
    if (n <= 0) return;
    buffered.append(bytes, static_cast<std::size_t>(n));
  }
}

}  // namespace outpost::transport
