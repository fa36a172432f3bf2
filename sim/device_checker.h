// Holds one device against what people did on it (Journal) and what the server said (Truth), after every step and after
// every crash: laws 1, 2, 4 and 5 as far as one device can break them.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/device/device.h"
#include "sim/environment.h"
#include "sim/journal.h"
#include "sim/truth.h"

namespace outpost::sim {

class DeviceChecker {
 public:
  DeviceChecker(Environment& environment, Journal& journal, const Truth& truth, std::size_t device,
                WorkspaceId workspace, std::string name);

  // Execute said yes.
  void Accepted(const engine::Intent& intent, const UserId& author, const engine::Accepted& accepted);
  // A person retried, edited or discarded: statuses may move as the status table says, and discards join the queue.
  void SomebodyDecided() { decided_ = true; }
  void RightsTaken() { rights_were_taken_ = true; }
  // Execute failed at the disk, or the power went during it: the command may be there after a crash, or not.
  void MaybeAccepted(const engine::Intent& intent);
  // Execute said no before it wrote: nothing may be stored.
  void AfterStep(engine::Device& device);
  // The store opened again after a crash: every accepted command is there; answers may have been forgotten.
  void AfterReopen(engine::Device& device);
  // Another store was put in the device's place: a backup, a copy of another device's, or none. What is not in it is
  // gone with the disk, and what stands in it is where the device begins again. The next AfterReopen takes it so.
  void StoreReplaced() { replaced_ = true; }
  // The store that was put in its place is a copy of this other device's.
  void Inherit(const DeviceChecker& original) { maybe_ = original.maybe_; }
  const std::set<CommandId>& gone() const { return gone_; }
  // Whether another store was ever put in its place.
  bool began_again() const { return cloned_; }
  // Whether no round is open: only then what is shown is base and pending, and not the last cut.
  void SetAtCut(bool at_cut) { at_cut_ = at_cut; }
  // Everything healed and quiet: law 5 in full. `device`: of its processes the one that flushes.
  void AtTheEnd(engine::Device& device);

 private:
  using Records = std::vector<engine::CommandRecord>;

  std::optional<Records> Load(engine::Device& device);
  // Every accepted command is there, unchanged, once, in order; a stranger must be a maybe-accepted one.
  bool CheckOutbox(const Records& records);
  bool WasRefused(const engine::CommandRecord& record) const;
  void BeginAgain(const Records& records);
  bool Adopt(const engine::CommandRecord& record);
  void CheckUnchanged(const engine::CommandRecord& record, const AcceptedCommand& command);
  // Where it ended, against what the server said of it.
  void CheckEnd(const engine::CommandRecord& record);
  void CheckNumbers(const Records& records, const Incarnation& incarnation);
  void CheckTransition(const Records& records, const engine::CommandRecord& record, engine::CommandStatus before);
  // A refused command that this one truly depends on.
  bool HasRefusedPredecessor(const Records& records, const engine::CommandRecord& record) const;
  void Fail(std::string what) { environment_.Fail(name_, std::move(what)); }

  Environment& environment_;
  Journal& journal_;
  const Truth& truth_;
  std::size_t device_;
  WorkspaceId workspace_;
  std::string name_;
  std::vector<engine::Intent> maybe_;
  std::map<CommandId, engine::CommandStatus> last_;
  std::map<CommandId, engine::CommandStatus> told_late_;  // set aside as this, and applied all the same
  bool at_cut_ = false;
  bool replaced_ = false;
  bool decided_ = false;
  bool rights_were_taken_ = false;
  bool cloned_ = false;       // or restored, or begun again
  std::set<CommandId> gone_;  // with a disk
};

}  // namespace outpost::sim
