#include "transport/device_host.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace outpost::transport {
namespace {

template <class... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};
template <class... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;

}  // namespace

Timestamp SystemNow() {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<Milliseconds>(since_epoch).count()};
}

DeviceHost::DeviceHost(engine::Device& device, HttpTransport& transport, NoticeSink notices)
    : device_(device), transport_(transport), notices_(std::move(notices)), last_seen_(SystemNow()) {}

void DeviceHost::Start() { Tell(engine::Start{}); }

void DeviceHost::Tell(const engine::Event& event) { Perform(device_.Handle(event, SystemNow())); }

void DeviceHost::RunOnce(Milliseconds wait_max) {
  for (const engine::ExchangeId exchange : std::exchange(failing_, {})) {
    Tell(engine::HttpDone{exchange, engine::NetworkFailure{"the line is cut", false}});
  }
  WakeIfDue();
  for (Finished& finished : transport_.Poll(WaitFor(wait_max, SystemNow()))) {
    under_way_.erase(finished.exchange);
    Tell(engine::HttpDone{finished.exchange, std::move(finished.outcome)});
  }
  WakeIfDue();
  if (log_ != nullptr) log_->Flush();
}

Result<engine::Accepted> DeviceHost::Execute(const engine::Intent& intent) {
  auto accepted = device_.Execute(intent, SystemNow());
  if (accepted.ok()) Tell(engine::Wake{});
  return accepted;
}

void DeviceHost::SetLine(Line line) {
  if (line == line_) return;
  line_ = line;
  Tell(engine::NetworkChanged{line == Line::kOpen});
  if (line == Line::kCut) FailUnderWay();
}

void DeviceHost::FailUnderWay() {
  transport_.CancelAll();
  for (const engine::ExchangeId exchange : std::exchange(under_way_, {})) {
    Tell(engine::HttpDone{exchange, engine::NetworkFailure{"the line was cut", false}});
  }
}

void DeviceHost::Perform(std::vector<engine::Effect> effects) {
  for (engine::Effect& effect : effects) {
    std::visit(Overloaded{
                   [&](engine::HttpSend& send) {
                     if (line_ == Line::kCut) {
                       failing_.push_back(send.exchange);
                       return;
                     }
                     under_way_.insert(send.exchange);
                     transport_.Send(send.exchange, send.request, send.timeout_ms);
                   },
                   [&](engine::WakeAt& wake) { wake_at_ = wake.at; },
                   [&](engine::Notice& notice) {
                     if (log_ != nullptr) log_->Write(notice, SystemNow());
                     if (notices_) notices_(notice);
                   },
                   [&](engine::QueryChanged& change) {
                     if (queries_) queries_(change);
                   },
               },
               effect);
  }
}

Milliseconds DeviceHost::WaitFor(Milliseconds wait_max, Timestamp now) const {
  if (!failing_.empty()) return Milliseconds(0);
  if (!wake_at_) return wait_max;
  return std::clamp(*wake_at_ - now, Milliseconds(0), wait_max);
}

void DeviceHost::WakeIfDue() {
  const Timestamp now = SystemNow();
  // A clock that was set back would stretch every deadline by as much: the device is asked anew instead.
  const bool set_back = now < last_seen_;
  last_seen_ = now;
  if (!wake_at_ || (now < *wake_at_ && !set_back)) return;
  wake_at_.reset();
  Tell(engine::Wake{});
}

}  // namespace outpost::transport
