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
      machine_(new Machine{
          settings_.index,
          name_,
          {"outpost-sim-" + name_, [&environment] { return environment.now(); }, RandomFor(seed, "disk " + name_)},
          {environment, journal, truth, settings_.index, settings_.workspace, name_},
          {this}}) {}

DeviceNode::DeviceNode(DeviceNode& first, DeviceNodeSettings settings)
    : environment_(first.environment_),
      wire_(first.wire_),
      seed_(first.seed_),
      settings_(std::move(settings)),
      name_(first.name_ + "." + std::to_string(first.machine_->processes.size() + 1)),
      host_random_(RandomFor(seed_, "host " + name_)),
      engine_random_(RandomFor(seed_, "engine " + name_)),
      machine_(first.machine_) {
  machine_->processes.push_back(this);
}

DeviceNode::~DeviceNode() = default;

engine::StoreOptions DeviceNode::store_options() const {
  return {.path = "device.db", .vfs = machine_->disk.name(), .exclusive_locking = settings_.alone, .cache_kib = 512};
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
  if (disk().down() || !opened.ok()) {
    // A disk error during opening is the machine's; anything else is ours.
    if (!disk().down() && opened.error().code != ErrorCode::kIo && opened.error().code != ErrorCode::kFull) {
      environment_.Fail(name_, "the store does not open again: " + opened.error().message);
    }
    if (opened.ok()) opened.value().reset();
    return disk().down() ? Down() : Restart();
  }
  device_ = std::move(opened).value();
  counted_ = {};
  environment_.Log(name_, "opened as " + device_->id().value + ", incarnation " + device_->incarnation().value);
  identities_.emplace(device_->id(), device_->incarnation());
  checker().SetAtCut(false);
  checker().AfterReopen(*device_);
  Check();
  Tell(engine::Start{});
}

void DeviceNode::Vanish() {
  ++life_;
  device_.reset();
  sign_in_wanted_ = false;
  paused_ = false;
  arrived_.clear();
}

void DeviceNode::StartWithin(std::int64_t ms_max) {
  environment_.scheduler.After(Between(host_random_, 20, ms_max), [this, life = life_] {
    if (life == life_ && !up()) Start();
  });
}

void DeviceNode::Down() {
  environment_.Count("device: power cut");
  environment_.Log(name_, "power cut");
  machine_->disk.Crash();  // first: nobody has time to tidy up
  for (DeviceNode* process : machine_->processes) {
    process->Vanish();
    process->StartWithin(20'000);
  }
}

void DeviceNode::PowerCut() {
  if (up()) Down();
}

void DeviceNode::Pause(std::int64_t ms) {
  if (!up() || std::exchange(paused_, true)) return;
  environment_.Count(device_->status().flushing && !settings_.alone ? "device: lease holder stopped"
                                                                    : "device: stopped");
  environment_.Log(name_, "stopped");
  environment_.scheduler.After(ms, [this, life = life_] {
    if (life == life_) GoOn();
  });
}

void DeviceNode::GoOn() {
  if (!up() || !std::exchange(paused_, false)) return;
  environment_.Log(name_, "goes on");
  for (const engine::Event& event : std::exchange(arrived_, {})) Tell(event);
  if (up()) Check();
}

void DeviceNode::PutBack(const CrashVfs::Image& image) {
  for (DeviceNode* process : machine_->processes) process->Vanish();
  machine_->disk.Replace(image);
  machine_->checker.StoreReplaced();
  environment_.Log(name_, image.empty() ? "lost its store" : "another store was put in its place");
  for (DeviceNode* process : machine_->processes) process->Start();
}

void DeviceNode::SetClock(std::int64_t skew_ms) {
  settings_.clock_skew_ms = skew_ms;
  environment_.Count("device: clock set");
  environment_.Log(name_, "clock set to " + ToRfc3339(clock()));
}

bool DeviceNode::Survived() {
  if (disk().down()) {
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
  Vanish();
  StartWithin(2'000);
}

Result<engine::Accepted> DeviceNode::Do(const engine::Intent& intent) {
  if (!up() || paused_) return Error{ErrorCode::kUnavailable, "switched off, or stopped"};
  auto accepted = device_->Execute(intent, clock());
  std::string line = "execute " + intent.type + " " + ToJson(json::value(intent.payload));
  if (intent.key.has_value()) line += " key " + intent.key->value;
  environment_.Log(name_,
                   line + (accepted.ok() ? " -> " + accepted.value().id.value : " -> " + accepted.error().message));
  if (disk().down()) {
    checker().MaybeAccepted(intent);
    Survived();
    return Error{ErrorCode::kIo, "the power went"};
  }
  if (accepted.ok()) {
    environment_.Count("execute: accepted");
    checker().Accepted(intent, intent.author.value_or(settings_.user), accepted.value());
    Tell(engine::Wake{});
  } else {
    const ErrorCode code = accepted.error().code;
    const bool disk = code == ErrorCode::kIo || code == ErrorCode::kFull;
    environment_.Count(disk                                ? "execute: disk error"
                       : code == ErrorCode::kRefused       ? "execute: refused by rule"
                       : code == ErrorCode::kAlreadyExists ? "execute: key in use"
                                                           : "execute: malformed");
    if (disk) checker().MaybeAccepted(intent);
    if (Survived()) Check();
  }
  return accepted;
}

Status DeviceNode::Decide(const std::string& what, const std::function<Status(engine::Device&, Timestamp)>& decision) {
  if (!up() || paused_) return Error{ErrorCode::kUnavailable, "switched off, or stopped"};
  checker().SomebodyDecided();
  const Status decided = decision(*device_, clock());
  environment_.Log(name_, "decided: " + what + (decided.ok() ? "" : ", in vain: " + decided.error().message));
  if (!Survived()) return Error{ErrorCode::kIo, "the power went"};
  Tell(engine::Wake{});
  if (up()) Check();
  return decided;
}

void DeviceNode::Tell(const engine::Event& event) {
  if (!up()) return;
  if (paused_) return arrived_.push_back(event);
  const auto* done = std::get_if<engine::HttpDone>(&event);
  if (done != nullptr && BeginsRound(done->outcome)) checker().SetAtCut(false);
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
               environment_.Count("exchange: " + std::string(engine::Name(engine::Classify(outcome).verdict)));
               Tell(engine::HttpDone{exchange, std::move(outcome)});
               if (life == life_ && up() && !paused_) Check();
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
  if (notice.kind == engine::Notice::Kind::kRoundFinished) {
    ++machine_->rounds;
    checker().SetAtCut(true);
  }
  if (notice.kind == engine::Notice::Kind::kResyncStarted) checker().SetAtCut(false);
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

// Which cells of the status table this run took.
void DeviceNode::CountMoves() {
  const engine::StatusMoves& moves = device_->status_moves();
  if (moves == counted_) return;
  for (std::size_t change = 0; change < moves.size(); ++change) {
    for (std::size_t from = 0; from < moves[change].size(); ++from) {
      const std::int64_t more = moves[change][from] - counted_[change][from];
      if (more <= 0) continue;
      environment_.counters.Add("status: " + std::string(engine::Name(static_cast<engine::StatusChange>(change))) +
                                    " from " + std::string(engine::Name(static_cast<engine::CommandStatus>(from))),
                                static_cast<std::uint64_t>(more));
    }
  }
  counted_ = moves;
}

void DeviceNode::Check() {
  if (environment_.failed()) return;
  CountMoves();
  if (const auto overlays = device_->CheckOverlays(); !overlays.ok()) {
    environment_.Fail(name_, "overlays: " + overlays.error().message);
    return;
  }
  // The whole queue is read where something moved in it, and now and then where nothing should have.
  if (!std::exchange(queue_moved_, false) && ++steps_unchecked_ < kStepsUncheckedMax) return;
  steps_unchecked_ = 0;
  checker().AfterStep(*device_);
}

void DeviceNode::SignedIn() {
  sign_in_wanted_ = false;
  Tell(engine::TokenChanged{});
}

void DeviceNode::Heal() {
  healed_ = true;
  disk().CrashAtOperation(0);
  disk().FailAtOperation(0);
  disk().SetFull(false);
  if (!up()) return Start();
  GoOn();
  if (!up()) return;
  if (sign_in_wanted_) SignedIn();
  Tell(engine::NetworkChanged{true});
}

}  // namespace outpost::sim
