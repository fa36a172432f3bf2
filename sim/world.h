// One seed: a fleet, a network, a server, people and faults, from the first command until everything healed and every
// law was checked. The same options give the same trace, byte for byte.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/decisions.h"
#include "sim/device_node.h"
#include "sim/environment.h"
#include "sim/faults.h"
#include "sim/fleet_checker.h"
#include "sim/journal.h"
#include "sim/network.h"
#include "sim/server_node.h"
#include "sim/truth.h"
#include "sim/workload.h"

namespace outpost::sim {

inline constexpr int kStepsDefault = 200;
inline constexpr std::size_t kTraceLinesDefault = 60;

struct WorldOptions {
  std::uint64_t seed = 1;
  int devices = 0;                   // 0: the seed decides, 2 to 5
  int steps = kStepsDefault;         // what all people together do
  std::vector<std::string> without;  // faults that never strike, by name
  std::vector<std::string> with;     // those that strike whatever the seed draws
  std::size_t trace_lines = kTraceLinesDefault;
  Trace::Echo echo;  // hears the trace as it happens: for runs that end in an abort
  // For tests of the checkers: breaks a law on purpose. Called when the fleet stands and before anything happens.
  std::function<void(class World&)> sabotage;
  ServerNode::OpenStore open_store;  // default: the product's
};

// The product's own store, small enough for its checkpoints to be met.
Result<std::unique_ptr<server::Store>> OpenSqliteStore(const CrashVfs& disk, Random& random);

struct WorldReport {
  std::vector<std::string> broken;  // empty: every law held
  std::vector<std::string> trace;   // the last lines
  std::uint64_t trace_hash = 0;
  Milliseconds virtual_time{0};
  int acts = 0;  // steps that were taken
  Counters counters;
};

class World {
 public:
  explicit World(WorldOptions options);
  ~World();

  WorldReport Run();

  Environment& environment() { return environment_; }
  ServerNode& server() { return *server_; }
  Network& network() { return *network_; }
  DeviceNode& device(std::size_t index) { return *devices_.at(index); }
  std::size_t device_count() const { return devices_.size(); }

 private:
  void MakeDevices();
  // Somebody at a device or at a further process of one: who asks, what they do and how fast.
  void AddPerson(const DeviceNodeSettings& settings, const std::string& name);
  void AddSecondProcess();
  void ActLater(std::size_t index);
  void Act(std::size_t index);
  // Calls `strike` again and again, at random moments that many minutes apart on average, until the faults end.
  void Repeat(double minutes, const std::string& purpose, std::function<void(Random&)> strike);
  void PlanFaults();
  void PlanDeviceFaults(std::size_t index);
  void PlanStoreFaults(std::size_t index);
  void RestoreServer(Random& random);
  void ReplaceStore(std::size_t index, const CrashVfs::Image& image, const char* what);
  void RestoreDevice(std::size_t index, Random& random);
  void CloneDevice(Random& random);
  void TakeRights(std::size_t index, Random& random);
  void GiveForeignToken(std::size_t index, Random& random);
  void FlapLine(std::size_t index, Random& random, int times);
  void CutLine(std::size_t index, Random& random);
  void Calm();
  bool RunUntil(Timestamp until, const std::function<bool()>& done);
  void Heal();
  bool NothingWaits() const;
  std::string WhoWaits() const;
  // Devices that have not finished that many rounds.
  std::string WhoIsBehind(const std::vector<std::uint64_t>& rounds) const;

  WorldOptions options_;
  FaultPlan plan_;
  Environment environment_;
  Journal journal_;
  Truth truth_;
  std::vector<server::Caller> callers_;
  std::unique_ptr<ServerNode> server_;
  std::unique_ptr<Network> network_;
  std::vector<std::unique_ptr<DeviceNode>> devices_;
  std::vector<std::unique_ptr<Workload>> people_;
  std::vector<Decisions> decisions_;
  std::vector<Random> pace_;
  std::map<std::size_t, CrashVfs::Image> backups_;
  struct ServerBackup {
    CrashVfs::Image image;
    std::uint64_t moment = 0;
  };
  std::optional<ServerBackup> server_backup_;
  int acts_left_ = 0;
  int standing_ = 0;  // events since time last moved
  bool faults_over_ = false;
};

}  // namespace outpost::sim
