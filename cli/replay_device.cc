#include "cli/replay_device.h"

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "cli/client_token.h"
#include "cli/network_trace.h"
#include "cli/order_book.h"
#include "cli/replay_report.h"
#include "cli/replay_run.h"
#include "cli/stop_signals.h"
#include "protocol/json.h"
#include "transport/device_host.h"
#include "transport/notice_log.h"

namespace outpost::cli {
namespace {

using Steady = std::chrono::steady_clock;
using transport::Line;

constexpr Milliseconds kReportEvery{100};
constexpr Milliseconds kPredecessorPatience{10'000};
constexpr Milliseconds kTurn{20};  // longest wait in one turn of the loop: signals and the line are looked at between
constexpr Milliseconds kServerAwayMax{60'000};  // how long a queue may stand still before the device gives up
// Turns of the line without --speed, and in recorded time with it.
constexpr double kTurnMsMin = 200;
constexpr double kTurnMsMax = 2'000;
constexpr double kRecordedTurnMsMin = 120'000;
constexpr double kRecordedTurnMsMax = 1'200'000;

double MsSince(Steady::time_point start) {
  return std::chrono::duration<double, std::milli>(Steady::now() - start).count();
}

// What one device process works with; opened whole or not at all.
struct Parts {
  OrderBook book;
  ReplayRun run;
  ClientToken token;
  Random random{SystemEntropy()};
  std::unique_ptr<engine::Device> device;
  std::unique_ptr<transport::HttpTransport> transport;
  std::optional<transport::NoticeLog> log;
  LineSchedule schedule = LineSchedule::AlwaysOpen();
};

engine::DeviceOptions DeviceOptionsFor(const Parts& parts, const std::string& folder) {
  engine::DeviceOptions options;
  options.store.path = (std::filesystem::path(folder) / "outpost.db").string();
  options.workspace = parts.token.workspace;
  options.user = parts.token.user;
  options.collections = {CollectionName("orders")};
  options.sole_process = true;                         // the folder is this process's own
  options.sync.backoff_ms = {0, 100, 250, 500, 1000};  // a replay has no battery to spare
  options.waiting_max = std::numeric_limits<std::int64_t>::max();
  options.waiting_alert = std::numeric_limits<std::int64_t>::max();
  return options;
}

Result<LineSchedule> ScheduleFor(const ReplayOptions& options, Random& random) {
  const double speed = options.speed.value_or(1.0);
  if (!options.trace.empty()) {
    OUTPOST_TRY(auto trace, ReadNetworkTrace(options.trace));
    return LineSchedule::Following(std::move(trace), speed, random.Fraction() * 1e9);
  }
  const bool paced = options.speed.has_value();
  const double turn_ms_max = paced ? std::max(kRecordedTurnMsMax / speed, kTurnMsMax) : kTurnMsMax;
  const double turn_ms_min = paced ? std::max(kRecordedTurnMsMin / speed, kTurnMsMin) : kTurnMsMin;
  return LineSchedule::ByTurns(options.offline_percent / 100.0, turn_ms_min, turn_ms_max, Random(random.Next()));
}

Result<Parts> OpenParts(const ReplayDeviceArguments& arguments) {
  const ReplayOptions& options = arguments.options;
  Parts parts;
  OUTPOST_TRY(parts.run, LoadReplayRun(options.data));
  OUTPOST_TRY(parts.book, ReadOrderBook(options.orders));
  if (parts.book.digest != parts.run.digest || arguments.index >= parts.run.devices) {
    return Error{ErrorCode::kInvalidArgument, "the orders are not those the run was started with"};
  }
  OUTPOST_TRY(parts.token, ReadClientToken(options.token_file));
  Random line_random(options.seed * 1000003 + static_cast<std::uint64_t>(arguments.index));
  OUTPOST_TRY(parts.schedule, ScheduleFor(options, line_random));
  OUTPOST_TRY(parts.transport,
              transport::HttpTransport::Create(options.server, [text = parts.token.text] { return text; }));
  return parts;
}

class ReplayDevice {
 public:
  ReplayDevice(const ReplayDeviceArguments& arguments, Parts& parts)
      : arguments_(arguments),
        parts_(parts),
        host_(*parts.device, *parts.transport, [this](const engine::Notice& notice) { Note(notice); }),
        started_(Steady::now()) {
    host_.LogTo(*parts.log);
  }

  Status Run();

 private:
  bool IsClosed(const DocumentId& order);
  Status PassOverDone();
  Status Play(std::size_t position);
  Status Execute(const engine::Intent& intent);
  void WaitUntilDue(const BookOrder& order);
  void Drain();
  void Turn(Milliseconds wait_max);
  void Note(const engine::Notice& notice);
  Status Report(bool done);
  std::size_t End() const;

  const ReplayDeviceArguments& arguments_;
  Parts& parts_;
  transport::DeviceHost host_;
  StopSignals stop_;
  Steady::time_point started_;
  Steady::time_point reported_;
  std::size_t next_ = 0;  // position in the book
  bool open_for_good_ = false;
  std::optional<Timestamp> tempo_origin_;
  DeviceProgress progress_;
  std::int64_t refused_here_ = 0;
  bool token_refused_ = false;
};

Status ReplayDevice::Run() {
  host_.Start();
  OUTPOST_CHECK(PassOverDone());
  OUTPOST_CHECK(Report(false));
  const auto devices = static_cast<std::size_t>(parts_.run.devices);
  for (; next_ < End() && !stop_.Stopped(); next_ += devices) {
    WaitUntilDue(parts_.book.orders[next_]);
    if (stop_.Stopped()) break;
    OUTPOST_CHECK(Play(next_));
    Turn(Milliseconds(0));
    if (Steady::now() - reported_ >= kReportEvery) OUTPOST_CHECK(Report(false));
  }
  Drain();
  return Report(!stop_.Stopped());
}

std::size_t ReplayDevice::End() const {
  const auto all = static_cast<std::int64_t>(parts_.book.orders.size());
  return static_cast<std::size_t>(std::min(all, arguments_.options.limit.value_or(all)));
}

bool ReplayDevice::IsClosed(const DocumentId& order) {
  const auto visible = parts_.device->Get({CollectionName("orders"), order});
  if (!visible.ok() || !visible.value()) return false;
  const auto body = ParseJson(visible.value()->body);
  return body.ok() && body.value().is_object() && StringOr(body.value().get_object(), "status") == "CLOSED";
}

// A device executes in order, so what is closed at the front was executed by an earlier life.
Status ReplayDevice::PassOverDone() {
  const auto devices = static_cast<std::size_t>(parts_.run.devices);
  for (next_ = static_cast<std::size_t>(arguments_.index); next_ < End(); next_ += devices) {
    const DocumentId id = OrderIdOf(parts_.run, next_);
    if (!IsClosed(id)) break;
    ++progress_.orders;
    progress_.commands += static_cast<std::int64_t>(IntentsOf(parts_.book.orders[next_], id).size());
  }
  const engine::SyncStatus status = parts_.device->status();
  progress_.settled_before = std::max<std::int64_t>(progress_.commands - status.waiting - status.quarantined, 0);
  const bool fresh = progress_.orders == 0;
  if (next_ < End()) tempo_origin_ = parts_.book.orders[fresh ? 0 : next_].at;
  return {};
}

// With --speed: until the order's recorded moment has come.
void ReplayDevice::WaitUntilDue(const BookOrder& order) {
  if (!arguments_.options.speed || !order.at || !tempo_origin_) return;
  const double due_ms = static_cast<double>((*order.at - *tempo_origin_).count()) / *arguments_.options.speed;
  while (!stop_.Stopped()) {
    const double left_ms = due_ms - MsSince(started_);
    if (left_ms <= 0) return;
    Turn(std::min(kTurn, Milliseconds(static_cast<std::int64_t>(left_ms) + 1)));
    if (Steady::now() - reported_ >= kReportEvery && !Report(false).ok()) return;
  }
}

Status ReplayDevice::Play(std::size_t position) {
  const DocumentId id = OrderIdOf(parts_.run, position);
  for (const engine::Intent& intent : IntentsOf(parts_.book.orders[position], id)) {
    Status executed = Execute(intent);
    ++progress_.commands;
    if (executed.ok()) continue;
    const ErrorCode code = executed.error().code;
    if (code != ErrorCode::kRefused && code != ErrorCode::kInvalidArgument && code != ErrorCode::kAlreadyExists)
      return executed;
    // The order is the matter of one refusal; what would follow it makes no sense without it.
    std::fprintf(stderr, "device %d: order %s: %s: %s\n", arguments_.index, parts_.book.orders[position].id.c_str(),
                 intent.type.c_str(), executed.error().message.c_str());
    ++refused_here_;
    break;
  }
  ++progress_.orders;
  return {};
}

Status ReplayDevice::Execute(const engine::Intent& intent) {
  const auto accepted = host_.Execute(intent);
  if (!accepted.ok()) return accepted.error();
  return {};
}

void ReplayDevice::Turn(Milliseconds wait_max) {
  host_.SetLine(open_for_good_ ? Line::kOpen : parts_.schedule.At(MsSince(started_)));
  host_.RunOnce(wait_max);
}

// The line is open from here on. Ends when nothing waits, or when the queue has stood still for too long.
void ReplayDevice::Drain() {
  open_for_good_ = true;
  Turn(Milliseconds(0));
  host_.Tell(engine::SyncNow{});
  std::int64_t least_waiting = std::numeric_limits<std::int64_t>::max();
  Steady::time_point moved = Steady::now();
  while (!stop_.Stopped()) {
    const std::int64_t waiting = parts_.device->status().waiting;
    if (waiting == 0) return;
    if (waiting < least_waiting) {
      least_waiting = waiting;
      moved = Steady::now();
    }
    if (Steady::now() - moved > kServerAwayMax) return;
    if (Steady::now() - reported_ >= kReportEvery && !Report(false).ok()) return;
    Turn(kTurn);
  }
}

void ReplayDevice::Note(const engine::Notice& notice) {
  if (notice.kind == engine::Notice::Kind::kSignInNeeded) token_refused_ = true;
}

Status ReplayDevice::Report(bool done) {
  reported_ = Steady::now();
  // Nobody is there who could sign in again.
  if (token_refused_) return Error{ErrorCode::kRefused, "the server does not accept the token"};
  const engine::SyncStatus status = parts_.device->status();
  if (!status.store_error.empty()) return Error{ErrorCode::kIo, status.store_error};
  progress_.waiting = status.waiting;
  progress_.refused = status.quarantined + refused_here_;
  progress_.line_cut = host_.line() == Line::kCut;
  progress_.done = done;
  const std::string line = ToJsonLine(progress_);
  // Shorter than PIPE_BUF: written whole or not at all. A parent that is gone ends the replay.
  if (write(arguments_.report_fd, line.data(), line.size()) == static_cast<ssize_t>(line.size())) return {};
  return Error{ErrorCode::kIo, "the replay that started this device is gone"};
}

Status OpenAndRun(const ReplayDeviceArguments& arguments) {
  OUTPOST_TRY(Parts parts, OpenParts(arguments));
  const std::string folder = DeviceFolder(arguments.options.data, arguments.index);
  // The device of a replay that was killed a moment ago may still be closing its store.
  OUTPOST_TRY(const FolderLock lock, FolderLock::Take(folder, kPredecessorPatience));
  OUTPOST_TRY(parts.log, transport::NoticeLog::OpenIn(folder));
  OUTPOST_TRY(parts.device,
              engine::Device::Open(DeviceOptionsFor(parts, folder), transport::SystemNow(), parts.random));
  return ReplayDevice(arguments, parts).Run();
}

}  // namespace

int RunReplayDevice(const ReplayDeviceArguments& arguments) {
  prctl(PR_SET_PDEATHSIG, SIGTERM);  // no device outlives its replay
  signal(SIGPIPE, SIG_IGN);
  const Status status = OpenAndRun(arguments);
  if (status.ok()) return 0;
  std::fprintf(stderr, "device %d: %s\n", arguments.index, status.error().message.c_str());
  return 1;
}

}  // namespace outpost::cli
