// ORDER_SEND_TO_KITCHEN_V1 {id}: a ticket per station for the lines the kitchen has not been told of.
#include <algorithm>

#include "rules/order_body.h"
#include "rules/types.h"

namespace outpost::rules {
namespace {

constexpr std::string_view kDefaultStation = "kitchen";

struct StationLines {
  std::string station;
  json::array items;
};

std::vector<FieldError> Validate(const json::object& payload) {
  PayloadReader reader(payload);
  reader.Id("id", Presence::kRequired);
  return reader.Finish();
}

bool IsSent(const json::object& line) {
  const json::value* sent = Find(line, "sent");
  return sent != nullptr && sent->is_bool() && sent->get_bool();
}

json::object TicketItem(const json::object& line) {
  json::object item;
  item.reserve(5);
  for (const std::string_view field : {"lineId", "sku", "name", "quantity", "note"}) {
    if (const json::value* value = Find(line, field)) item.emplace(field, *value);
  }
  return item;
}

// Marks unsent lines as sent and gathers them by station, stations in the order of their first line.
std::vector<StationLines> TakeUnsent(json::array& lines) {
  std::vector<StationLines> stations;
  for (json::value& value : lines) {
    json::object* line = value.if_object();
    if (line == nullptr || IsSent(*line)) continue;
    (*line)["sent"] = true;
    std::string_view station = StringOr(*line, "station");
    if (station.empty()) station = kDefaultStation;
    auto found =
        std::find_if(stations.begin(), stations.end(), [&](const StationLines& s) { return s.station == station; });
    if (found == stations.end()) found = stations.insert(stations.end(), {std::string(station), {}});
    found->items.emplace_back(TicketItem(*line));
  }
  return stations;
}

json::object Ticket(const Context& context, const DocumentKey& order_key, const json::object& order,
                    StationLines&& lines) {
  const json::value* table = Find(order, "tableId");
  json::object ticket;
  ticket.reserve(8);
  ticket.emplace("orderId", order_key.id.value);
  ticket.emplace("number", StringOr(order, "number"));
  ticket.emplace("tableId", table != nullptr ? *table : json::value(nullptr));
  ticket.emplace("station", lines.station);
  ticket.emplace("status", "QUEUED");
  ticket.emplace("items", std::move(lines.items));
  ticket.emplace("waiterName", context.author.value);
  ticket.emplace("sentAt", ToRfc3339(context.now));
  return ticket;
}

Outcome Send(const Context& context, const json::object& payload, Documents& documents) {
  const std::optional<Snapshot> order = FindOrder(payload, documents);
  if (!order) return NeedsDocuments{};
  const DocumentKey key = OrderKey(StringOr(payload, "id"));
  if (!IsOpen(StatusOf(*order->body))) return NotWhile(key, *order->body, "be sent to the kitchen");
  json::object body = *order->body;
  json::array* lines = LinesOf(body);
  std::vector<StationLines> stations = lines != nullptr ? TakeUnsent(*lines) : std::vector<StationLines>();
  if (stations.empty()) return NothingToDo(key);

  std::vector<Write> tickets;
  json::value& ticket_ids = body["tickets"];
  if (!ticket_ids.is_array()) ticket_ids = json::array();
  for (StationLines& station : stations) {
    DocumentId id = DerivedId(context.command, "ticket/" + station.station);
    ticket_ids.get_array().emplace_back(id.value);
    tickets.push_back({{CollectionName("tickets"), std::move(id)},
                       Access::kCreates,
                       Put{Ticket(context, key, *order->body, std::move(station))}});
  }
  body["status"] = "SENT";
  Outcome outcome = WriteOrder(key, std::move(body), Access::kUpdates);
  if (auto* applied = std::get_if<Applied>(&outcome)) {
    for (Write& ticket : tickets) applied->writes.push_back(std::move(ticket));
  }
  return outcome;
}

}  // namespace

CommandType OrderSendToKitchenType() {
  CommandType type;
  type.family = "ORDER_SEND_TO_KITCHEN";
  type.accesses = {{CollectionName("orders"), "id", Access::kUpdates, true}};
  type.roles = StaffRoles();
  type.validate = Validate;
  type.apply = Send;
  return type;
}

}  // namespace outpost::rules
