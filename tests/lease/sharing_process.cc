#include "tests/lease/sharing_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <optional>

namespace outpost::lease {
namespace {

Timestamp SystemNow() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<Milliseconds>(since).count()};
}

// One sale at a time, and whatever the device wants done between them.
class Worker {
 public:
  Worker(const SharingPlan& plan, Channel channel) : plan_(plan), channel_(std::move(channel)), random_(plan.seed) {}

  void Work() {
    auto opened = engine::Device::Open(plan_.options, SystemNow(), random_);
    while (!opened.ok()) opened = engine::Device::Open(plan_.options, SystemNow(), random_);  // the other one writes
    device_ = std::move(opened).value();
    Handle(engine::Start{});
    int executed = 0;
    // A pause as between two guests, or it would be stopped inside a transaction nearly every time.
    while (channel_.Pump(executed < plan_.commands ? 3 : 10)) {
      TakeResponses();
      if (executed < plan_.commands && Sell())
        channel_.Send({0, "executed", "", "", std::to_string(++executed), "", 0});
      if (!wake_ || *wake_ <= SystemNow()) Handle(engine::Wake{});
      TellLease();
    }
  }

 private:
  bool Sell() {
    engine::Intent intent;
    intent.type = "INVENTORY_ADJUST_V1";
    intent.payload = {{"sku", "tea"}, {"delta", -1}, {"reason", "sale"}};
    const auto accepted = device_->Execute(intent, SystemNow());
    // Busy: the other process was stopped while it wrote. Nothing was accepted, and nothing is counted.
    if (!accepted.ok()) return false;
    Handle(engine::Wake{});
    return true;
  }
  void TakeResponses() {
    while (!channel_.received.empty()) {
      const Frame frame = std::move(channel_.received.front());
      channel_.received.pop_front();
      engine::HttpResponse response;
      response.status = static_cast<int>(frame.status);
      response.content_type = frame.content_type;
      response.body = frame.body;
      Handle(engine::HttpDone{engine::ExchangeId(frame.exchange), std::move(response)});
    }
  }
  void Handle(const engine::Event& event) {
    for (const engine::Effect& effect : device_->Handle(event, SystemNow())) {
      if (const auto* send = std::get_if<engine::HttpSend>(&effect)) {
        channel_.Send(
            {send->exchange.value, "request", send->request.method, send->request.target, send->request.body, "", 0});
      }
      if (const auto* wake = std::get_if<engine::WakeAt>(&effect)) wake_ = wake->at;
    }
  }
  void TellLease() {
    const bool flushing = device_->status().flushing;
    if (told_ == flushing) return;
    told_ = flushing;
    channel_.Send({0, "lease", "", "", flushing ? "1" : "0", "", 0});
  }

  SharingPlan plan_;
  Channel channel_;
  Random random_;
  std::unique_ptr<engine::Device> device_;
  std::optional<Timestamp> wake_;
  std::optional<bool> told_;
};

json::object ToObject(const Frame& frame) {
  return {{"exchange", frame.exchange}, {"kind", frame.kind}, {"method", frame.method},
          {"target", frame.target},     {"body", frame.body}, {"contentType", frame.content_type},
          {"status", frame.status}};
}

Frame FromObject(const json::object& object) {
  const auto text = [&](const char* name) { return std::string(object.at(name).as_string()); };
  return {
      object.at("exchange").as_int64(), text("kind"), text("method"), text("target"), text("body"), text("contentType"),
      object.at("status").as_int64()};
}

}  // namespace

Channel::Channel(int fd) : fd_(fd) { fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK); }

void Channel::Send(const Frame& frame) {
  const std::string text = json::serialize(ToObject(frame));
  const auto size = static_cast<std::uint32_t>(text.size());
  out_.append(reinterpret_cast<const char*>(&size), sizeof size).append(text);
}

bool Channel::Pump(int wait_ms) {
  pollfd waiting{fd_, static_cast<short>(out_.empty() ? POLLIN : POLLIN | POLLOUT), 0};
  poll(&waiting, 1, wait_ms);
  if (!out_.empty()) {
    const ssize_t sent = send(fd_, out_.data(), out_.size(), MSG_NOSIGNAL);
    if (sent > 0) out_.erase(0, static_cast<std::size_t>(sent));
  }
  char bytes[65536];
  for (;;) {
    const ssize_t read = recv(fd_, bytes, sizeof bytes, 0);
    if (read == 0) return false;
    if (read < 0) break;
    in_.append(bytes, static_cast<std::size_t>(read));
  }
  std::size_t at = 0;
  std::uint32_t size = 0;
  while (in_.size() - at >= sizeof size) {
    std::memcpy(&size, in_.data() + at, sizeof size);
    if (in_.size() - at - sizeof size < size) break;
    received.push_back(FromObject(json::parse(std::string_view(in_).substr(at + sizeof size, size)).as_object()));
    at += sizeof size + size;
  }
  in_.erase(0, at);
  return true;
}

SharingProcess Fork(const SharingPlan& plan) {
  int ends[2] = {-1, -1};
  OUTPOST_ASSERT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
  const pid_t pid = fork();
  OUTPOST_ASSERT(pid >= 0);
  if (pid == 0) {
    close(ends[0]);
    Worker(plan, Channel(ends[1])).Work();
    _exit(0);
  }
  close(ends[1]);
  return {pid, Channel(ends[0])};
}

}  // namespace outpost::lease
