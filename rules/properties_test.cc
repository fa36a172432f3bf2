// Properties over random histories: the books balance, order does not matter where it should not, and device and server
// agree. Seeds are fixed, so that a failure comes back.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "base/random.h"
#include "rules/test_world.h"

namespace outpost::rules {
namespace {

struct Move {
  std::string type;
  std::string payload;
};

std::int64_t Between(Random& random, std::int64_t low, std::int64_t high) {
  return low + static_cast<std::int64_t>(random.Below(static_cast<std::uint64_t>(high - low + 1)));
}

std::string Items(Random& random) {
  std::string items = "[";
  const std::int64_t count = Between(random, 1, 4);
  for (std::int64_t i = 0; i < count; ++i) {
    std::int64_t quantity = Between(random, -2, 5);
    if (quantity == 0) quantity = 1;
    items += std::string(i == 0 ? "" : ",") + R"({"sku":"s)" + std::to_string(random.Below(4)) +
             R"(","name":"N","quantity":)" + std::to_string(quantity) + R"(,"unitPrice":)" +
             std::to_string(random.Below(900)) + "}";
  }
  return items + "]";
}

// A random line of the order, or an id that no line has.
std::string SomeLine(TestWorld& world, Random& random, const std::string& order) {
  const json::object body = world.Get("orders", order);
  const json::value* items = Find(body, "items");
  if (items == nullptr || items->get_array().empty()) return "none";
  const json::array& lines = items->get_array();
  return Text(lines[random.Below(lines.size())].get_object(), "lineId");
}

Move RandomMove(TestWorld& world, Random& random) {
  const std::string order = "o" + std::to_string(random.Below(3));
  const std::string id = R"({"id":")" + order + "\"";
  const std::string sku = R"({"sku":"s)" + std::to_string(random.Below(4)) + "\"";
  const std::vector<json::object> tickets = world.All("tickets");
  const std::string ticket = tickets.empty() ? "none" : Text(tickets[random.Below(tickets.size())], "id");
  switch (random.Below(13)) {
    case 0:
      return {"ORDER_CREATE_V1", id + R"(,"items":)" + Items(random) + "}"};
    case 1:
      return {"ORDER_MODIFY_V1", id + R"(,"items":)" + Items(random) + "}"};
    case 2:
      return {"ORDER_ADD_ITEMS_V1", id + R"(,"items":)" + Items(random) + "}"};
    case 3:
      return {"ORDER_CHANGE_LINE_V1", id + R"(,"lineId":")" + SomeLine(world, random, order) + R"(","quantity":)" +
                                          std::to_string(Between(random, 1, 9)) + "}"};
    case 4:
      return {"ORDER_REMOVE_LINE_V1", id + R"(,"lineId":")" + SomeLine(world, random, order) + "\"}"};
    case 5:
      return {"ORDER_SEND_TO_KITCHEN_V1", id + "}"};
    case 6:
      return {"ORDER_CANCEL_V1", id + "}"};
    case 7:
      return {"TICKET_MARK_READY_V1", R"({"id":")" + ticket + "\"}"};
    case 8:
      return {"INVENTORY_ADJUST_V1", sku + R"(,"reason":"r","delta":)" + std::to_string(Between(random, 1, 9)) + "}"};
    case 9:
      return {"INVENTORY_COUNT_V1", sku + R"(,"quantity":)" + std::to_string(random.Below(50)) + "}"};
    default:
      break;
  }
  std::int64_t amount = Between(random, -1500, 3000);
  if (random.OneIn(3)) amount = IntegerOr(world.Get("orders", order), "total", 0);
  return {"ORDER_CLOSE_V1", id + R"(,"payment":{"method":"CASH","amount":)" + std::to_string(amount) + "}}"};
}

std::int64_t SumOfLines(const json::object& order) {
  std::int64_t total = 0;
  for (const json::value& value : order.at("items").get_array()) {
    total += Number(value.get_object(), "quantity") * Number(value.get_object(), "unitPrice");
  }
  return total;
}

void CheckLedger(const TestWorld& world) {
  std::map<std::string, std::int64_t> balances;
  for (const json::object& entry : world.All("ledger")) {
    std::int64_t debits = 0;
    std::int64_t credits = 0;
    for (const json::value& value : entry.at("lines").get_array()) {
      const json::object& line = value.get_object();
      EXPECT_GE(Number(line, "debit"), 0);
      EXPECT_GE(Number(line, "credit"), 0);
      EXPECT_NE(Number(line, "debit"), Number(line, "credit"));
      debits += Number(line, "debit");
      credits += Number(line, "credit");
      balances[Text(line, "account")] += Number(line, "debit") - Number(line, "credit");
    }
    EXPECT_EQ(debits, credits) << ToJson(entry);
  }
  std::int64_t paid = 0;
  std::int64_t sold = 0;
  std::int64_t owed = 0;  // by the house, where an order is not settled
  for (const json::object& order : world.All("orders")) {
    paid += Number(order, "paid");
    const bool is_closed = Text(order, "status") == "CLOSED";
    if (is_closed) sold += Number(order, "total");
    owed += Number(order, "paid") - (is_closed ? Number(order, "total") : 0);
  }
  EXPECT_EQ(balances["cash"], paid) << "the drawer holds what the orders say was paid";
  EXPECT_EQ(-balances["sales"], sold);
  EXPECT_EQ(-balances["customer-credit"] - balances["receivable"], owed);
}

void CheckOrders(const TestWorld& world) {
  for (const json::object& order : world.All("orders")) {
    EXPECT_EQ(Number(order, "total"), SumOfLines(order)) << ToJson(order);
    const json::value* payments = Find(order, "payments");
    if (payments == nullptr) continue;
    std::int64_t tendered = 0;
    for (const json::value& payment : payments->get_array()) tendered += Number(payment.get_object(), "amount");
    EXPECT_EQ(tendered, Number(order, "paid") + IntegerOr(order, "change", 0)) << ToJson(order);
    const std::int64_t asked = Text(order, "status") == "CANCELLED" ? 0 : Number(order, "total");
    EXPECT_EQ(Number(order, "balanceDue"), asked - Number(order, "paid")) << ToJson(order);
  }
}

TEST(Histories, TheBooksBalanceAfterEveryStep) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    TestWorld world;
    int succeeded = 0;
    for (int step = 0; step < 120; ++step) {
      const Move move = RandomMove(world, random);
      const Execution execution = world.Do(move.type, move.payload);
      if (std::holds_alternative<Executed>(execution.outcome)) ++succeeded;
    }
    EXPECT_GT(succeeded, 20) << "most of a history should happen";
    CheckLedger(world);
    CheckOrders(world);
    if (testing::Test::HasFailure()) return;
  }
}

TEST(Histories, DeviceAndServerEndInTheSameDocuments) {
  for (std::uint64_t seed = 100; seed <= 120; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    TestWorld server;
    TestWorld device(TestWorld::Side::kDevice);
    for (int step = 0; step < 100; ++step) {
      const Move move = RandomMove(server, random);
      const Execution there = server.Do(move.type, move.payload);
      const Execution here = device.Do(move.type, move.payload);
      ASSERT_EQ(there.outcome.index(), here.outcome.index()) << move.type << move.payload;
    }
    for (const char* collection : {"orders", "tickets", "stock", "ledger"}) {
      ASSERT_EQ(server.All(collection), device.All(collection));
    }
  }
}

// Each command keeps its id wherever it stands in the sequence, as it would on the way from several devices.
std::vector<Execution> RunInOrder(TestWorld& world, const std::vector<Move>& moves,
                                  const std::vector<std::size_t>& order) {
  std::vector<Execution> executions;
  world.new_id_per_command = false;
  for (const std::size_t i : order) {
    world.context.command = CommandId("move-" + std::to_string(i));
    executions.push_back(world.Do(moves[i].type, moves[i].payload));
    Ok(executions.back());
  }
  return executions;
}

std::vector<std::size_t> Shuffled(std::size_t count, Random& random) {
  std::vector<std::size_t> order(count);
  for (std::size_t i = 0; i < count; ++i) order[i] = i;
  for (std::size_t i = count; i > 1; --i) std::swap(order[i - 1], order[random.Below(i)]);
  return order;
}

TEST(Commuting, AddsAndLineChangesGiveTheSameOrderInAnySequence) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    Random random(seed);
    std::map<std::int64_t, int> totals;
    std::vector<Move> moves;
    for (int attempt = 0; attempt < 6; ++attempt) {
      TestWorld world;
      const json::object order = world.Must("ORDER_CREATE_V1", R"({"id":"o1","items":[
          {"sku":"a","name":"A","quantity":1,"unitPrice":10},{"sku":"b","name":"B","quantity":2,"unitPrice":100},
          {"sku":"c","name":"C","quantity":3,"unitPrice":1000}]})");
      const json::array& lines = order.at("items").get_array();
      const auto line = [&](std::size_t i) {
        return R"({"id":"o1","lineId":")" + Text(lines[i].get_object(), "lineId") + "\"";
      };
      if (moves.empty()) {
        moves = {{"ORDER_ADD_ITEMS_V1", R"({"id":"o1","items":)" + Items(random) + "}"},
                 {"ORDER_ADD_ITEMS_V1", R"({"id":"o1","items":)" + Items(random) + "}"},
                 {"ORDER_CHANGE_LINE_V1", line(0) + R"(,"quantity":7})"},
                 {"ORDER_CHANGE_LINE_V1", line(1) + R"(,"unitPrice":5})"},
                 {"ORDER_REMOVE_LINE_V1", line(2) + "}"}};
      }
      RunInOrder(world, moves, Shuffled(moves.size(), random));
      const json::object end = world.Get("orders", "o1");
      EXPECT_EQ(Number(end, "total"), SumOfLines(end));
      ++totals[Number(end, "total")];
    }
    EXPECT_EQ(totals.size(), 1u) << "seed " << seed;
  }
}

TEST(Commuting, SalesAndAdjustmentsGiveTheSameStockInAnySequence) {
  const std::vector<Move> moves = {
      {"INVENTORY_ADJUST_V1", R"({"sku":"tea","reason":"delivery","delta":5})"},
      {"INVENTORY_ADJUST_V1", R"({"sku":"tea","reason":"broken","delta":-2})"},
      {"ORDER_CLOSE_V1", R"({"id":"o1","payment":{"method":"CASH","amount":30}})"},
      {"ORDER_CLOSE_V1", R"({"id":"o2","payment":{"method":"CASH","amount":40}})"},
  };
  std::vector<std::size_t> order = {0, 1, 2, 3};
  do {
    TestWorld world;
    world.Must("ORDER_CREATE_V1", R"({"id":"o1","items":[{"sku":"tea","name":"T","quantity":3,"unitPrice":10}]})");
    world.Must("ORDER_CREATE_V1", R"({"id":"o2","items":[{"sku":"tea","name":"T","quantity":4,"unitPrice":10}]})");
    for (const Execution& execution : RunInOrder(world, moves, order)) {
      EXPECT_EQ(AccessTo(execution, "stock", "tea"), Access::kCommutes);
    }
    const json::object stock = world.Get("stock", "tea");
    EXPECT_EQ(Number(stock, "onHand"), -4);
    EXPECT_EQ(Number(stock, "oversold"), 4);
    EXPECT_EQ(Number(stock, "version"), 4);
  } while (std::next_permutation(order.begin(), order.end()));
}

}  // namespace
}  // namespace outpost::rules
