// A response that goes on: server-sent events or a WebSocket, written message by message for as long as both sides
// like. A handler answers with Response::live; once the head is out it is handed the stream.
//
// Law: the writer never waits for a peer and never piles up for one. drained() says whether everything was written; who
// has more to say to a slow peer waits for on_change and then says what is new by then.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace outpost::http {

// Close codes beyond those of RFC 6455 that the protocol names.
inline constexpr int kCloseGoingAway = 1001;
inline constexpr int kCloseInternal = 1011;

// From any thread.
class LiveStream {
 public:
  virtual ~LiveStream() = default;
  // One message as it stands: an SSE block with its empty line, or the text of one WebSocket message.
  virtual void Send(std::shared_ptr<const std::string> message) = 0;
  // After what was sent. `code` is for WebSockets; an event stream just ends.
  virtual void Close(int code, std::string reason) = 0;
  virtual bool drained() const = 0;
  virtual bool gone() const = 0;
  // Called on the I/O thread when everything is written and when the peer is gone: must be quick.
  virtual void OnChange(std::function<void()> changed) = 0;
};

struct Live {
  enum class Kind { kEvents, kWebSocket };
  Kind kind = Kind::kEvents;
  std::string subprotocol;                     // of a WebSocket; empty: none
  std::chrono::milliseconds heartbeat{15000};  // a comment or a ping when there was nothing to say for so long
  std::function<void(std::shared_ptr<LiveStream>)> opened;  // on the I/O thread: must be quick
};

}  // namespace outpost::http
