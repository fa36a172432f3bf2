// The host loop of a native device: joins engine::Device, which only says what should happen, with HttpTransport, which
// does it. Owns the clock of the device (law 9 keeps it out of the engine) and its deadline; performs every effect.
//
// The line can be cut on purpose: what is under way is then lost with its answers (the server may well have done the
// work), and what is sent meanwhile fails at once, as with a pulled cable.
//
// One caller at a time; nothing moves but inside RunOnce.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <vector>

#include "base/time.h"
#include "engine/device/device.h"
#include "transport/http_transport.h"
#include "transport/notice_log.h"

namespace outpost::transport {

enum class Line { kOpen, kCut };

// What the system's clock says: the only clock of a native device.
Timestamp SystemNow();

class DeviceHost {
 public:
  using NoticeSink = std::function<void(const engine::Notice&)>;
  using QuerySink = std::function<void(const engine::QueryChanged&)>;

  // Both outlive the host. `notices` may be empty.
  DeviceHost(engine::Device& device, HttpTransport& transport, NoticeSink notices);

  // Who hears what changed in watched queries.
  void ListenToQueries(QuerySink queries) { queries_ = std::move(queries); }

  // Every notice is written there too, and on disk when a turn ends. It outlives the host.
  void LogTo(NoticeLog& log) { log_ = &log; }

  // Tells the device that it runs; once, before anything else.
  void Start();

  // Hands over what came back, wakes the device when it asked for it, and performs what it wants. Waits up to
  // `wait_max` for something to happen, never beyond the device's own deadline.
  void RunOnce(Milliseconds wait_max);

  // Execute, and the exchange that follows from it started.
  Result<engine::Accepted> Execute(const engine::Intent& intent);

  void SetLine(Line line);
  Line line() const { return line_; }

  // TokenChanged, SyncNow.
  void Tell(const engine::Event& event);

 private:
  void Perform(std::vector<engine::Effect> effects);
  Milliseconds WaitFor(Milliseconds wait_max, Timestamp now) const;
  void FailUnderWay();
  void WakeIfDue();

  engine::Device& device_;
  HttpTransport& transport_;
  NoticeSink notices_;
  QuerySink queries_;
  NoticeLog* log_ = nullptr;
  Line line_ = Line::kOpen;
  std::optional<Timestamp> wake_at_;
  Timestamp last_seen_;  // finds a clock that was set back
  std::set<engine::ExchangeId> under_way_;
  std::vector<engine::ExchangeId> failing_;  // sent while the line is cut; told by the next RunOnce
};

}  // namespace outpost::transport
