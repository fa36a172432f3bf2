// Balanced ledger entries for the money of one order. An entry is the difference between two positions, so that the
// sums are equal by construction and the open accounts come back to zero when the order is settled.
//
// Accounts: cash (in the drawer), sales (recognised when an order closes), customer-credit (money held for a customer:
// part payments, excess), receivable (money the customer holds of ours: part of a return paid out, a refund too many).
#pragma once

#include <cstdint>

#include "base/time.h"
#include "protocol/ids.h"
#include "protocol/json.h"

namespace outpost::rules {

struct OrderPosition {
  std::int64_t cash = 0;   // kept so far, net of change
  std::int64_t sales = 0;  // the total once closed, else 0
};

// [{account, debit, credit}]; lines of zero left out; empty when nothing moved.
json::array LedgerLines(OrderPosition before, OrderPosition after);

// {orderId, lines, postedAt}
json::object LedgerEntry(const DocumentId& order, json::array lines, Timestamp now);

}  // namespace outpost::rules
