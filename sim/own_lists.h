// `own` exactly covers: a page names the commands of the device that asks whose effects lie within it, all of them and
// no others. Held against what each device sent and what the server is known to have done; the second is less than
// everything, since an answer may die with its server.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "protocol/pull.h"
#include "sim/truth.h"

namespace outpost::sim {

// Whose page, and the sequences it covers: after the first, up to the second.
struct PageRange {
  WorkspaceId workspace;
  DeviceId device;
  Sequence after;
  Sequence last;
};

class OwnLists {
 public:
  explicit OwnLists(const Truth& truth) : truth_(truth) {}

  // A request reached the server, whatever became of it.
  void Sent(const WorkspaceId& workspace, const PushRequest& request);
  // From here on the server may have forgotten commands it executed.
  void KeysForgotten() { forgotten_ = true; }
  // Empty: it covers exactly.
  std::string Check(const PageRange& page, const std::vector<OwnCommand>& own) const;

 private:
  using Sender = std::pair<WorkspaceId, DeviceId>;

  const Truth& truth_;
  std::map<Sender, std::set<CommandId>> sent_;
  std::map<CommandId, std::set<Sender>> senders_;  // a copy of a store may send what the original sent
  bool forgotten_ = false;
};

}  // namespace outpost::sim
