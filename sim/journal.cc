#include "sim/journal.h"

#include <array>
#include <utility>

#include "base/assert.h"

namespace outpost::sim {

void Journal::Add(AcceptedCommand command) {
  const std::size_t device = command.device;
  CommandId id = command.id;
  const auto [at, inserted] = commands_.emplace(std::move(id), std::move(command));
  OUTPOST_ASSERT(inserted);
  by_device_.at(device).push_back(&at->second);
}

const AcceptedCommand* Journal::Find(const CommandId& id) const {
  const auto found = commands_.find(id);
  return found == commands_.end() ? nullptr : &found->second;
}

std::vector<std::pair<DocumentKey, rules::Access>> Journal::DocumentsOf(const AcceptedCommand& command) const {
  auto documents = command.documents;
  if (command.type != "ORDER_CANCEL_V1") return documents;
  for (const auto& [id, other] : commands_) {
    if (other.type != "ORDER_SEND_TO_KITCHEN_V1" || StringOr(other.payload, "id") != StringOr(command.payload, "id"))
      continue;
    for (const auto& [key, access] : other.documents) {
      if (access == rules::Access::kCreates) documents.push_back({key, rules::Access::kUpdates});
    }
  }
  return documents;
}

std::vector<std::pair<DocumentKey, rules::Access>> FootprintOf(const CommandId& id, std::string_view type,
                                                               const json::object& payload) {
  std::vector<std::pair<DocumentKey, rules::Access>> footprint;
  const auto name = ParseTypeName(type);
  if (!name.ok()) return footprint;
  const rules::CommandType* known = rules::FindType(name.value().family, name.value().version);
  if (known == nullptr) return footprint;
  for (const rules::DeclaredAccess& declared : known->accesses) {
    if (auto key = rules::DeclaredKey(declared, payload)) footprint.push_back({*std::move(key), declared.access});
  }
  if (const auto target = rules::TargetOf(*known, id, payload); target.has_value() && footprint.empty()) {
    footprint.push_back({*target, rules::Access::kCreates});
  }
  if (known->family == "ORDER_SEND_TO_KITCHEN") {
    static constexpr std::array<const char*, 3> kStations = {"grill", "bar", "kitchen"};
    for (const char* station : kStations) {
      const DocumentId ticket = rules::DerivedId(id, std::string("ticket/") + station);
      footprint.push_back({{CollectionName("tickets"), ticket}, rules::Access::kCreates});
    }
  }
  return footprint;
}

}  // namespace outpost::sim
