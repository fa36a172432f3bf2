// One device: the product's own engine over a disk that can crash, its timers on virtual time and its exchanges on the
// virtual network. What the engine asks for after the power went is not done: nobody was there to do it.
//
// Several nodes may be processes of one machine, on one store under the engine's lease. The power goes for all of them;
// each can be stopped by itself, as SIGSTOP does: what happens meanwhile reaches it, late, when it goes on.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"
#include "engine/device/device.h"
#include "sim/crash_vfs.h"
#include "sim/device_checker.h"
#include "sim/environment.h"
#include "sim/wire.h"

namespace outpost::sim {

struct DeviceNodeSettings {
  std::size_t index = 0;
  WorkspaceId workspace;
  UserId user;
  std::vector<CollectionName> collections;  // empty: all
  std::int64_t clock_skew_ms = 0;
  int page_limit = 50;
  int batch_commands_max = 50;
  double backoff_jitter = 0.2;
  bool alone = true;  // nobody else opens its store
};

class DeviceNode;

// What the processes of one device share.
struct Machine {
  std::size_t index = 0;  // as the journal counts devices
  std::string name;
  CrashVfs disk;
  DeviceChecker checker;
  std::vector<DeviceNode*> processes;
  std::uint64_t rounds = 0;  // of pulling that ended, over all lives
};

class DeviceNode {
 public:
  DeviceNode(Environment& environment, Wire& wire, Journal& journal, const Truth& truth, std::uint64_t seed,
             DeviceNodeSettings settings);
  // A further process on the store of `first`.
  DeviceNode(DeviceNode& first, DeviceNodeSettings settings);
  ~DeviceNode();

  void Start();
  // What a person does. Nothing while the device is off; an error where the device refuses.
  Result<engine::Accepted> Do(const engine::Intent& intent);
  // A person decides something about a command; then the device goes on with it.
  Status Decide(const std::string& what, const std::function<Status(engine::Device&, Timestamp)>& decision);
  void Tell(const engine::Event& event);
  // Hears every notice.
  void Listen(std::function<void(const engine::Notice&)> listener) { listener_ = std::move(listener); }

  void PowerCut();
  // The process stops for so long, and finds out by itself.
  void Pause(std::int64_t ms);
  bool paused() const { return paused_; }
  // Somebody puts these files in the place of the device's own: a backup, a copy of another device's, none. Starts.
  void PutBack(const CrashVfs::Image& image);
  // Every identity this device has gone by: with each new store or incarnation another.
  const std::set<std::pair<DeviceId, Incarnation>>& identities() const { return identities_; }
  // Somebody sets the clock, or it loses itself; timers that run go on.
  void SetClock(std::int64_t skew_ms);
  bool up() const { return device_ != nullptr; }
  std::uint64_t rounds() const { return machine_->rounds; }
  bool sign_in_wanted() const { return sign_in_wanted_; }
  void SignedIn();
  void Heal();

  engine::Device& device() { return *device_; }
  CrashVfs& disk() { return machine_->disk; }
  DeviceChecker& checker() { return machine_->checker; }
  Machine& machine() const { return *machine_; }
  // Of its machine's processes the first: whatever is said of a machine once is said of it.
  bool is_first() const { return machine_->processes.front() == this; }
  const DeviceNodeSettings& settings() const { return settings_; }
  const std::string& name() const { return name_; }
  engine::StoreOptions store_options() const;
  Timestamp clock() const { return environment_.now() + Milliseconds(settings_.clock_skew_ms); }

 private:
  // False: the power went, or the store gave up and the program has to start again.
  bool Survived();
  void Restart();
  void Perform(std::vector<engine::Effect> effects);
  void Perform(const engine::HttpSend& send);
  void Perform(const engine::WakeAt& wake);
  void Perform(const engine::Notice& notice);
  void Perform(const engine::QueryChanged& change);
  void Check();
  void CountMoves();
  void GoOn();
  void Down();
  // The process is gone, whatever it had under way.
  void Vanish();
  void StartWithin(std::int64_t ms_max);

  Environment& environment_;
  Wire& wire_;
  std::uint64_t seed_;
  DeviceNodeSettings settings_;
  std::string name_;
  Random host_random_;
  Random engine_random_;
  std::shared_ptr<Machine> machine_;
  std::unique_ptr<engine::Device> device_;
  engine::StatusMoves counted_{};  // of this life
  std::uint64_t life_ = 0;
  std::uint64_t wake_ = 0;
  bool sign_in_wanted_ = false;
  bool paused_ = false;
  std::vector<engine::Event> arrived_;  // while it was stopped
  bool queue_moved_ = false;
  int steps_unchecked_ = 0;
  bool healed_ = false;
  std::set<std::pair<DeviceId, Incarnation>> identities_;
  std::function<void(const engine::Notice&)> listener_;
};

}  // namespace outpost::sim
