#include "rules/collection_catalog.h"

#include <algorithm>
#include <array>

#include "protocol/ids.h"
#include "rules/document_schema.h"

namespace outpost::rules {
namespace {

constexpr std::array<std::string_view, 10> kBusiness = {"orders",   "tickets",  "reservations", "products",  "stock",
                                                        "expenses", "invoices", "ledger",       "shipments", "quotes"};

bool Contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Error Wrong(std::string message) { return Error{ErrorCode::kInvalidArgument, std::move(message)}; }

Status CheckStates(const StateRules& states) {
  if (states.empty()) return {};
  if (states.initial.empty()) return Wrong("no state is the first one");
  for (const std::string& state : states.initial) {
    if (states.next.count(state) == 0) return Wrong("the first state " + state + " is not declared");
  }
  for (const auto& [from, followers] : states.next) {
    for (const std::string& to : followers) {
      if (states.next.count(to) == 0) return Wrong("state " + from + " leads to " + to + ", which is not declared");
    }
  }
  return {};
}

}  // namespace

Result<Strategy> StrategyFromName(std::string_view name) {
  std::string plain(name);
  std::replace(plain.begin(), plain.end(), '_', '-');
  if (plain == "reject" || plain == "ask" || plain == "manual") return Strategy::kReject;
  if (plain == "last-write-wins" || plain == "last-write" || plain == "lww") return Strategy::kLastWrite;
  if (plain == "merge" || plain == "merge-fields") return Strategy::kMerge;
  if (plain == "append-only" || plain == "append") return Strategy::kAppendOnly;
  if (plain == "counters" || plain == "counter") return Strategy::kCounters;
  return Wrong("expected reject, last-write-wins, merge, append-only or counters");
}

std::string_view Name(Strategy strategy) {
  switch (strategy) {
    case Strategy::kReject:
      return "reject";
    case Strategy::kLastWrite:
      return "last-write-wins";
    case Strategy::kMerge:
      return "merge";
    case Strategy::kAppendOnly:
      return "append-only";
    case Strategy::kCounters:
      return "counters";
  }
  return "reject";
}

bool StateRules::IsInitial(std::string_view state) const { return Contains(initial, state); }

bool StateRules::MayFollow(std::string_view from, std::string_view to) const {
  if (from == to) return true;
  const auto followers = next.find(std::string(from));
  // A state of an older declaration leads anywhere that is declared now.
  if (followers == next.end()) return next.count(std::string(to)) > 0;
  return Contains(followers->second, to);
}

CollectionCatalog::CollectionCatalog() {
  DeclaredCollection settings;
  settings.name = "settings";
  settings.strategy = Strategy::kLastWrite;
  collections_.emplace(settings.name, settings);
}

Status CollectionCatalog::Declare(DeclaredCollection collection) {
  if (!IsGenericName(collection.name)) return Wrong("the name is taken or cannot be one");
  OUTPOST_CHECK(CheckSchemaIsKnown(collection.schema));
  OUTPOST_CHECK(CheckStates(collection.states));
  std::string name = collection.name;
  collections_.insert_or_assign(std::move(name), std::move(collection));
  return {};
}

const DeclaredCollection* CollectionCatalog::Find(std::string_view name) const {
  const auto found = collections_.find(name);
  return found == collections_.end() ? nullptr : &found->second;
}

bool IsGenericName(std::string_view name) {
  return IsValidId(name) && name.front() != '_' &&
         std::find(kBusiness.begin(), kBusiness.end(), name) == kBusiness.end();
}

}  // namespace outpost::rules
