// ORDER_CLOSE_V1 {id, payment: {method, amount, receipt?}}. Cash is a fact: well-formed and on an order that exists it
// is always recorded, whatever state the order is in; what does not add up shows as balanceDue. `amount` is what
// crossed the counter, negative when it was handed out; `receipt` is the number the till printed, kept with the
// payment.
//
// total  | due = total − paid      | order
// any    | 0                       | CLOSED
// ≥ 0    | < 0, amount ≥ 0         | CLOSED; the excess is handed back as change, paid = total
// else                             | stays open with balanceDue = due
// CLOSED, CANCELLED before         | status stays, balanceDue moves by the amount
#include <array>
#include <map>

#include "base/mutant.h"
#include "rules/ledger.h"
#include "rules/order_body.h"
#include "rules/types.h"

namespace outpost::rules {
namespace {

constexpr std::array<std::string_view, 3> kMethods = {"CASH", "CARD", "MOBILE_MONEY"};

std::vector<FieldError> Validate(const json::object& payload) {
  PayloadReader reader(payload);
  reader.Id("id", Presence::kRequired);
  reader.Object("payment", Presence::kRequired, [](PayloadReader& payment) {
    payment.OneOf("method", kMethods);
    payment.Integer("amount", Presence::kRequired, kSigned);
    payment.Id("receipt", Presence::kOptional);
  });
  return reader.Finish();
}

// What a payment does to the order's money.
struct Settlement {
  std::int64_t paid = 0;  // net of change
  std::int64_t balance_due = 0;
  std::int64_t change = 0;
  bool closes = false;
};

bool IsKept(std::int64_t amount) { return amount <= kIntegerMax && amount >= -kIntegerMax; }

// nullopt: beyond ±(2^53−1).
std::optional<Settlement> Settle(OrderStatus status, std::int64_t total, std::int64_t paid_before,
                                 std::int64_t amount) {
  Settlement result;
  result.paid = paid_before + amount;
  // A cancelled order asks for nothing.
  result.balance_due = (status == OrderStatus::kCancelled ? 0 : total) - result.paid;
  if (!IsKept(result.paid) || !IsKept(result.balance_due)) return std::nullopt;
  if (!IsOpen(status)) return result;
  const bool is_overpaid = total >= 0 && amount >= 0 && result.balance_due < 0;
  result.closes = is_overpaid || result.balance_due == 0;
  if (is_overpaid) {
    result.change = -result.balance_due;
    result.paid = total;
    result.balance_due = 0;
  }
  return result;
}

void RecordPayment(json::object& order, const Context& context, const json::object& payment,
                   const Settlement& settlement) {
  json::value& payments = order["payments"];
  if (!payments.is_array()) payments = json::array();
  json::object record{{"method", "CASH"},
                      {"amount", IntegerOr(payment, "amount", 0)},
                      {"at", ToRfc3339(context.now)},
                      {"by", context.author.value},
                      {"command", context.command.value}};
  CopyText(payment, "receipt", record);
  payments.get_array().emplace_back(std::move(record));
  order["paid"] = settlement.paid;
  order["balanceDue"] = settlement.balance_due;
  if (!settlement.closes) return;
  order["change"] = settlement.change;
  order["status"] = "CLOSED";
  order["closedAt"] = ToRfc3339(context.now);
}

// One Add per article. A code that can name no document has no stock either: count and adjustment refuse it too.
void LowerStock(const json::object& order, std::vector<Write>& writes) {
  std::map<std::string_view, std::int64_t> sold;
  const json::value* items = Find(order, "items");
  if (items == nullptr || !items->is_array()) return;
  for (const json::value& line : items->get_array()) {
    if (!line.is_object()) continue;
    const std::string_view sku = StringOr(line.get_object(), "sku");
    if (IsValidId(sku)) sold[sku] += IntegerOr(line.get_object(), "quantity", 0);
  }
  for (const auto& [sku, quantity] : sold) {
    if (quantity == 0) continue;
    Add add;
    add.deltas.emplace("onHand", -quantity);
    add.defaults = {{"sku", sku}, {"onHand", 0}, {"oversold", 0}, {"counted", false}};
    writes.push_back({{CollectionName("stock"), DocumentId(std::string(sku))}, Access::kCommutes, std::move(add)});
  }
}

void PostLedger(const Context& context, const DocumentId& order, OrderPosition before, OrderPosition after,
                std::vector<Write>& writes) {
  json::array lines = LedgerLines(before, after);
  if (lines.empty()) return;
  writes.push_back({{CollectionName("ledger"), DerivedId(context.command, "ledger/payment")},
                    Access::kCreates,
                    Put{LedgerEntry(order, std::move(lines), context.now)}});
}

Outcome Pay(const Context& context, const DocumentKey& key, const json::object& order, const json::object& payment) {
  const OrderStatus status = StatusOf(order);
  if (OUTPOST_MUTANT("fact-refused") && !IsOpen(status)) {
    return Refusal{{ProblemCode::kInvalidStateTransition, "planted"}, key};
  }
  const std::int64_t total = IntegerOr(order, "total", 0);
  const std::int64_t paid = IntegerOr(order, "paid", 0);
  const std::optional<Settlement> settlement = Settle(status, total, paid, IntegerOr(payment, "amount", 0));
  if (!settlement) {
    return Refusal{{ProblemCode::kValidationFailed,
                    "The order's payments would sum to more than can be kept.",
                    {{"payment.amount", "what is paid and what is due must stay within ±9007199254740991"}}},
                   std::nullopt};
  }
  Applied applied;
  applied.resource = key;
  json::object body = order;
  RecordPayment(body, context, payment, *settlement);
  applied.writes.push_back({key, Access::kUpdates, Put{std::move(body)}});
  const bool was_closed = status == OrderStatus::kClosed;
  PostLedger(context, key.id, {paid, was_closed ? total : 0},
             {settlement->paid, was_closed || settlement->closes ? total : 0}, applied.writes);
  if (settlement->closes && !OUTPOST_MUTANT("sale-keeps-stock")) LowerStock(order, applied.writes);
  return applied;
}

Outcome Close(const Context& context, const json::object& payload, Documents& documents) {
  const json::object& payment = payload.at("payment").get_object();
  if (StringOr(payment, "method") != "CASH") {
    return Refusal{{ProblemCode::kOnlineOnly, "Card and mobile money are taken online only; offline, offer cash."},
                   std::nullopt};
  }
  const std::optional<Snapshot> order = FindOrder(payload, documents);
  if (!order) return NeedsDocuments{};
  return Pay(context, OrderKey(StringOr(payload, "id")), *order->body, payment);
}

}  // namespace

// Updates the order, although cash always lands: items added before it have to be on the order when it closes.
CommandType OrderCloseType() {
  CommandType type;
  type.family = "ORDER_CLOSE";
  type.nature = Nature::kFact;
  type.accesses = {{CollectionName("orders"), "id", Access::kUpdates, true}};
  type.roles = StaffRoles();
  type.checks_version = false;
  type.validate = Validate;
  type.apply = Close;
  return type;
}

}  // namespace outpost::rules
