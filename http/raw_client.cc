#include "http/raw_client.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>

namespace outpost::http {
namespace {

constexpr int kPatienceMs = 20000;

void ParseHead(std::string_view head, Response& response) {
  response.status = std::atoi(std::string(head.substr(9, 3)).c_str());
  std::size_t line = head.find("\r\n");
  while (line != std::string_view::npos && line + 2 < head.size()) {
    const std::size_t start = line + 2;
    line = head.find("\r\n", start);
    const std::string_view field = head.substr(start, line == std::string_view::npos ? line : line - start);
    const std::size_t colon = field.find(": ");
    if (colon == std::string_view::npos) continue;
    response.headers.Add(std::string(field.substr(0, colon)), std::string(field.substr(colon + 2)));
  }
  response.content_type = std::string(response.headers.Get("Content-Type"));
}

}  // namespace

RawClient::RawClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(socket_);
    socket_ = -1;
  }
}

RawClient::~RawClient() {
  if (socket_ >= 0) ::close(socket_);
}

bool RawClient::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void RawClient::CloseSending() { ::shutdown(socket_, SHUT_WR); }

bool RawClient::Fill() {
  pollfd poll_socket{socket_, POLLIN, 0};
  if (::poll(&poll_socket, 1, kPatienceMs) <= 0) return false;
  char bytes[65536];
  const ssize_t received = ::recv(socket_, bytes, sizeof bytes, 0);
  if (received <= 0) return false;
  buffer_.append(bytes, static_cast<std::size_t>(received));
  return true;
}

std::optional<Response> RawClient::Read(bool head_only) {
  std::size_t end = buffer_.find("\r\n\r\n");
  while (end == std::string::npos) {
    if (!Fill()) return std::nullopt;
    end = buffer_.find("\r\n\r\n");
  }
  Response response;
  ParseHead(std::string_view(buffer_).substr(0, end), response);
  buffer_.erase(0, end + 4);
  const auto length = static_cast<std::size_t>(std::atoll(std::string(response.headers.Get("Content-Length")).c_str()));
  if (head_only || response.status == 100) return response;
  while (buffer_.size() < length) {
    if (!Fill()) return std::nullopt;
  }
  response.body = buffer_.substr(0, length);
  buffer_.erase(0, length);
  return response;
}

std::optional<std::string> RawClient::ReadBytes(std::size_t count) {
  while (buffer_.size() < count) {
    if (!Fill()) return std::nullopt;
  }
  std::string bytes = buffer_.substr(0, count);
  buffer_.erase(0, count);
  return bytes;
}

std::optional<std::string> RawClient::ReadLine() {
  std::size_t end = buffer_.find("\r\n");
  for (; end == std::string::npos; end = buffer_.find("\r\n")) {
    if (!Fill()) return std::nullopt;
  }
  std::string line = buffer_.substr(0, end);
  buffer_.erase(0, end + 2);
  return line;
}

bool RawClient::IsClosed() {
  if (!buffer_.empty()) return false;
  pollfd poll_socket{socket_, POLLIN, 0};
  if (::poll(&poll_socket, 1, kPatienceMs) <= 0) return false;
  char byte = 0;
  return ::recv(socket_, &byte, 1, 0) <= 0;
}

}  // namespace outpost::http
