// ORDER_CANCEL_V1 {id, reason?}: from NEW and SENT; its tickets become CANCELLED, served ones too. Money
// that was taken stays recorded and is owed back: balanceDue = −paid.
#include "rules/order_body.h"
#include "rules/types.h"

namespace outpost::rules {
namespace {

std::vector<FieldError> Validate(const json::object& payload) {
  PayloadReader reader(payload);
  reader.Id("id", Presence::kRequired);
  reader.Text("reason", Presence::kOptional, kNoteText);
  return reader.Finish();
}

// The writes that cancel the order's tickets; nullopt: more documents are needed. A ticket that is not held is left to
// the server.
std::optional<std::vector<Write>> CancelTickets(const json::object& order, Documents& documents) {
  std::vector<Write> writes;
  const json::value* ids = Find(order, "tickets");
  if (ids == nullptr || !ids->is_array()) return writes;
  bool all_known = true;
  for (const json::value& id : ids->get_array()) {
    if (!id.is_string()) continue;
    DocumentKey key{CollectionName("tickets"), DocumentId(std::string(id.get_string()))};
    const std::optional<Snapshot> ticket = documents.Find(key);
    if (!ticket) all_known = false;
    if (!ticket || ticket->holding != Holding::kFound) continue;
    if (StringOr(*ticket->body, "status") == "CANCELLED") continue;
    json::object body = *ticket->body;
    body["status"] = "CANCELLED";
    writes.push_back({std::move(key), Access::kUpdates, Put{std::move(body)}});
  }
  if (!all_known) return std::nullopt;
  return writes;
}

Outcome Cancel(const Context& context, const json::object& payload, Documents& documents) {
  const std::optional<Snapshot> order = FindOrder(payload, documents);
  if (!order) return NeedsDocuments{};
  const DocumentKey key = OrderKey(StringOr(payload, "id"));
  const OrderStatus status = StatusOf(*order->body);
  if (status == OrderStatus::kClosed) return NotWhile(key, *order->body, "be cancelled");
  if (status == OrderStatus::kCancelled) return NothingToDo(key);
  std::optional<std::vector<Write>> tickets = CancelTickets(*order->body, documents);
  if (!tickets) return NeedsDocuments{};

  Applied applied;
  applied.resource = key;
  json::object body = *order->body;
  body["status"] = "CANCELLED";
  body["cancelledAt"] = ToRfc3339(context.now);
  if (HasValue(payload, "reason")) body["cancelReason"] = StringOr(payload, "reason");
  if (Find(body, "payments") != nullptr) body["balanceDue"] = -IntegerOr(body, "paid", 0);
  applied.writes.push_back({key, Access::kUpdates, Put{std::move(body)}});
  for (Write& ticket : *tickets) applied.writes.push_back(std::move(ticket));
  return applied;
}

}  // namespace

CommandType OrderCancelType() {
  CommandType type;
  type.family = "ORDER_CANCEL";
  type.accesses = {{CollectionName("orders"), "id", Access::kUpdates, true}};
  type.roles = StaffRoles();
  type.validate = Validate;
  type.apply = Cancel;
  return type;
}

}  // namespace outpost::rules
