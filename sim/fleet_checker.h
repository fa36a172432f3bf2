// Holds the whole fleet against the laws once everything healed and is quiet: every effect once and in order (laws 3, 4
// and 6), sums as the naive model says, every device showing what the server holds (law 1), no workspace in another
// (law 8).
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "server/core/store.h"
#include "sim/device_node.h"
#include "sim/environment.h"
#include "sim/journal.h"
#include "sim/truth.h"

namespace outpost::sim {

class FleetChecker {
 public:
  FleetChecker(Environment& environment, const Journal& journal, const Truth& truth)
      : environment_(environment), journal_(journal), truth_(truth) {}

  // `devices` are all up and have nothing waiting. Of a machine with several processes, each.
  void AtTheEnd(server::Store& store, const std::vector<DeviceNode*>& devices);

  // A device's documents that differ from the server's; empty when it has converged. Also asked while waiting for
  // quiet.
  static std::string Difference(const std::map<DocumentKey, json::object>& server, DeviceNode& node);
  // The documents that a workspace's feed shows.
  static Result<std::map<DocumentKey, json::object>> Documents(server::Store& store, const WorkspaceId& workspace);

 private:
  using Applied = std::map<Sequence, CommandId>;

  void CheckWorkspace(server::Store& store, const WorkspaceId& workspace, const std::vector<DeviceNode*>& devices);
  // Which command made which sequence, by the server's own lists; complains of gaps, doubles and strangers.
  Result<Applied> CheckSequence(server::Store& store, const WorkspaceId& workspace,
                                const std::vector<DeviceNode*>& devices);
  // What was said to have succeeded is there, and nothing else.
  void CheckAnswers(const Applied& applied, const std::vector<DeviceNode*>& devices);
  // Another command of the same author and key made that sequence: this one is its replay.
  bool IsReplay(const Applied& applied, const AcceptedCommand& command, Sequence seq) const;
  using Records = std::vector<engine::CommandRecord>;
  void CheckCauses(const Applied& applied, DeviceNode& device);
  void CheckNamedCauses(const Records& records);
  void CheckOrder(const Applied& applied, const Records& records, const std::set<CommandId>& discarded);
  void CheckModel(const Applied& applied, const std::map<DocumentKey, json::object>& documents);
  void Fail(std::string what) { environment_.Fail("fleet", std::move(what)); }

  Environment& environment_;
  const Journal& journal_;
  const Truth& truth_;
  std::set<CommandId> gone_;   // with a disk: nobody asks for them any more
  std::set<Sequence> shared_;  // made by one device's command, and a replay of another's
};

}  // namespace outpost::sim
