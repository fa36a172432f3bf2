// The naive model as an oracle for reads: what a device shows of an article's stock must be some state that the server
// ever let out, plus the device's own deltas that are not in that state. Counts an effect missed or counted twice at
// the moment it is shown, not only at the end. Says nothing where counts or sales of the device's own are under way.
//
// A document that came with an answer while its reader had the right, and lost it before a page could tell more, stays
// as it came until the next resync: where rights are taken, that counts as explained.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/device/device.h"
#include "protocol/push.h"
#include "sim/journal.h"

namespace outpost::sim {

class Truth;

// Every state of stock that left the server, in answers or pages.
class StockHistory {
 public:
  void Add(const WorkspaceId& workspace, const std::vector<Change>& changes);

  struct State {
    Sequence seq;
    std::int64_t on_hand = 0;
  };
  // By version; empty when none was ever let out.
  const std::map<Version, State>& Of(const WorkspaceId& workspace, const DocumentId& article) const;

 private:
  std::map<std::pair<WorkspaceId, DocumentId>, std::map<Version, State>> states_;
  std::map<Version, State> none_;
};

// Empty when every article is shown as it may be; else what is wrong.
std::string CheckStock(engine::Device& device, const WorkspaceId& workspace,
                       const std::vector<engine::CommandRecord>& records, const Journal& journal, const Truth& truth,
                       bool rights_were_taken);

}  // namespace outpost::sim
