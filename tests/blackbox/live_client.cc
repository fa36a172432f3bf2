#include "tests/blackbox/live_client.h"

#include <cstdlib>

namespace outpost::blackbox {
namespace {

std::string Value(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return "";
  std::string_view value = line.substr(colon + 1);
  if (!value.empty() && value.front() == ' ') value.remove_prefix(1);
  return std::string(value);
}

Event Parse(std::string_view block) {
  Event event;
  while (!block.empty()) {
    const std::size_t end = block.find('\n');
    const std::string_view line = block.substr(0, end);
    if (line.starts_with("id:")) event.id = Value(line);
    if (line.starts_with("event:")) event.name = Value(line);
    if (line.starts_with("data:")) event.data = json::parse(Value(line));
    block.remove_prefix(end == std::string_view::npos ? block.size() : end + 1);
  }
  return event;
}

}  // namespace

EventStream::EventStream(const Client& client, const std::string& query, const HeaderList& headers)
    : connection_(client.port()) {
  std::string head = "GET /sync/live" + query + " HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n" +
                     "Authorization: Bearer " + client.token() + "\r\n";
  for (const http::Header& header : headers) head += header.name + ": " + header.value + "\r\n";
  connection_.Send(head + "\r\n");
  const auto response = connection_.Read();
  if (!response) return;
  status_ = response->status;
  content_type_ = response->content_type;
  if (status_ != 200) return;
  if (const auto greeting = Block()) first_id_ = Parse(*greeting).id;
}

std::optional<std::string> EventStream::Block() {
  std::size_t end = text_.find("\n\n");
  while (end == std::string::npos) {
    const auto size = connection_.ReadLine();
    if (!size) return std::nullopt;
    const std::size_t count = std::strtoul(size->c_str(), nullptr, 16);
    const auto chunk = connection_.ReadBytes(count + 2);
    if (!chunk) return std::nullopt;
    if (count == 0) {
      ended_ = true;
      return std::nullopt;
    }
    text_ += chunk->substr(0, count);
    end = text_.find("\n\n");
  }
  std::string block = text_.substr(0, end);
  text_.erase(0, end + 2);
  return block;
}

bool EventStream::NextIsComment() {
  const auto block = Block();
  return block && block->starts_with(':') && block->find('\n') == std::string::npos;
}

std::optional<Event> EventStream::Next() {
  while (const auto block = Block()) {
    Event event = Parse(*block);
    if (!event.data.is_null()) return event;
  }
  return std::nullopt;
}

WebSocketClient::WebSocketClient(std::uint16_t port, const std::string& query, const std::string& token,
                                 bool by_subprotocol)
    : connection_(port) {
  std::string head = "GET /sync/live" + query +
                     " HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                     "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  head +=
      by_subprotocol ? "Sec-WebSocket-Protocol: bearer." + token + "\r\n" : "Authorization: Bearer " + token + "\r\n";
  connection_.Send(head + "\r\n");
  const auto response = connection_.Read();
  if (!response) return;
  status_ = response->status;
  subprotocol_ = std::string(response->headers.Get("Sec-WebSocket-Protocol"));
}

void WebSocketClient::Send(int opcode, const std::string& payload) {
  std::string frame(1, static_cast<char>(0x80 | opcode));
  frame += static_cast<char>(0x80 | payload.size());  // short messages only
  frame += std::string(4, '\0');                      // a mask of zeros changes nothing
  connection_.Send(frame + payload);
}

std::optional<Frame> WebSocketClient::Next() {
  const auto head = connection_.ReadBytes(2);
  if (!head) return std::nullopt;
  Frame frame;
  frame.opcode = (*head)[0] & 0x0f;
  std::size_t length = static_cast<unsigned char>((*head)[1]) & 0x7f;
  if (length >= 126) {
    const auto more = connection_.ReadBytes(length == 126 ? 2 : 8);
    if (!more) return std::nullopt;
    length = 0;
    for (const char byte : *more) length = (length << 8) | static_cast<unsigned char>(byte);
  }
  const auto payload = connection_.ReadBytes(length);
  if (!payload) return std::nullopt;
  frame.payload = *payload;
  if (frame.opcode == 8 && length >= 2) {
    frame.close_code = (static_cast<unsigned char>((*payload)[0]) << 8) | static_cast<unsigned char>((*payload)[1]);
  }
  return frame;
}

}  // namespace outpost::blackbox
