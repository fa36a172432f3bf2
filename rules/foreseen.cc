#include "rules/foreseen.h"

#include "rules/order_number.h"

namespace outpost::rules {

std::vector<DocumentKey> ForeseenBeyondDeclared(const CommandType& type, const CommandId& command,
                                                const json::object& payload, Timestamp now) {
  if (type.family != "ORDER_CREATE") return {};
  const auto order = TargetOf(type, command, payload);
  if (!order) return {};
  return {FirstNumberClaim(now, order->id)};
}

}  // namespace outpost::rules
