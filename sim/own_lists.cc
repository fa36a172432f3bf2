#include "sim/own_lists.h"

namespace outpost::sim {

void OwnLists::Sent(const WorkspaceId& workspace, const PushRequest& request) {
  if (!request.device) return;
  const Sender sender(workspace, *request.device);
  for (const Command& command : request.commands) {
    sent_[sender].insert(command.id);
    senders_[command.id].insert(sender);
  }
}

std::string OwnLists::Check(const PageRange& page, const std::vector<OwnCommand>& own) const {
  const auto within = [&](Sequence seq) { return seq > page.after && seq <= page.last; };
  const auto sent = sent_.find({page.workspace, page.device});
  std::set<CommandId> named;
  for (const OwnCommand& command : own) {
    if (!named.insert(command.id).second) return "names " + command.id.value + " twice";
    if (!within(command.seq)) return "names " + command.id.value + ", which lies outside of it";
    if (sent == sent_.end() || !sent->second.contains(command.id)) {
      return "names " + command.id.value + ", which the device never sent";
    }
  }
  if (sent == sent_.end() || forgotten_) return {};
  for (const CommandId& id : sent->second) {
    const Known* known = truth_.Find(id);
    if (known == nullptr || !known->succeeded || !known->seq || !within(*known->seq)) continue;
    const bool only_its = senders_.at(id).size() == 1;
    if (only_its && !named.contains(id)) return "leaves out " + id.value;
  }
  return {};
}

}  // namespace outpost::sim
