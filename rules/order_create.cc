// ORDER_CREATE_V1 {id?, tableId?, items} and ORDER_MODIFY_V1 {id, tableId?, items?}.
#include "rules/catalog_check.h"
#include "rules/order_body.h"
#include "rules/order_number.h"
#include "rules/types.h"

namespace outpost::rules {
namespace {

Refusal NotInCatalog(std::vector<FieldError>&& errors) {
  return {{ProblemCode::kValidationFailed, "Orders take only articles of the catalog here.", std::move(errors)},
          std::nullopt};
}

std::vector<FieldError> ValidateCreate(const json::object& payload) {
  PayloadReader reader(payload);
  reader.Id("id", Presence::kOptional);
  reader.Text("tableId", Presence::kOptional, kAnyText);
  CheckItems(reader, Presence::kRequired);
  return reader.Finish();
}

json::object NewOrder(const Context& context, const json::object& payload, std::string_view number) {
  json::object order;
  order.reserve(8);
  order.emplace("number", number);
  order.emplace("tableId", nullptr);
  CopyText(payload, "tableId", order);
  order.emplace("status", "NEW");
  order.emplace("items", MakeLines(context, payload.at("items").get_array()));
  order.emplace("total", 0);
  order.emplace("currency", context.currency);
  order.emplace("paid", 0);
  return order;
}

Outcome Create(const Context& context, const json::object& payload, Documents& documents) {
  const DocumentKey key = OrderKey(HasValue(payload, "id") ? StringOr(payload, "id") : context.command.value);
  const std::optional<Snapshot> existing = documents.Find(key);
  if (existing && existing->holding == Holding::kFound) {
    return Refusal{{ProblemCode::kAlreadyExists, "There is already an order with this id."}, key};
  }
  auto catalog_errors = CheckCatalog(context, payload.at("items").get_array(), documents);
  std::optional<OrderNumber> number = ChooseOrderNumber(context, key.id, documents);
  if (!existing || !catalog_errors || !number) return NeedsDocuments{};
  if (!catalog_errors->empty()) return NotInCatalog(*std::move(catalog_errors));

  Outcome outcome = WriteOrder(key, NewOrder(context, payload, number->text), Access::kCreates);
  if (auto* applied = std::get_if<Applied>(&outcome)) {
    applied->http_status = 201;
    if (number->claim) applied->writes.push_back(*std::move(number->claim));
  }
  return outcome;
}

std::vector<FieldError> ValidateModify(const json::object& payload) {
  PayloadReader reader(payload);
  reader.Id("id", Presence::kRequired);
  reader.Text("tableId", Presence::kOptional, kAnyText);
  CheckItems(reader, Presence::kOptional);
  return reader.Finish();
}

Outcome Modify(const Context& context, const json::object& payload, Documents& documents) {
  const std::optional<Snapshot> order = FindOrder(payload, documents);
  if (!order) return NeedsDocuments{};
  const DocumentKey key = OrderKey(StringOr(payload, "id"));
  if (StatusOf(*order->body) != OrderStatus::kNew) return NotWhile(key, *order->body, "be modified");
  const bool has_items = HasValue(payload, "items");
  if (has_items) {
    auto catalog_errors = CheckCatalog(context, payload.at("items").get_array(), documents);
    if (!catalog_errors) return NeedsDocuments{};
    if (!catalog_errors->empty()) return NotInCatalog(*std::move(catalog_errors));
  }
  // tableId: null takes the order off its table; a missing tableId leaves it there.
  const json::value* table = Find(payload, "tableId");
  if (!has_items && table == nullptr) return NothingToDo(key);

  json::object body = *order->body;
  if (table != nullptr) body["tableId"] = *table;
  if (has_items) body["items"] = MakeLines(context, payload.at("items").get_array());
  return WriteOrder(key, std::move(body), Access::kUpdates);
}

}  // namespace

CommandType OrderCreateType() {
  CommandType type;
  type.family = "ORDER_CREATE";
  type.accesses = {{CollectionName("orders"), "id", Access::kCreates, false}};
  type.roles = StaffRoles();
  type.checks_version = false;
  type.validate = ValidateCreate;
  type.apply = Create;
  return type;
}

CommandType OrderModifyType() {
  CommandType type;
  type.family = "ORDER_MODIFY";
  type.accesses = {{CollectionName("orders"), "id", Access::kUpdates, true}};
  type.roles = StaffRoles();
  type.validate = ValidateModify;
  type.apply = Modify;
  return type;
}

}  // namespace outpost::rules
