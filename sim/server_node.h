// The server: one store over a disk that can crash, one or several processes of the product's own command service on
// it, and the few routes a device speaks to. It is to the simulator what server/routes is to the network, and answers
// with the same bodies and statuses. A request reaches any of the processes; those that wait in one at the same virtual
// moment form its next group. What a process holds dies with it, and nothing else does.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "engine/sync/exchange.h"
#include "server/core/command_service.h"
#include "server/core/feed.h"
#include "sim/crash_vfs.h"
#include "sim/environment.h"
#include "sim/faults.h"
#include "sim/network.h"
#include "sim/own_lists.h"
#include "sim/truth.h"

namespace outpost::sim {

class ServerNode {
 public:
  // Opens a store on that disk. A test of the checkers wraps the store in one that breaks a law.
  using OpenStore = std::function<Result<std::unique_ptr<server::Store>>(const CrashVfs& disk, Random& random)>;

  ServerNode(Environment& environment, Truth& truth, FaultPlan plan, std::uint64_t seed, OpenStore open_store);
  ~ServerNode();

  // Opens the store; false when the disk crashed meanwhile (then it tries again later by itself).
  bool Start();
  void Serve(const server::Caller& caller, const engine::HttpRequest& request, Network::Reply reply);

  // The power goes now; it comes back after a while.
  void PowerCut();
  // The power will go at the k-th disk operation from now.
  void PowerCutAtOperation(std::uint64_t k) { disk_.CrashAtOperation(k); }
  CrashVfs& disk() { return disk_; }
  bool up() const { return store_ != nullptr; }
  // The daily job, far too early: outcomes of more than some minutes are gone, keys stay.
  void Purge();
  void SetTokenExpired(const UserId& user, bool expired);
  // Keys older than everything are forgotten too: what "too old" is then answered by the numbers of the devices.
  void PurgeKeys();
  // A copy of the data, and the server put back to one: with another epoch as `outpost restore` does it, or behind
  // everybody's back, as a disk image is put back.
  CrashVfs::Image Backup() const { return disk_.Contents(); }
  enum class RestoreAs { kNewEpoch, kSilently };
  bool Restore(const CrashVfs::Image& image, RestoreAs as);
  // One process dies and is started again; the store and the other processes go on.
  void KillProcess(std::size_t process);
  std::size_t processes() const { return processes_.size(); }
  void Heal();

  // Valid while up.
  server::Store& store() { return *store_; }
  server::ServiceCounters counters() const;

 private:
  void ServePush(const server::Caller& caller, const engine::HttpRequest& request, Network::Reply reply);
  void CheckOwn(const server::Caller& caller, const server::PullRequest& pull, const ChangesPage& page);
  engine::HttpResponse ServePull(const server::Caller& caller, const engine::HttpRequest& request);
  void RunGroup(std::size_t process);
  engine::HttpResponse Encode(const server::Submission& submission, const server::SubmissionResult& result);
  void Down();
  void Close();
  void StartProcesses();
  void PurgeBefore(Timestamp outcomes, Timestamp keys);

  Environment& environment_;
  Truth& truth_;
  OwnLists own_lists_;
  FaultPlan plan_;
  Random random_;
  Random store_random_;
  CrashVfs disk_;
  OpenStore open_store_;
  std::unique_ptr<server::Store> store_;
  struct Process {
    std::unique_ptr<server::CommandService> service;
    // Requests of its next group, and who hears of each.
    std::vector<server::Submission> waiting;
    std::vector<Network::Reply> replies;
    bool group_planned = false;
    std::uint64_t life = 0;
  };
  // Its requests get no answer.
  void End(Process& process);

  std::vector<Process> processes_;
  server::ServiceCounters earlier_;  // of services that are gone
  std::vector<UserId> expired_;
  std::uint64_t life_ = 0;
};

}  // namespace outpost::sim
