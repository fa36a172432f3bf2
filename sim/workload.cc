#include "sim/workload.h"

#include <array>
#include <utility>

#include "protocol/json.h"
#include "sim/seed.h"

namespace outpost::sim {

using engine::Intent;

namespace {

constexpr std::int64_t kPrices[] = {0, 150, 320, 990, 1250};

Intent Make(const char* type, json::object payload) { return Intent{.type = type, .payload = std::move(payload)}; }

}  // namespace

Workload::Workload(Environment& environment, Random random, std::string name, WorkloadSettings settings)
    : environment_(environment), random_(random), name_(std::move(name)), settings_(settings) {}

Intent Workload::Next(engine::Device& device) {
  if (repeatable_.has_value() && random_.OneIn(4)) {
    environment_.Count("workload: same key again");
    Intent again = *std::exchange(repeatable_, std::nullopt);
    if (random_.OneIn(4)) {
      // The same key for something else: the device must say so.
      again.payload["note"] = "other";
      again.payload = Make("", {{"sku", "sku-1"}, {"delta", 1}, {"reason", "key taken"}}).payload;
      again.type = "INVENTORY_ADJUST_V1";
      again.expected_version = {};
    }
    return again;
  }
  Intent intent = Draw(device);
  if (random_.OneIn(6)) intent.local_refusal = engine::LocalRefusal::kQueueAnyway;
  if (random_.OneIn(8)) {
    intent.key = IdempotencyKey(name_ + "-" + std::to_string(++made_));
    repeatable_ = intent;
  }
  if (!accepted_.empty() && random_.OneIn(10)) {
    environment_.Count("workload: explicit dependsOn");
    intent.depends_on.push_back(
        accepted_[accepted_.size() - 1 - random_.Below(std::min<std::size_t>(accepted_.size(), 5))]);
  }
  return intent;
}

void Workload::Done(const Intent&, const Result<engine::Accepted>& result) {
  if (result.ok()) accepted_.push_back(result.value().id);
}

void Workload::Forget() {
  accepted_.clear();
  repeatable_.reset();
}

Intent Workload::Draw(engine::Device& device) {
  if (Chance(random_, settings_.documents)) return OnDocument(device);
  const std::uint64_t die = random_.Below(100);
  if (die < 22) return CreateOrder();
  if (die < 70) return OnOrder(device);
  if (die < 78) return OnTicket(device);
  if (die < 90) return OnStock(device);
  if (die < 96) return PutProduct(device);
  return Malformed();
}

std::string Workload::Sku() {
  // Everybody wants the first article.
  return "sku-" + std::to_string(random_.OneIn(2) ? 1 : Between(random_, 1, 6));
}

json::array Workload::Items() {
  static constexpr std::array<const char*, 3> kStations = {"grill", "bar", ""};
  json::array items;
  const std::int64_t count = Between(random_, 1, 3);
  for (std::int64_t i = 0; i < count; ++i) {
    json::object item{{"sku", Sku()},
                      {"name", "Article"},
                      {"quantity", random_.OneIn(12) ? -1 : Between(random_, 1, 4)},
                      {"unitPrice", kPrices[random_.Below(std::size(kPrices))]}};
    const char* station = kStations[random_.Below(kStations.size())];
    if (*station != '\0') item["station"] = station;
    items.push_back(std::move(item));
  }
  return items;
}

Intent Workload::CreateOrder() {
  json::object payload{{"items", Items()}};
  if (random_.OneIn(3)) payload["tableId"] = "table-" + std::to_string(Between(random_, 1, 9));
  // Two waiters who open the same tab: one of them finds the id taken.
  if (random_.OneIn(12)) payload["id"] = "tab-" + std::to_string(Between(random_, 1, 12));
  return Make("ORDER_CREATE_V1", std::move(payload));
}

std::optional<Workload::Seen> Workload::Pick(engine::Device& device, const char* collection) {
  const auto list = device.List(CollectionName(collection));
  if (!list.ok() || list.value().empty()) return std::nullopt;
  // Ids sort by time: mostly one of the last.
  const std::size_t size = list.value().size();
  const std::size_t back = random_.Below(random_.OneIn(4) ? size : std::min<std::size_t>(size, 6));
  const engine::VisibleDocument& document = list.value()[size - 1 - back];
  auto body = ParseJson(document.body);
  if (!body.ok() || !body.value().is_object()) {
    environment_.Fail(name_, "a visible document is no JSON object: " + document.key.id.value);
    return std::nullopt;
  }
  return Seen{document.key.id, document.version, std::move(body.value().get_object())};
}

void Workload::Expect(Intent& intent, const Seen& seen) {
  if (random_.OneIn(3)) {
    intent.expected_version = seen.version;
  } else if (!accepted_.empty() && random_.OneIn(8)) {
    intent.expected_version = AfterCommand{accepted_.back()};
  }
}

Intent Workload::OnOrder(engine::Device& device) {
  const auto order = Pick(device, "orders");
  if (!order.has_value()) return CreateOrder();
  const std::string& id = order->id.value;
  Intent intent;
  switch (random_.Below(12)) {
    case 0:
    case 1:
    case 2:
    case 3:
      return Make("ORDER_ADD_ITEMS_V1", {{"id", id}, {"items", Items()}});
    case 4:
    case 5:
      intent = Make("ORDER_SEND_TO_KITCHEN_V1", {{"id", id}});
      break;
    case 6:
    case 7:
    case 8:
      return CloseOrder(*order);
    case 9:
      intent = Make("ORDER_CANCEL_V1", {{"id", id}});
      break;
    case 10:
      intent = Make("ORDER_MODIFY_V1", {{"id", id}, {"tableId", "table-" + std::to_string(Between(random_, 1, 9))}});
      if (random_.OneIn(2)) intent.payload["items"] = Items();
      break;
    default:
      return OnLine(*order);
  }
  Expect(intent, *order);
  return intent;
}

Intent Workload::CloseOrder(const Seen& order) {
  const std::int64_t total = IntegerOr(order.body, "total", 0);
  std::int64_t amount = total - IntegerOr(order.body, "paid", 0);
  if (random_.OneIn(4)) amount += Between(random_, -300, 500);
  const char* method = random_.OneIn(15) ? "CARD" : "CASH";
  return Make("ORDER_CLOSE_V1",
              {{"id", order.id.value}, {"payment", json::object{{"method", method}, {"amount", amount}}}});
}

Intent Workload::OnLine(const Seen& order) {
  const json::value* items = Find(order.body, "items");
  if (items == nullptr || !items->is_array() || items->get_array().empty()) return CreateOrder();
  const json::array& lines = items->get_array();
  const std::string line(StringOr(lines[random_.Below(lines.size())].get_object(), "lineId"));
  if (random_.OneIn(3)) return Make("ORDER_REMOVE_LINE_V1", {{"id", order.id.value}, {"lineId", line}});
  return Make("ORDER_CHANGE_LINE_V1", {{"id", order.id.value}, {"lineId", line}, {"quantity", Between(random_, 1, 9)}});
}

Intent Workload::OnTicket(engine::Device& device) {
  static constexpr std::array<const char*, 3> kSteps = {"TICKET_START_V1", "TICKET_MARK_READY_V1", "TICKET_BUMP_V1"};
  const auto ticket = Pick(device, "tickets");
  if (!ticket.has_value()) return CreateOrder();
  Intent intent = Make(kSteps[random_.Below(kSteps.size())], {{"id", ticket->id.value}});
  if (random_.OneIn(4)) Expect(intent, *ticket);
  return intent;
}

Intent Workload::OnStock(engine::Device& device) {
  if (!random_.OneIn(3)) return AdjustStock();
  Intent intent = Make("INVENTORY_COUNT_V1", {{"sku", Sku()}, {"quantity", Between(random_, 0, 100)}});
  if (const auto stock = Pick(device, "stock"); stock.has_value()) {
    intent.payload["sku"] = stock->id.value;
    Expect(intent, *stock);
  }
  return intent;
}

Intent Workload::AdjustStock() {
  const std::int64_t delta = random_.OneIn(2) ? Between(random_, 1, 40) : -Between(random_, 1, 10);
  if (settings_.release == WorkloadSettings::Release::kOld) {
    environment_.Count("workload: older version of a command");
    return Make("INVENTORY_ADJUST_V1", {{"sku", Sku()}, {"delta", delta}, {"reason", "delivery"}});
  }
  const char* reason = delta > 0 ? "DELIVERY" : random_.OneIn(2) ? "WASTE" : "CORRECTION";
  return Make("INVENTORY_ADJUST_V2", {{"sku", Sku()}, {"delta", delta}, {"reason", reason}});
}

Intent Workload::PutProduct(engine::Device& device) {
  Intent intent = Make("PRODUCT_PUT_V1", {{"sku", Sku()},
                                          {"name", "Article " + std::to_string(Between(random_, 1, 99))},
                                          {"price", kPrices[random_.Below(std::size(kPrices))]}});
  if (const auto product = Pick(device, "products"); product.has_value() && random_.OneIn(2)) {
    intent.payload["sku"] = product->id.value;
    Expect(intent, *product);
  }
  return intent;
}

Intent Workload::Malformed() {
  environment_.Count("workload: malformed");
  switch (random_.Below(5)) {
    case 0:
      return Make("ORDER_CREATE_V1", {{"items", json::array()}});
    case 1:
      return Make("ORDER_CLOSE_V1", {{"id", "tab-1"}, {"payment", json::object{{"method", "CASH"}}}});
    case 2:
      return Make("INVENTORY_ADJUST_V1", {{"sku", "sku-1"}, {"delta", 0}, {"reason", "nothing"}});
    case 3:
      return Make("NO_SUCH_THING_V1", {});
    default:
      return Make("ORDER_CREATE_V1", {{"items", Items()}, {"surprise", 1}});
  }
}

}  // namespace outpost::sim
