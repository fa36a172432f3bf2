#include "sim/naive_model.h"

#include <algorithm>
#include <set>

#include "protocol/json.h"
#include "rules/derived_id.h"

namespace outpost::sim {
namespace {

std::string Text(const json::object& object, std::string_view field) { return std::string(StringOr(object, field)); }

int Rank(std::string_view status) {
  return status == "QUEUED" ? 0 : status == "IN_PROGRESS" ? 1 : status == "READY" ? 2 : status == "BUMPED" ? 3 : 4;
}

std::string Differs(std::string_view what, std::int64_t model, std::int64_t server) {
  return std::string(what) + " must be " + std::to_string(model) + ", the server has " + std::to_string(server);
}

}  // namespace

std::int64_t NaiveOrder::total() const {
  std::int64_t sum = 0;
  for (const NaiveLine& line : lines) sum += line.quantity * line.unit_price;
  return sum;
}

void NaiveModel::Apply(const AcceptedCommand& command) {
  if (declared_.Apply(command)) return;
  const json::object& payload = command.payload;
  const std::string& type = command.type;
  const std::string id = payload.contains("id") ? Text(payload, "id") : command.id.value;
  const auto find_line = [&](NaiveOrder& order) {
    return std::find_if(order.lines.begin(), order.lines.end(),
                        [&](const NaiveLine& line) { return line.id == Text(payload, "lineId"); });
  };
  if (type == "ORDER_CREATE_V1" || type == "ORDER_ADD_ITEMS_V1") {
    AddLines(orders_[id], command);
  } else if (type == "ORDER_MODIFY_V1") {
    if (payload.contains("items")) {
      orders_[id].lines.clear();
      AddLines(orders_[id], command);
    }
  } else if (type == "ORDER_CHANGE_LINE_V1") {
    if (const auto line = find_line(orders_[id]); line != orders_[id].lines.end())
      line->quantity = IntegerOr(payload, "quantity", 0);
  } else if (type == "ORDER_REMOVE_LINE_V1") {
    if (const auto line = find_line(orders_[id]); line != orders_[id].lines.end()) orders_[id].lines.erase(line);
  } else if (type == "ORDER_SEND_TO_KITCHEN_V1") {
    Send(orders_[id], command);
  } else if (type == "ORDER_CLOSE_V1") {
    Close(orders_[id], IntegerOr(payload.at("payment").get_object(), "amount", 0));
  } else if (type == "ORDER_CANCEL_V1") {
    orders_[id].status = "CANCELLED";
    for (const std::string& ticket : tickets_of_order_[id]) tickets_[ticket] = "CANCELLED";
  } else if (type == "TICKET_START_V1" || type == "TICKET_MARK_READY_V1" || type == "TICKET_BUMP_V1") {
    const char* status = type == "TICKET_START_V1" ? "IN_PROGRESS" : type == "TICKET_BUMP_V1" ? "BUMPED" : "READY";
    if (Rank(status) > Rank(tickets_[id])) tickets_[id] = status;
  } else if (type == "INVENTORY_ADJUST_V1" || type == "INVENTORY_ADJUST_V2") {
    const std::int64_t delta = IntegerOr(payload, "delta", 0);
    stock_[Text(payload, "sku")] += delta;
    if (Text(payload, "reason") == "WASTE") wasted_[Text(payload, "sku")] -= delta;
  } else if (type == "INVENTORY_COUNT_V1") {
    stock_[Text(payload, "sku")] = IntegerOr(payload, "quantity", 0);
  } else if (type == "PRODUCT_PUT_V1") {
    prices_[Text(payload, "sku")] = IntegerOr(payload, "price", 0);
  }
}

void NaiveModel::AddLines(NaiveOrder& order, const AcceptedCommand& command) {
  std::size_t index = 0;
  for (const json::value& value : command.payload.at("items").get_array()) {
    const json::object& item = value.get_object();
    // Ids of lines are agreed between device and server; there is nothing to model about them.
    const std::string line = rules::DerivedCode(command.id, "line/" + std::to_string(index++), 10);
    order.lines.push_back({line, Text(item, "sku"), Text(item, "station"), IntegerOr(item, "quantity", 0),
                           IntegerOr(item, "unitPrice", 0), false});
  }
}

void NaiveModel::Send(NaiveOrder& order, const AcceptedCommand& command) {
  std::set<std::string> stations;
  for (NaiveLine& line : order.lines) {
    if (line.sent) continue;
    line.sent = true;
    stations.insert(line.station.empty() ? "kitchen" : line.station);
  }
  for (const std::string& station : stations) {
    const std::string ticket = rules::DerivedId(command.id, "ticket/" + station).value;
    tickets_[ticket] = "QUEUED";
    tickets_of_order_[Text(command.payload, "id")].push_back(ticket);
  }
  order.status = "SENT";
}

void NaiveModel::Close(NaiveOrder& order, std::int64_t amount) {
  order.paid += amount;
  if (order.status == "CLOSED" || order.status == "CANCELLED") return;
  const std::int64_t total = order.total();
  const bool change = total >= 0 && amount >= 0 && order.paid > total;
  if (change) order.paid = total;
  if (order.paid != total) return;
  order.status = "CLOSED";
  std::map<std::string, std::int64_t> sold;
  for (const NaiveLine& line : order.lines) sold[line.sku] += line.quantity;
  for (const auto& [sku, quantity] : sold) {
    if (quantity != 0) stock_[sku] -= quantity;
  }
}

std::string NaiveModel::CompareOrder(const NaiveOrder& order, const json::object& body) const {
  const json::value* items = Find(body, "items");
  const std::int64_t lines =
      items != nullptr && items->is_array() ? static_cast<std::int64_t>(items->get_array().size()) : -1;
  if (lines != static_cast<std::int64_t>(order.lines.size())) {
    return Differs("lines", static_cast<std::int64_t>(order.lines.size()), lines);
  }
  if (IntegerOr(body, "total", 0) != order.total()) return Differs("total", order.total(), IntegerOr(body, "total", 0));
  if (IntegerOr(body, "paid", 0) != order.paid) return Differs("paid", order.paid, IntegerOr(body, "paid", 0));
  if (StringOr(body, "status") != order.status) return "status must be " + order.status;
  if (body.contains("balanceDue")) {
    const std::int64_t due = (order.status == "CANCELLED" ? 0 : order.total()) - order.paid;
    if (IntegerOr(body, "balanceDue", 0) != due) return Differs("balanceDue", due, IntegerOr(body, "balanceDue", 0));
  }
  return {};
}

// Every entry balances; the drawer holds what was paid; sales are what closed orders cost.
std::string NaiveModel::CompareLedger(const std::map<DocumentKey, json::object>& documents) const {
  std::map<std::string, std::int64_t> accounts;
  for (const auto& [key, body] : documents) {
    if (key.collection.value != "ledger") continue;
    std::int64_t sum = 0;
    for (const json::value& value : body.at("lines").get_array()) {
      const json::object& line = value.get_object();
      const std::int64_t amount = IntegerOr(line, "debit", 0) - IntegerOr(line, "credit", 0);
      accounts[Text(line, "account")] += amount;
      sum += amount;
    }
    if (sum != 0) return "ledger entry " + key.id.value + " does not balance";
  }
  std::int64_t paid = 0;
  std::int64_t sold = 0;
  for (const auto& [id, order] : orders_) {
    paid += order.paid;
    if (order.status == "CLOSED") sold += order.total();
  }
  if (accounts["cash"] != paid) return "ledger: " + Differs("cash", paid, accounts["cash"]);
  if (-accounts["sales"] != sold) return "ledger: " + Differs("sales", sold, -accounts["sales"]);
  return {};
}

std::string NaiveModel::Compare(const std::map<DocumentKey, json::object>& documents) const {
  std::size_t modelled = 0;
  for (const auto& [key, body] : documents) {
    const std::string& id = key.id.value;
    const std::string where = key.collection.value + "/" + id + ": ";
    if (key.collection.value == "orders") {
      if (!orders_.contains(id)) return where + "nobody made it";
      if (std::string what = CompareOrder(orders_.at(id), body); !what.empty()) return where + what;
    } else if (key.collection.value == "stock") {
      const std::int64_t on_hand = stock_.contains(id) ? stock_.at(id) : 0;
      if (IntegerOr(body, "onHand", 0) != on_hand)
        return where + Differs("onHand", on_hand, IntegerOr(body, "onHand", 0));
      const std::int64_t wasted = wasted_.contains(id) ? wasted_.at(id) : 0;
      if (IntegerOr(body, "wasted", 0) != wasted)
        return where + Differs("wasted", wasted, IntegerOr(body, "wasted", 0));
    } else if (key.collection.value == "tickets") {
      if (!tickets_.contains(id)) return where + "nobody made it";
      if (StringOr(body, "status") != tickets_.at(id)) return where + "status must be " + tickets_.at(id);
    } else if (key.collection.value == "products") {
      if (!prices_.contains(id)) return where + "nobody made it";
      if (IntegerOr(body, "price", 0) != prices_.at(id))
        return where + Differs("price", prices_.at(id), IntegerOr(body, "price", 0));
    } else {
      continue;
    }
    ++modelled;
  }
  const std::size_t expected = orders_.size() + tickets_.size() + stock_.size() + prices_.size();
  if (modelled != expected) {
    return "the server has " + std::to_string(modelled) + " documents, the model " + std::to_string(expected);
  }
  if (std::string what = declared_.Compare(documents); !what.empty()) return what;
  return CompareLedger(documents);
}

}  // namespace outpost::sim
