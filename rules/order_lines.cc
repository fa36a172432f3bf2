// ORDER_ADD_ITEMS_V1 {id, items}, ORDER_CHANGE_LINE_V1 {id, lineId, quantity?, note?, unitPrice?, name?} and
// ORDER_REMOVE_LINE_V1 {id, lineId}. They commute on the order: two waiters' items and changes of different lines all
// land, whichever comes first; of two changes to one line the later one wins.
#include <algorithm>

#include "rules/catalog_check.h"
#include "rules/order_body.h"
#include "rules/types.h"

namespace outpost::rules {
namespace {

std::vector<FieldError> ValidateAdd(const json::object& payload) {
  PayloadReader reader(payload);
  reader.Id("id", Presence::kRequired);
  CheckItems(reader, Presence::kRequired);
  return reader.Finish();
}

Outcome AddItems(const Context& context, const json::object& payload, Documents& documents) {
  const std::optional<Snapshot> order = FindOrder(payload, documents);
  if (!order) return NeedsDocuments{};
  const DocumentKey key = OrderKey(StringOr(payload, "id"));
  if (!IsOpen(StatusOf(*order->body))) return NotWhile(key, *order->body, "take more items");
  const json::array& items = payload.at("items").get_array();
  auto catalog_errors = CheckCatalog(context, items, documents);
  if (!catalog_errors) return NeedsDocuments{};
  if (!catalog_errors->empty()) {
    return Refusal{
        {ProblemCode::kValidationFailed, "Orders take only articles of the catalog here.", *std::move(catalog_errors)},
        std::nullopt};
  }
  json::object body = *order->body;
  json::array added = MakeLines(context, items);
  json::array* lines = LinesOf(body);
  if (lines == nullptr) lines = &(body["items"] = json::array()).get_array();
  lines->reserve(lines->size() + added.size());
  for (json::value& line : added) lines->push_back(std::move(line));
  return WriteOrder(key, std::move(body), Access::kCommutes);
}

// The line, or end().
json::array::iterator FindLine(json::array& lines, std::string_view line_id) {
  return std::find_if(lines.begin(), lines.end(), [line_id](const json::value& line) {
    return line.is_object() && StringOr(line.get_object(), "lineId") == line_id;
  });
}

// Runs change(lines, line) on the line the payload names and writes the order.
template <class Change>
Outcome EditLine(const json::object& payload, Documents& documents, Change change) {
  const std::optional<Snapshot> order = FindOrder(payload, documents);
  if (!order) return NeedsDocuments{};
  const DocumentKey key = OrderKey(StringOr(payload, "id"));
  if (!IsOpen(StatusOf(*order->body))) return NotWhile(key, *order->body, "change its lines");
  json::object body = *order->body;
  json::array* lines = LinesOf(body);
  const std::string_view line_id = StringOr(payload, "lineId");
  const auto line = lines != nullptr ? FindLine(*lines, line_id) : json::array::iterator();
  if (lines == nullptr || line == lines->end()) {
    return Refusal{{ProblemCode::kNotFound, "The order has no line " + std::string(line_id) + "."}, key};
  }
  change(*lines, line);
  return WriteOrder(key, std::move(body), Access::kCommutes);
}

std::vector<FieldError> ValidateChange(const json::object& payload) {
  PayloadReader reader(payload);
  reader.Id("id", Presence::kRequired);
  reader.Id("lineId", Presence::kRequired);
  reader.Quantity("quantity", Presence::kOptional);
  reader.Text("note", Presence::kOptional, kNoteText);
  reader.Integer("unitPrice", Presence::kOptional, kMoney);
  reader.Text("name", Presence::kOptional, kFilledText);
  return reader.Finish();
}

void ChangeFields(json::object& line, const json::object& payload) {
  if (HasValue(payload, "quantity")) line["quantity"] = IntegerOr(payload, "quantity", 0);
  if (HasValue(payload, "unitPrice")) line["unitPrice"] = IntegerOr(payload, "unitPrice", 0);
  CopyText(payload, "name", line);
  CopyText(payload, "note", line);
}

Outcome ChangeLine(const Context&, const json::object& payload, Documents& documents) {
  return EditLine(payload, documents,
                  [&](json::array&, json::array::iterator line) { ChangeFields(line->get_object(), payload); });
}

std::vector<FieldError> ValidateRemove(const json::object& payload) {
  PayloadReader reader(payload);
  reader.Id("id", Presence::kRequired);
  reader.Id("lineId", Presence::kRequired);
  return reader.Finish();
}

// Its ticket stays: what the kitchen was told it was told.
Outcome RemoveLine(const Context&, const json::object& payload, Documents& documents) {
  return EditLine(payload, documents, [](json::array& lines, json::array::iterator line) { lines.erase(line); });
}

CommandType CommutingOrderType(std::string_view family) {
  CommandType type;
  type.family = family;
  type.accesses = {{CollectionName("orders"), "id", Access::kCommutes, true}};
  type.roles = StaffRoles();
  type.checks_version = false;
  return type;
}

}  // namespace

CommandType OrderAddItemsType() {
  CommandType type = CommutingOrderType("ORDER_ADD_ITEMS");
  type.validate = ValidateAdd;
  type.apply = AddItems;
  return type;
}

CommandType OrderChangeLineType() {
  CommandType type = CommutingOrderType("ORDER_CHANGE_LINE");
  type.validate = ValidateChange;
  type.apply = ChangeLine;
  return type;
}

CommandType OrderRemoveLineType() {
  CommandType type = CommutingOrderType("ORDER_REMOVE_LINE");
  type.validate = ValidateRemove;
  type.apply = RemoveLine;
  return type;
}

}  // namespace outpost::rules
