#include "rules/ledger.h"

#include <algorithm>
#include <string_view>

#include "base/mutant.h"

namespace outpost::rules {
namespace {

// Positive: debit; negative: credit.
void AppendLine(json::array& lines, std::string_view account, std::int64_t debit) {
  if (debit == 0) return;
  const std::int64_t zero = 0;
  lines.emplace_back(
      json::object{{"account", account}, {"debit", std::max(debit, zero)}, {"credit", std::max(-debit, zero)}});
}

std::int64_t HeldForCustomer(OrderPosition position) {
  return std::max<std::int64_t>(position.cash - position.sales, 0);
}
std::int64_t OwedByCustomer(OrderPosition position) {
  return std::max<std::int64_t>(position.sales - position.cash, 0);
}

}  // namespace

// cash − sales = held − owed in each position; hence the four differences, signed as debits, sum to zero.
json::array LedgerLines(OrderPosition before, OrderPosition after) {
  json::array lines;
  AppendLine(lines, "cash", after.cash - before.cash);
  AppendLine(lines, "sales", before.sales - after.sales - (OUTPOST_MUTANT("ledger-unbalanced") ? 1 : 0));
  AppendLine(lines, "customer-credit", HeldForCustomer(before) - HeldForCustomer(after));
  AppendLine(lines, "receivable", OwedByCustomer(after) - OwedByCustomer(before));
  return lines;
}

json::object LedgerEntry(const DocumentId& order, json::array lines, Timestamp now) {
  json::object entry;
  entry.reserve(3);
  entry.emplace("orderId", order.value);
  entry.emplace("lines", std::move(lines));
  entry.emplace("postedAt", ToRfc3339(now));
  return entry;
}

}  // namespace outpost::rules
