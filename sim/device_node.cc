#include "sim/device_node.h"

#include <limits>
#include <utility>

#include "sim/seed.h"

namespace outpost::sim {
namespace {

constexpr int kStepsUncheckedMax = 16;

std::string Describe(const engine::HttpOutcome& outcome) {
  if (const auto* failure = std::get_if<engine::NetworkFailure>(&outcome)) return failure->reason;
  const auto& response = std::get<engine::HttpResponse>(outcome);
  return std::to_string(response.status) + " " + response.content_type + ", " + std::to_string(response.body.size()) +
         " bytes";
}

// A page with more to come.
bool BeginsRound(const engine::HttpOutcome& outcome) {
  const auto* response = std::get_if<engine::HttpResponse>(&outcome);
  return response != nullptr && response->body.find("\"more\":true") != std::string::npos;
}

bool Moves(engine::Notice::Kind kind) {
  return kind == engine::Notice::Kind::kSettled || kind == engine::Notice::Kind::kConflict ||
         kind == engine::Notice::Kind::kFailed;
}

}  // namespace

DeviceNode::DeviceNode(Environment& environment, Wire& wire, Journal& journal, const Truth& truth, std::uint64_t seed,
                       DeviceNodeSettings settings)
    : environment_(environment),
      wire_(wire),
      seed_(seed),
      settings_(std::move(settings)),
      name_("d" + std::to_string(settings_.index)),
      host_random_(RandomFor(seed, "host " + name_)),
      engine_random_(RandomFor(seed, "engine " + name_)),
      disk_(
          "outpost-sim-" + name_, [&environment] { return environment.now(); }, RandomFor(seed, "disk " + name_)),
      checker_(environment, journal, truth, settings_.index, settings_.workspace, name_) {}

DeviceNode::~DeviceNode() = default;

engine::StoreOptions DeviceNode::store_options() const {
  return {.path = "device.db", .vfs = disk_.name(), .exclusive_locking = true, .cache_kib = 512};
}

void DeviceNode::Start() {
  engine::DeviceOptions options;
  options.store = store_options();
  options.workspace = settings_.workspace;
  options.user = settings_.user;
  options.collections = settings_.collections;
  // The checkers count every row for the whole run, whatever the device's clock says meanwhile.
  options.history_ms = options.offer_again_ms = 1000 * 365 * engine::kDayMs;
  options.history_rows_max = std::numeric_limits<std::int64_t>::max();
  options.sync.page_limit = settings_.page_limit;
  options.sync.batch_commands_max = settings_.batch_commands_max;
  options.sync.jitter = settings_.backoff_jitter;
  auto opened = engine::Device::Open(options, clock(), engine_random_);
  if (disk_.down() || !opened.ok()) {
    // A disk error during opening is the machine's; anything else is ours.
    if (!disk_.down() && opened.error().code != ErrorCode::kIo && opened.error().code != ErrorCode::kFull) {
      environment_.Fail(name_, "the store does not open again: " + opened.error().message);
    }
    if (opened.ok()) opened.value().reset();
    return disk_.down() ? Down() : Restart();
  }
  device_ = std::move(opened).value();
  environment_.Log(name_, "opened as " + device_->id().value + ", incarnation " + device_->incarnation().value);
  identities_.emplace(device_->id(), device_->incarnation());
  checker_.SetAtCut(false);
  checker_.AfterReopen(*device_);
  Check();
  Tell(engine::Start{});
}

void DeviceNode::Down() {
  ++life_;
  device_.reset();
  disk_.Crash();
  sign_in_wanted_ = false;
  environment_.Count("device: power cut");
  environment_.Log(name_, "power cut");
  environment_.scheduler.After(Between(host_random_, 20, 20'000), [this, life = life_] {
    if (life == life_ && !up()) Start();
  });
}

void DeviceNode::PowerCut() {
  if (up()) Down();
}

void DeviceNode::PutBack(const CrashVfs::Image& image) {
  ++life_;
  device_.reset();
  disk_.Replace(image);
  sign_in_wanted_ = false;
  checker_.StoreReplaced();
  environment_.Log(name_, image.empty() ? "lost its store" : "another store was put in its place");
  Start();
}

void DeviceNode::SetClock(std::int64_t skew_ms) {
  settings_.clock_skew_ms = skew_ms;
  environment_.Count("device: clock set");
  environment_.Log(name_, "clock set to " + ToRfc3339(clock()));
}

bool DeviceNode::Survived() {
  if (disk_.down()) {
    environment_.Count("device: power cut inside an operation");
    Down();
    return false;
  }
  if (device_->status().store_error.empty()) return true;
  environment_.Log(name_, "the store gave up: " + device_->status().store_error);
  environment_.Count("device: restarted after a store error");
  Restart();
  return false;
}

// The program ends and starts again; the disk keeps its power and everything written.
void DeviceNode::Restart() {
  ++life_;
  device_.reset();
  sign_in_wanted_ = false;
  environment_.scheduler.After(Between(host_random_, 20, 2'000), [this, life = life_] {
    if (life == life_ && !up()) Start();
  });
}

Result<engine::Accepted> DeviceNode::Do(const engine::Intent& intent) {
  if (!up()) return Error{ErrorCode::kUnavailable, "switched off"};
  auto accepted = device_->Execute(intent, clock());
  std::string line = "execute " + intent.type + " " + ToJson(json::value(intent.payload));
  if (intent.key.has_value()) line += " key " + intent.key->value;
  environment_.Log(name_,
                   line + (accepted.ok() ? " -> " + accepted.value().id.value : " -> " + accepted.error().message));
  if (disk_.down()) {
    checker_.MaybeAccepted(intent);
    Survived();
    return Error{ErrorCode::kIo, "the power went"};
  }
  if (accepted.ok()) {
    environment_.Count("execute: accepted");
    checker_.Accepted(intent, intent.author.value_or(settings_.user), accepted.value());
    Tell(engine::Wake{});
  } else {
    const ErrorCode code = accepted.error().code;
    const bool disk = code == ErrorCode::kIo || code == ErrorCode::kFull;
    environment_.Count(disk                                ? "execute: disk error"
                       : code == ErrorCode::kRefused       ? "execute: refused by rule"
                       : code == ErrorCode::kAlreadyExists ? "execute: key in use"
                                                           : "execute: malformed");
    if (disk) checker_.MaybeAccepted(intent);
    if (Survived()) Check();
  }
  return accepted;
}

Status DeviceNode::Decide(const std::function<Status(engine::Device&, Timestamp)>& decision) {
  if (!up()) return Error{ErrorCode::kUnavailable, "switched off"};
  checker_.SomebodyDecided();
  const Status decided = decision(*device_, clock());
  environment_.Log(name_, decided.ok() ? "decided" : "decided in vain: " + decided.error().message);
  if (!Survived()) return Error{ErrorCode::kIo, "the power went"};
  Tell(engine::Wake{});
  if (up()) Check();
  return decided;
}

void DeviceNode::Tell(const engine::Event& event) {
  if (!up()) return;
  auto effects = device_->Handle(event, clock());
  identities_.emplace(device_->id(), device_->incarnation());
  if (!Survived()) return;
  Perform(std::move(effects));
}

void DeviceNode::Perform(std::vector<engine::Effect> effects) {
  for (const engine::Effect& effect : effects) {
    std::visit([this](const auto& one) { Perform(one); }, effect);
  }
}

void DeviceNode::Perform(const engine::QueryChanged&) {}

void DeviceNode::Perform(const engine::HttpSend& send) {
  environment_.Log(name_, "-> " + std::to_string(send.exchange.value) + " " + send.request.method + " " +
                              send.request.target + " " + send.request.body);
  wire_.Send(settings_.index, send.request, send.timeout_ms,
             [this, life = life_, exchange = send.exchange](engine::HttpOutcome outcome) {
               if (life != life_ || !up()) return;
               environment_.Log(name_, "<- " + std::to_string(exchange.value) + " " + Describe(outcome));
               if (BeginsRound(outcome)) checker_.SetAtCut(false);
               Tell(engine::HttpDone{exchange, std::move(outcome)});
               if (life == life_ && up()) Check();
             });
}

void DeviceNode::Perform(const engine::WakeAt& wake) {
  const std::int64_t delay = std::max<std::int64_t>(0, (wake.at - clock()).count());
  environment_.scheduler.After(delay, [this, life = life_, number = ++wake_] {
    if (life == life_ && number == wake_) Tell(engine::Wake{});
  });
}

void DeviceNode::Perform(const engine::Notice& notice) {
  environment_.Count("notice: " + std::string(Name(notice.kind)));
  if (listener_) listener_(notice);
  if (notice.kind == engine::Notice::Kind::kRoundFinished) ++rounds_;
  if (notice.kind == engine::Notice::Kind::kRoundFinished) checker_.SetAtCut(true);
  if (notice.kind == engine::Notice::Kind::kResyncStarted) checker_.SetAtCut(false);
  if (Moves(notice.kind)) queue_moved_ = true;
  if (notice.kind == engine::Notice::Kind::kSignInNeeded) {
    sign_in_wanted_ = true;
    // A 401 that was under way when the faults ended: somebody signs in, there is nobody left who would do it later.
    if (healed_) {
      environment_.scheduler.After(1'000, [this, life = life_] {
        if (life == life_ && up()) SignedIn();
      });
    }
  }
  std::string line = "notice: " + std::string(Name(notice.kind));
  if (notice.command.has_value()) line += " " + notice.command->value;
  environment_.Log(name_, line + (notice.detail.empty() ? "" : ": " + notice.detail));
}

void DeviceNode::Check() {
  if (environment_.failed()) return;
  if (const auto overlays = device_->CheckOverlays(); !overlays.ok()) {
    environment_.Fail(name_, "overlays: " + overlays.error().message);
    return;
  }
  // The whole queue is read where something moved in it, and now and then where nothing should have.
  if (!std::exchange(queue_moved_, false) && ++steps_unchecked_ < kStepsUncheckedMax) return;
  steps_unchecked_ = 0;
  checker_.AfterStep(*device_);
}

void DeviceNode::SignedIn() {
  sign_in_wanted_ = false;
  Tell(engine::TokenChanged{});
}

void DeviceNode::Heal() {
  healed_ = true;
  disk_.CrashAtOperation(0);
  disk_.FailAtOperation(0);
  disk_.SetFull(false);
  if (!up()) return Start();
  if (sign_in_wanted_) SignedIn();
  Tell(engine::NetworkChanged{true});
}

}  // namespace outpost::sim
