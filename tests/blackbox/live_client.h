// Clients of GET /sync/live as a foreign program would write them: server-sent events over a chunked answer, and a
// WebSocket with its handshake and frames by hand.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "http/raw_client.h"
#include "tests/blackbox/client.h"

namespace outpost::blackbox {

struct Event {
  std::string id;
  std::string name;
  json::value data;
};

class EventStream {
 public:
  EventStream(const Client& client, const std::string& query, const HeaderList& headers = {});

  int status() const { return status_; }
  const std::string& content_type() const { return content_type_; }
  // What the stream was told to go on from before the first event.
  const std::string& first_id() const { return first_id_; }
  // The next event with data; nullopt when the stream ended or said nothing for twenty seconds.
  std::optional<Event> Next();
  // Whether the next thing to come, within twenty seconds, is a comment.
  bool NextIsComment();
  bool ended() const { return ended_; }

 private:
  std::optional<std::string> Block();

  http::RawClient connection_;
  int status_ = 0;
  std::string content_type_;
  std::string first_id_;
  std::string text_;
  bool ended_ = false;
};

struct Frame {
  int opcode = 0;
  std::string payload;
  int close_code = 0;  // of a close frame
};

class WebSocketClient {
 public:
  // `token`: offered as a subprotocol when `by_subprotocol`, else as a header.
  WebSocketClient(std::uint16_t port, const std::string& query, const std::string& token, bool by_subprotocol);

  int status() const { return status_; }
  const std::string& subprotocol() const { return subprotocol_; }
  void Send(int opcode, const std::string& payload);
  std::optional<Frame> Next();
  bool IsClosed() { return connection_.IsClosed(); }

 private:
  http::RawClient connection_;
  int status_ = 0;
  std::string subprotocol_;
};

}  // namespace outpost::blackbox
