#include "rules/order_body.h"

#include "base/assert.h"
#include "rules/derived_id.h"

namespace outpost::rules {
namespace {

// Up to 10,000 lines of up to 2^30 × 2^53 each.
__extension__ typedef __int128 Wide;

constexpr std::size_t kLineIdLength = 10;

bool IsKept(Wide amount) { return amount <= kIntegerMax && amount >= -kIntegerMax; }

json::object MakeLine(const Context& context, const json::object& item, std::size_t index) {
  json::object line;
  line.reserve(8);
  line.emplace("lineId", DerivedCode(context.command, "line/" + std::to_string(index), kLineIdLength));
  line.emplace("sku", StringOr(item, "sku"));
  line.emplace("name", StringOr(item, "name"));
  line.emplace("quantity", IntegerOr(item, "quantity", 0));
  line.emplace("unitPrice", IntegerOr(item, "unitPrice", 0));
  CopyText(item, "station", line);
  CopyText(item, "note", line);
  line.emplace("sent", false);
  return line;
}

}  // namespace

DocumentKey OrderKey(std::string_view id) { return {CollectionName("orders"), DocumentId(std::string(id))}; }

OrderStatus StatusOf(const json::object& order) {
  const std::string_view status = StringOr(order, "status");
  if (status == "SENT") return OrderStatus::kSent;
  if (status == "CLOSED") return OrderStatus::kClosed;
  if (status == "CANCELLED") return OrderStatus::kCancelled;
  return OrderStatus::kNew;
}

bool IsOpen(OrderStatus status) { return status == OrderStatus::kNew || status == OrderStatus::kSent; }

std::optional<Snapshot> FindOrder(const json::object& payload, Documents& documents) {
  return documents.Find(OrderKey(StringOr(payload, "id")));
}

bool HasValue(const json::object& payload, std::string_view field) {
  const json::value* value = Find(payload, field);
  return value != nullptr && !value->is_null();
}

void CopyText(const json::object& from, std::string_view field, json::object& to) {
  const json::value* value = Find(from, field);
  if (value != nullptr && value->is_string()) to[field] = *value;
}

void CheckItems(PayloadReader& reader, Presence presence) {
  reader.Objects("items", presence, {1, static_cast<std::int64_t>(kItemsPerCommandMax)}, [](PayloadReader& item) {
    item.Text("sku", Presence::kRequired, kFilledText);
    item.Text("name", Presence::kRequired, kFilledText);
    item.Quantity("quantity", Presence::kRequired);
    item.Integer("unitPrice", Presence::kRequired, kMoney);
    item.Text("station", Presence::kOptional, kAnyText);
    item.Text("note", Presence::kOptional, kNoteText);
  });
}

json::array MakeLines(const Context& context, const json::array& items) {
  json::array lines;
  lines.reserve(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) lines.emplace_back(MakeLine(context, items[i].get_object(), i));
  return lines;
}

json::array* LinesOf(json::object& order) {
  json::value* items = order.if_contains("items");
  return items != nullptr ? items->if_array() : nullptr;
}

bool Recalculate(json::object& order) {
  Wide total = 0;
  if (const json::array* lines = LinesOf(order)) {
    if (lines->size() > kOrderLinesMax) return false;
    for (const json::value& value : *lines) {
      const json::object* line = value.if_object();
      if (line != nullptr) total += Wide{IntegerOr(*line, "quantity", 0)} * IntegerOr(*line, "unitPrice", 0);
    }
  }
  if (!IsKept(total)) return false;
  order["total"] = static_cast<std::int64_t>(total);
  if (Find(order, "payments") != nullptr) {
    const Wide due = total - IntegerOr(order, "paid", 0);
    if (!IsKept(due)) return false;
    order["balanceDue"] = static_cast<std::int64_t>(due);
  }
  return true;
}

Refusal TotalTooLarge() {
  return {{ProblemCode::kValidationFailed,
           "The order grows beyond what can be kept.",
           {{"items", "the total must stay within ±9007199254740991, the order within " +
                          std::to_string(kOrderLinesMax) + " lines"}}},
          std::nullopt};
}

Refusal NotWhile(const DocumentKey& key, const json::object& order, std::string_view action) {
  std::string detail = "An order that is ";
  detail.append(StringOr(order, "status")).append(" cannot ").append(action).append(".");
  return {{ProblemCode::kInvalidStateTransition, std::move(detail)}, key};
}

Outcome WriteOrder(const DocumentKey& key, json::object&& order, Access access) {
  if (!Recalculate(order)) return TotalTooLarge();
  Applied applied;
  applied.resource = key;
  applied.writes.push_back({key, access, Put{std::move(order)}});
  return applied;
}

Outcome NothingToDo(const DocumentKey& key) {
  Applied applied;
  applied.resource = key;
  return applied;
}

}  // namespace outpost::rules
