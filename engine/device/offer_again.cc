// A server whose store was replaced by an older one lacks what it had already acknowledged (B12). The devices still
// have it: what was applied in the last days is marked when the new epoch shows, the resync's pages take the mark off
// what the server still knows, and what is left at the end of the round waits again, keys, numbers and payloads as they
// were. Keys make that safe; a restored server heals from its tills.
#include "base/mutant.h"
#include "engine/device/device_state.h"

namespace outpost::engine {

Status MarkForOffering(DeviceState& state, Timestamp now) {
  if (OUTPOST_MUTANT("nothing-offered-again")) return {};
  OUTPOST_CHECK(state.store->outbox().MarkOffered(now + Milliseconds(-state.options.offer_again_ms)));
  state.offering = true;
  return state.store->meta().Set("offering", 1);
}

Status OfferAgain(DeviceState& state, Timestamp now) {
  if (!state.offering) return {};
  std::vector<OutboxEntry> lost;
  OUTPOST_CHECK(state.store->outbox().ForEachOffered([&](const OutboxEntry& entry) -> Status {
    lost.push_back(entry);
    return {};
  }));
  for (OutboxEntry& entry : lost) {
    CommandRecord& command = entry.command;
    const Position from = command.position;
    command.sent = true;
    // It keeps its place before everything that waits. Numbers belong to the incarnation a request names.
    if (command.incarnation != state.incarnation) {
      command.incarnation = state.incarnation;
      command.n = CommandNumber(++state.last_n.value);
    }
    OUTPOST_CHECK(state.store->outbox().Requeue(from, command, StatusChange::kOfferedAgain, now));
  }
  OUTPOST_CHECK(state.store->meta().Set("offering", 0));
  if (!lost.empty()) {
    state.Tell(Notice::Kind::kOfferedAgain, std::nullopt,
               std::to_string(lost.size()) + " operations the server has lost are sent again");
  }
  OUTPOST_CHECK(state.Reload(now));
  state.rebase_all = true;
  return {};
}

}  // namespace outpost::engine
