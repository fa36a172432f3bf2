// One device: the product's own engine over a disk that can crash, its timers on virtual time and its exchanges on the
// virtual network. What the engine asks for after the power went is not done: nobody was there to do it.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>

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
};

class DeviceNode {
 public:
  DeviceNode(Environment& environment, Wire& wire, Journal& journal, const Truth& truth, std::uint64_t seed,
             DeviceNodeSettings settings);
  ~DeviceNode();

  void Start();
  // What a person does. Nothing while the device is off; an error where the device refuses.
  Result<engine::Accepted> Do(const engine::Intent& intent);
  // A person decides something about a command; then the device goes on with it.
  Status Decide(const std::function<Status(engine::Device&, Timestamp)>& decision);
  void Tell(const engine::Event& event);
  // Hears every notice.
  void Listen(std::function<void(const engine::Notice&)> listener) { listener_ = std::move(listener); }

  void PowerCut();
  // Somebody puts these files in the place of the device's own: a backup, a copy of another device's, none. Starts.
  void PutBack(const CrashVfs::Image& image);
  // Every identity this device has gone by: with each new store or incarnation another.
  const std::set<std::pair<DeviceId, Incarnation>>& identities() const { return identities_; }
  // Somebody sets the clock, or it loses itself; timers that run go on.
  void SetClock(std::int64_t skew_ms);
  bool up() const { return device_ != nullptr; }
  // Rounds of pulling that ended, over all its lives.
  std::uint64_t rounds() const { return rounds_; }
  bool sign_in_wanted() const { return sign_in_wanted_; }
  void SignedIn();
  void Heal();

  engine::Device& device() { return *device_; }
  CrashVfs& disk() { return disk_; }
  DeviceChecker& checker() { return checker_; }
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
  void Down();

  Environment& environment_;
  Wire& wire_;
  std::uint64_t seed_;
  DeviceNodeSettings settings_;
  std::string name_;
  Random host_random_;
  Random engine_random_;
  CrashVfs disk_;
  DeviceChecker checker_;
  std::unique_ptr<engine::Device> device_;
  std::uint64_t life_ = 0;
  std::uint64_t wake_ = 0;
  bool sign_in_wanted_ = false;
  std::uint64_t rounds_ = 0;
  bool queue_moved_ = false;
  int steps_unchecked_ = 0;
  bool healed_ = false;
  std::set<std::pair<DeviceId, Incarnation>> identities_;
  std::function<void(const engine::Notice&)> listener_;
};

}  // namespace outpost::sim
