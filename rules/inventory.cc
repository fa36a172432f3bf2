// INVENTORY_ADJUST_V2 {sku, delta, reason, note?} and INVENTORY_COUNT_V1 {sku, quantity} on stock/{sku}: {sku, onHand,
// oversold, counted, wasted?, countedAt?, countedVersion?}. On hand = last count + sum of what came after it: sales and
// adjustments commute; two counts made on one base conflict, whatever deltas came between.
//
// INVENTORY_ADJUST_V1 {sku, delta, reason} took its reason in words; V2 names one of a few, which can be summed: what
// was thrown away is shown as `wasted`.
#include <array>

#include "base/mutant.h"
#include "rules/payload_reader.h"
#include "rules/types.h"

namespace outpost::rules {
namespace {

DocumentKey StockKey(const json::object& payload) {
  return {CollectionName("stock"), DocumentId(std::string(StringOr(payload, "sku")))};
}

constexpr std::string_view kWaste = "WASTE";
constexpr std::string_view kOther = "OTHER";
constexpr std::array<std::string_view, 5> kReasons = {"DELIVERY", "RETURN", kWaste, "CORRECTION", kOther};

std::vector<FieldError> ValidateAdjust(const json::object& payload) {
  PayloadReader reader(payload);
  reader.ArticleId("sku");
  reader.Quantity("delta", Presence::kRequired);
  reader.OneOf("reason", kReasons);
  reader.Text("note", Presence::kOptional, kNoteText);
  const bool adds = IntegerOr(payload, "delta", 0) > 0;
  if (adds && StringOr(payload, "reason") == kWaste) reader.Fail("delta", "waste takes away: it must be negative");
  return reader.Finish();
}

std::vector<FieldError> ValidateAdjustV1(const json::object& payload) {
  PayloadReader reader(payload);
  reader.ArticleId("sku");
  reader.Quantity("delta", Presence::kRequired);
  reader.Text("reason", Presence::kRequired, kNoteText);
  return reader.Finish();
}

// Nobody can tell waste from a delivery by what people wrote.
json::object UpcastAdjustV1(const json::object& payload) {
  return {{"sku", payload.at("sku")},
          {"delta", payload.at("delta")},
          {"reason", OUTPOST_MUTANT("upcast-guesses") ? kWaste : kOther},
          {"note", payload.at("reason")}};
}

Outcome Adjust(const Context& context, const json::object& payload, Documents&) {
  const std::string_view sku = StringOr(payload, "sku");
  const std::string_view reason = StringOr(payload, "reason");
  const std::int64_t delta = IntegerOr(payload, "delta", 0);
  Add add;
  add.deltas.emplace("onHand", delta);
  if (reason == kWaste) add.deltas.emplace("wasted", -delta);
  add.defaults = {{"sku", sku}, {"onHand", 0}, {"oversold", 0}, {"counted", true}};
  add.constants = {{"counted", true}};

  Applied applied;
  applied.resource = StockKey(payload);
  applied.writes.push_back({applied.resource, Access::kCommutes, std::move(add)});
  // Why stock moved, for the books; the stock document itself only sums.
  json::object movement{{"sku", sku}, {"delta", delta}, {"reason", reason}};
  if (const json::value* note = Find(payload, "note"); note != nullptr) movement["note"] = *note;
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

json::object ProposedCount(const json::object& payload) { return {{"onHand", payload.at("quantity")}}; }

CommandType AdjustType(int version) {
  CommandType type;
  type.family = "INVENTORY_ADJUST";
  type.version = version;
  type.nature = Nature::kFact;
  type.accesses = {{CollectionName("stock"), "sku", Access::kCommutes, false}};
  type.roles = StaffRoles();
  type.checks_version = false;
  return type;
}

}  // namespace

CommandType InventoryAdjustType() {
  CommandType type = AdjustType(2);
  type.validate = ValidateAdjust;
  type.apply = Adjust;
  return type;
}

CommandType InventoryAdjustTypeV1() {
  CommandType type = AdjustType(1);
  type.validate = ValidateAdjustV1;
  type.upcast = UpcastAdjustV1;
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
  type.proposed = ProposedCount;
  return type;
}

}  // namespace outpost::rules
