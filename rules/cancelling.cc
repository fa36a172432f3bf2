#include "rules/cancelling.h"

#include "rules/upcast.h"

namespace outpost::rules {
namespace {

json::value IdOf(const DocumentKey& key) { return json::string(key.id.value); }

CancellingCommand CancelOrder(const DocumentKey& order) { return {"ORDER_CANCEL_V1", {{"id", IdOf(order)}}}; }

CancellingCommand AdjustBack(const CommandId& command, const json::object& payload) {
  return {"INVENTORY_ADJUST_V2",
          {{"sku", payload.at("sku")},
           {"delta", -IntegerOr(payload, "delta", 0)},
           {"reason", "CORRECTION"},
           {"note", "cancels " + command.value}}};
}

CancellingCommand AddBack(json::object payload) {
  payload["delta"] = -IntegerOr(payload, "delta", 0);
  return {"COUNTER_ADD_V1", std::move(payload)};
}

CancellingCommand DeleteDocument(const DocumentKey& key) {
  return {"DOCUMENT_DELETE_V1", {{"collection", json::string(key.collection.value)}, {"id", IdOf(key)}}};
}

}  // namespace

std::optional<CancellingCommand> CancellingOf(const CommandType& type, const CommandId& command,
                                              const json::object& payload) {
  const auto target = TargetOf(type, command, payload);
  if (!target) return std::nullopt;
  if (type.family == "ORDER_CREATE") return CancelOrder(*target);
  if (type.family == "INVENTORY_ADJUST") return AdjustBack(command, Upcast(type, payload));
  if (type.family == "COUNTER_ADD") return AddBack(payload);
  if (type.family == "DOCUMENT_CREATE") return DeleteDocument(*target);
  return std::nullopt;
}

}  // namespace outpost::rules
