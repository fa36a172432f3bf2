// INVENTORY_ADJUST_V1 {sku, delta, reason} and INVENTORY_COUNT_V1 {sku, quantity} on stock/{sku}: {sku, onHand,
// oversold, counted, countedAt?, countedVersion?}. On hand = last count + sum of what came after it: sales and
// adjustments commute; two counts made on one base conflict, whatever deltas came between.
#include "base/mutant.h"
#include "rules/payload_reader.h"
#include "rules/types.h"

namespace outpost::rules {
namespace {

DocumentKey StockKey(const json::object& payload) {
  return {CollectionName("stock"), DocumentId(std::string(StringOr(payload, "sku")))};
}

std::vector<FieldError> ValidateAdjust(const json::object& payload) {
  PayloadReader reader(payload);
  reader.ArticleId("sku");
  reader.Quantity("delta", Presence::kRequired);
  reader.Text("reason", Presence::kRequired, kNoteText);
  return reader.Finish();
}

Outcome Adjust(const Context& context, const json::object& payload, Documents&) {
  const std::string_view sku = StringOr(payload, "sku");
  Add add;
  add.deltas.emplace("onHand", IntegerOr(payload, "delta", 0));
  add.defaults = {{"sku", sku}, {"onHand", 0}, {"oversold", 0}, {"counted", true}};
  add.constants = {{"counted", true}};

  Applied applied;
  applied.resource = StockKey(payload);
  applied.writes.push_back({applied.resource, Access::kCommutes, std::move(add)});
  // Why stock moved, for the books; the stock document itself only sums.
  json::object movement{
      {"sku", sku}, {"delta", IntegerOr(payload, "delta", 0)}, {"reason", StringOr(payload, "reason")}};
  applied.writes.push_back({{CollectionName("_stock_adjustment"), DerivedId(context.command, "adjustment")},
                            Access::kCreates,
                            Put{std::move(movement)}});
  return applied;
}

std::vector<FieldError> ValidateCount(const json::object& payload) {
  PayloadReader reader(payload);
  reader.ArticleId("sku");
  reader.Integer("quantity", Presence::kRequired, {0, kQuantityMax});
  return reader.Finish();
}

Outcome Count(const Context& context, const json::object& payload, Documents& documents) {
  const DocumentKey key = StockKey(payload);
  const std::optional<Snapshot> before = documents.Find(key);
  if (!before) return NeedsDocuments{};
  const bool exists = before->holding == Holding::kFound;
  json::object body = exists ? *before->body : json::object{{"sku", key.id.value}};
  body["onHand"] = IntegerOr(payload, "quantity", 0);
  body["oversold"] = 0;
  body["counted"] = true;
  body["countedAt"] = ToRfc3339(context.now);
  body["countedVersion"] = before->version.value + 1;

  Applied applied;
  applied.resource = key;
  applied.http_status = exists ? 200 : 201;
  applied.writes.push_back({key, Access::kUpdates, Put{std::move(body)}});
  return applied;
}

bool CountConflicts(const Context&, const json::object&, const Snapshot& current, Version expected) {
  if (OUTPOST_MUTANT("two-counts-agree")) return false;
  return current.body != nullptr && IntegerOr(*current.body, "countedVersion", 0) > expected.value;
}

}  // namespace

CommandType InventoryAdjustType() {
  CommandType type;
  type.family = "INVENTORY_ADJUST";
  type.nature = Nature::kFact;
  type.accesses = {{CollectionName("stock"), "sku", Access::kCommutes, false}};
  type.roles = StaffRoles();
  type.checks_version = false;
  type.validate = ValidateAdjust;
  type.apply = Adjust;
  return type;
}

CommandType InventoryCountType() {
  CommandType type;
  type.family = "INVENTORY_COUNT";
  type.accesses = {{CollectionName("stock"), "sku", Access::kUpdates, false}};
  type.roles = StaffRoles();
  type.validate = ValidateCount;
  type.apply = Count;
  type.version_conflict = CountConflicts;
  return type;
}

}  // namespace outpost::rules
