// The short number people call an order by: unique per workspace and UTC day, made offline without asking anybody.
//
// It is the beginning of a hash of the order's id: four characters unless the server finds them taken that day by
// another order, then more of the same hash. The server remembers who took which in the internal collection
// "_order_number", which no device holds; so a device's number is right or the beginning of the right one.
#pragma once

#include <optional>
#include <string>

#include "rules/rule.h"

namespace outpost::rules {

struct OrderNumber {
  std::string text;
  std::optional<Write> claim;  // what keeps others from it; absent on a device, or when the order has it already
};

// nullopt: more documents are needed.
std::optional<OrderNumber> ChooseOrderNumber(const Context& context, const DocumentId& order, Documents& documents);

// The document that says whether the order's shortest number is taken that day.
DocumentKey FirstNumberClaim(Timestamp now, const DocumentId& order);

}  // namespace outpost::rules
