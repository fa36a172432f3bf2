#include "sim/stock_oracle.h"

#include <algorithm>
#include <set>
#include <utility>

#include "sim/truth.h"

namespace outpost::sim {
namespace {

using engine::CommandRecord;
using engine::CommandStatus;

struct Delta {
  std::int64_t amount = 0;
  std::optional<Sequence> seq;  // once the server is known to have applied it
  bool under_way = false;       // base does not hold it
};

struct OwnDeltas {
  std::map<DocumentId, std::vector<Delta>> of;
  std::set<DocumentId> unclear;  // a count of our own is under way
  bool sales = false;            // a sale is under way: any article
};

bool IsEffective(CommandStatus status) {
  return status == CommandStatus::kPending || status == CommandStatus::kSucceeded ||
         status == CommandStatus::kDiscarding;
}

OwnDeltas Gather(const std::vector<CommandRecord>& records, const Journal& journal, const Truth& truth) {
  OwnDeltas own;
  for (const CommandRecord& record : records) {
    if (!IsEffective(record.status)) continue;
    const AcceptedCommand* command = journal.Find(record.id);
    if (command == nullptr) continue;
    const DocumentId article{std::string(StringOr(command->payload, "sku"))};
    const bool under_way = record.status != CommandStatus::kSucceeded || !record.covered;
    if (command->type == "INVENTORY_ADJUST_V1" || command->type == "INVENTORY_ADJUST_V2") {
      const Known* known = truth.Find(record.id);
      const bool applied = known != nullptr && known->succeeded;
      own.of[article].push_back(
          {IntegerOr(command->payload, "delta", 0), applied ? known->seq : std::optional<Sequence>(), under_way});
      // Whether a command being discarded still shows is the device's own affair; and one whose key somebody used on
      // another device may be in the server's state already, which this device cannot know before its answer.
      const bool shared_key = under_way && command->key.value != command->id.value;
      if (shared_key || record.status == CommandStatus::kDiscarding) own.unclear.insert(article);
    } else if (command->type == "INVENTORY_COUNT_V1" && under_way) {
      own.unclear.insert(article);
    } else if (command->type == "ORDER_CLOSE_V1" && under_way) {
      own.sales = true;
    }
  }
  return own;
}

std::int64_t Expected(const StockHistory::State& state, const std::vector<Delta>& deltas) {
  std::int64_t on_hand = state.on_hand;
  for (const Delta& delta : deltas) {
    if (!delta.seq || *delta.seq > state.seq) on_hand += delta.amount;
  }
  return on_hand;
}

std::string Text(const engine::VisibleDocument& document, const std::vector<Delta>& deltas) {
  std::string text = " (version " + std::to_string(document.version.value) + "; deltas";
  for (const Delta& delta : deltas) {
    text += " " + std::to_string(delta.amount) + " at " + (delta.seq ? std::to_string(delta.seq->value) : "?");
    if (delta.under_way) text += " under way";
  }
  return text + ")";
}

// Where the device holds nothing: it has not heard of the article, or may no longer read it.
std::int64_t ExpectedOfNothing(const std::vector<Delta>& deltas) {
  std::int64_t on_hand = 0;
  for (const Delta& delta : deltas) on_hand += delta.under_way ? delta.amount : 0;
  return on_hand;
}

}  // namespace

void StockHistory::Add(const WorkspaceId& workspace, const std::vector<Change>& changes) {
  for (const Change& change : changes) {
    if (change.key.collection.value != "stock" || change.doc.empty()) continue;
    const auto [at, first] = states_[{workspace, change.key.id}].try_emplace(change.version);
    if (!first) continue;
    const auto body = ParseJson(change.doc);
    at->second = {change.seq, body.ok() ? IntegerOr(body.value().get_object(), "onHand", 0) : 0};
  }
}

const std::map<Version, StockHistory::State>& StockHistory::Of(const WorkspaceId& workspace,
                                                               const DocumentId& article) const {
  const auto found = states_.find({workspace, article});
  return found == states_.end() ? none_ : found->second;
}

std::string CheckStock(engine::Device& device, const WorkspaceId& workspace, const std::vector<CommandRecord>& records,
                       const Journal& journal, const Truth& truth, bool rights_were_taken) {
  const OwnDeltas own = Gather(records, journal, truth);
  if (own.sales) return {};
  const auto shown = device.List(CollectionName("stock"));
  if (!shown.ok()) return "stock cannot be listed: " + shown.error().message;
  for (const engine::VisibleDocument& document : shown.value()) {
    const DocumentId& article = document.key.id;
    if (own.unclear.contains(article)) continue;
    const auto body = ParseJson(document.body);
    const std::int64_t on_hand = body.ok() ? IntegerOr(body.value().get_object(), "onHand", 0) : 0;
    const auto found = own.of.find(article);
    const std::vector<Delta> deltas = found == own.of.end() ? std::vector<Delta>() : found->second;
    bool explained = ExpectedOfNothing(deltas) == on_hand;
    for (const auto& [version, state] : truth.stock().Of(workspace, article)) {
      const bool as_it_came = rights_were_taken && !document.pending && version == document.version;
      explained = explained || (as_it_came ? state.on_hand : Expected(state, deltas)) == on_hand;
    }
    if (!explained) {
      return "shows " + std::to_string(on_hand) + " of " + article.value +
             ", which no state of the server and the own deltas make" + Text(document, deltas);
    }
  }
  return {};
}

}  // namespace outpost::sim
