// ORDER_CLOSE_V1: cash in every state and sign, the ledger it posts and the stock it lowers.
#include <gtest/gtest.h>

#include <map>

#include "rules/test_world.h"

namespace outpost::rules {
namespace {

std::string Pay(std::int64_t amount, std::string_view method = "CASH") {
  return R"({"id":"o1","payment":{"method":")" + std::string(method) + R"(","amount":)" + std::to_string(amount) + "}}";
}

// An order whose total is `total` (any sign).
void CreateOrder(TestWorld& world, std::int64_t total) {
  const std::int64_t price = total < 0 ? -total : total;
  world.Must("ORDER_CREATE_V1", R"({"id":"o1","items":[{"sku":"tea","name":"Tea","quantity":)" +
                                    std::string(total < 0 ? "-1" : "1") + R"(,"unitPrice":)" + std::to_string(price) +
                                    "}]}");
}

struct Expected {
  std::string status;
  std::int64_t paid;
  std::int64_t balance_due;
  std::optional<std::int64_t> change;
};

void ExpectOrder(TestWorld& world, const Expected& expected, const std::string& story) {
  const json::object order = world.Get("orders", "o1");
  EXPECT_EQ(Text(order, "status"), expected.status) << story;
  EXPECT_EQ(Number(order, "paid"), expected.paid) << story;
  EXPECT_EQ(Number(order, "balanceDue"), expected.balance_due) << story;
  EXPECT_EQ(order.contains("change"), expected.change.has_value()) << story;
  if (!expected.change) return;
  EXPECT_EQ(Number(order, "change"), *expected.change) << story;
}

std::map<std::string, std::int64_t> Balances(const TestWorld& world) {
  std::map<std::string, std::int64_t> balances;
  for (const json::object& entry : world.All("ledger")) {
    for (const json::value& value : entry.at("lines").get_array()) {
      const json::object& line = value.get_object();
      balances[Text(line, "account")] += Number(line, "debit") - Number(line, "credit");
    }
  }
  std::erase_if(balances, [](const auto& account) { return account.second == 0; });
  return balances;
}

using Accounts = std::map<std::string, std::int64_t>;

TEST(Cash, SettlesInEverySign) {
  struct Case {
    std::int64_t total;
    std::vector<std::int64_t> amounts;
    Expected expected;
    Accounts balances;  // debit positive
  };
  const std::vector<Case> cases = {
      {500, {500}, {"CLOSED", 500, 0, 0}, {{"cash", 500}, {"sales", -500}}},
      {500, {600}, {"CLOSED", 500, 0, 100}, {{"cash", 500}, {"sales", -500}}},
      {500, {200}, {"NEW", 200, 300, {}}, {{"cash", 200}, {"customer-credit", -200}}},
      {500, {200, 300}, {"CLOSED", 500, 0, 0}, {{"cash", 500}, {"sales", -500}}},
      {500, {200, 1000}, {"CLOSED", 500, 0, 700}, {{"cash", 500}, {"sales", -500}}},
      {500, {200, -200}, {"NEW", 0, 500, {}}, {}},
      {500, {0}, {"NEW", 0, 500, {}}, {}},
      {0, {0}, {"CLOSED", 0, 0, 0}, {}},
      {0, {50}, {"CLOSED", 0, 0, 50}, {}},
      {0, {-50}, {"NEW", -50, 50, {}}, {{"cash", -50}, {"receivable", 50}}},
      {-500, {-500}, {"CLOSED", -500, 0, 0}, {{"cash", -500}, {"sales", 500}}},
      {-500, {-200}, {"NEW", -200, -300, {}}, {{"cash", -200}, {"receivable", 200}}},
      {-500, {-200, -300}, {"CLOSED", -500, 0, 0}, {{"cash", -500}, {"sales", 500}}},
      {-500, {0}, {"NEW", 0, -500, {}}, {}},
      {-500, {100}, {"NEW", 100, -600, {}}, {{"cash", 100}, {"customer-credit", -100}}},
      {-500, {-600}, {"NEW", -600, 100, {}}, {{"cash", -600}, {"receivable", 600}}},
      {-500, {-600, 100}, {"CLOSED", -500, 0, 0}, {{"cash", -500}, {"sales", 500}}},
      // On a closed order the money is recorded all the same.
      {500, {500, 500}, {"CLOSED", 1000, -500, 0}, {{"cash", 1000}, {"sales", -500}, {"customer-credit", -500}}},
      {500, {600, 50}, {"CLOSED", 550, -50, 100}, {{"cash", 550}, {"sales", -500}, {"customer-credit", -50}}},
      {500, {500, 500, -500}, {"CLOSED", 500, 0, 0}, {{"cash", 500}, {"sales", -500}}},
      {500, {500, -100}, {"CLOSED", 400, 100, 0}, {{"cash", 400}, {"sales", -500}, {"receivable", 100}}},
  };
  for (const Case& c : cases) {
    TestWorld world;
    CreateOrder(world, c.total);
    std::string story = "total " + std::to_string(c.total) + " amounts";
    for (const std::int64_t amount : c.amounts) {
      story += " " + std::to_string(amount);
      EXPECT_EQ(Ok(world.Do("ORDER_CLOSE_V1", Pay(amount))).http_status, 200) << story;
    }
    ExpectOrder(world, c.expected, story);
    EXPECT_EQ(Balances(world), c.balances) << story;
    EXPECT_EQ(world.Get("orders", "o1").at("payments").get_array().size(), c.amounts.size()) << story;
  }
}

TEST(Cash, OnACancelledOrderIsOwedBack) {
  TestWorld world;
  CreateOrder(world, 500);
  world.Must("ORDER_CLOSE_V1", Pay(200));
  world.Must("ORDER_CANCEL_V1", R"({"id":"o1"})");
  ExpectOrder(world, {"CANCELLED", 200, -200, {}}, "cancelled with a part payment");
  world.Must("ORDER_CLOSE_V1", Pay(300));
  ExpectOrder(world, {"CANCELLED", 500, -500, {}}, "paid after the cancellation");
  world.Must("ORDER_CLOSE_V1", Pay(-500));
  ExpectOrder(world, {"CANCELLED", 0, 0, {}}, "paid back");
  EXPECT_TRUE(Balances(world).empty());
  EXPECT_TRUE(world.All("stock").empty());
}

TEST(Cash, ClosesWhatThePaymentsAlreadyCoverAfterLinesWereRemoved) {
  TestWorld world;
  CreateOrder(world, 500);
  world.Must("ORDER_CLOSE_V1", Pay(400));
  const std::string line = Text(world.Get("orders", "o1").at("items").get_array()[0].get_object(), "lineId");
  world.Must("ORDER_CHANGE_LINE_V1", R"({"id":"o1","lineId":")" + line + R"(","unitPrice":100})");
  ExpectOrder(world, {"NEW", 400, -300, {}}, "now too much was paid");
  world.Must("ORDER_CLOSE_V1", Pay(-100));
  ExpectOrder(world, {"NEW", 300, -200, {}}, "a payout says exactly what was handed out");
  world.Must("ORDER_CLOSE_V1", Pay(0));
  ExpectOrder(world, {"CLOSED", 100, 0, 200}, "the rest is change");
  EXPECT_EQ(Balances(world), (Accounts{{"cash", 100}, {"sales", -100}}));
}

TEST(Cash, RecordsWhoTookItWhenAndByWhichCommand) {
  TestWorld world;
  CreateOrder(world, 500);
  world.context.author = UserId("ben");
  world.Must("ORDER_CLOSE_V1", Pay(600));
  const json::object payment = world.Get("orders", "o1").at("payments").get_array().at(0).get_object();
  EXPECT_EQ(Text(payment, "method"), "CASH");
  EXPECT_EQ(Number(payment, "amount"), 600) << "what was handed over, not what was kept";
  EXPECT_EQ(Text(payment, "by"), "ben");
  EXPECT_EQ(Text(payment, "at"), "2023-11-14T22:13:20.000Z");
  EXPECT_EQ(Text(payment, "command"), world.context.command.value);
}

TEST(Cash, OnNoOrderIsNotFound) {
  TestWorld world;
  EXPECT_EQ(world.CodeOf("ORDER_CLOSE_V1", Pay(5)), ProblemCode::kNotFound);
}

TEST(Cash, BeyondWhatCanBeKeptIsRefused) {
  TestWorld world;
  CreateOrder(world, 1);
  EXPECT_EQ(world.CodeOf("ORDER_CLOSE_V1", Pay(-kIntegerMax)), ProblemCode::kValidationFailed) << "due would be 2^53";
  world.Must("ORDER_CLOSE_V1", Pay(-kIntegerMax + 1));
  EXPECT_EQ(world.CodeOf("ORDER_CLOSE_V1", Pay(-1)), ProblemCode::kValidationFailed);
  world.Must("ORDER_CLOSE_V1", Pay(kIntegerMax));
  ExpectOrder(world, {"CLOSED", 1, 0, 0}, "back in range and settled");
  world.Must("ORDER_CLOSE_V1", Pay(kIntegerMax - 1));
  EXPECT_EQ(world.CodeOf("ORDER_CLOSE_V1", Pay(1)), ProblemCode::kValidationFailed);
}

TEST(Card, IsTakenOnlineOnly) {
  TestWorld world;
  CreateOrder(world, 500);
  for (const char* method : {"CARD", "MOBILE_MONEY"}) {
    const Execution execution = world.Try("ORDER_CLOSE_V1", Pay(500, method));
    EXPECT_EQ(No(execution).problem.code, ProblemCode::kOnlineOnly);
    EXPECT_FALSE(No(execution).met_not_held);
  }
}

TEST(Ledger, EntryNamesTheOrderAndBalances) {
  TestWorld world;
  CreateOrder(world, 500);
  world.Must("ORDER_CLOSE_V1", Pay(600));
  const std::vector<json::object> entries = world.All("ledger");
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(Text(entries[0], "id"), DerivedId(world.context.command, "ledger/payment").value);
  EXPECT_EQ(Text(entries[0], "orderId"), "o1");
  EXPECT_EQ(Text(entries[0], "postedAt"), "2023-11-14T22:13:20.000Z");
  EXPECT_EQ(ToJson(entries[0].at("lines")),
            R"([{"account":"cash","debit":500,"credit":0},{"account":"sales","debit":0,"credit":500}])");
}

TEST(Ledger, NothingIsPostedWhenNothingMoved) {
  TestWorld world;
  CreateOrder(world, 0);
  world.Must("ORDER_CLOSE_V1", Pay(0));
  EXPECT_TRUE(world.All("ledger").empty());
}

TEST(Stock, IsLoweredOnceWhenTheOrderCloses) {
  TestWorld world;
  world.Must("INVENTORY_COUNT_V1", R"({"sku":"tea","quantity":10})");
  world.Must("ORDER_CREATE_V1", R"({"id":"o1","items":[
      {"sku":"tea","name":"T","quantity":4,"unitPrice":10},{"sku":"pie","name":"P","quantity":1,"unitPrice":10},
      {"sku":"tea","name":"T","quantity":9,"unitPrice":10},{"sku":"cup back","name":"C","quantity":1,"unitPrice":0},
      {"sku":"jar","name":"J","quantity":1,"unitPrice":10},{"sku":"jar","name":"J","quantity":-1,"unitPrice":10}]})");
  world.Must("ORDER_CLOSE_V1", Pay(100));
  EXPECT_EQ(Number(world.Get("stock", "tea"), "onHand"), 10) << "still open";
  const Execution execution = world.Do("ORDER_CLOSE_V1", Pay(40));
  EXPECT_EQ(Text(Ok(execution).resource_body(), "status"), "CLOSED");
  EXPECT_EQ(Number(world.Get("stock", "tea"), "onHand"), -3);
  EXPECT_EQ(Number(world.Get("stock", "tea"), "oversold"), 3);
  EXPECT_EQ(Number(world.Get("stock", "pie"), "onHand"), -1);
  EXPECT_EQ(Number(world.Get("stock", "pie"), "oversold"), 0) << "never counted, so nothing to be short of";
  EXPECT_TRUE(world.Get("stock", "jar").empty()) << "sold and taken back";
  EXPECT_EQ(AccessTo(execution, "stock", "tea"), Access::kCommutes);
  world.Must("ORDER_CLOSE_V1", Pay(40));
  EXPECT_EQ(Number(world.Get("stock", "tea"), "onHand"), -3) << "paid twice, sold once";
}

TEST(Stock, AReturnPutsArticlesBack) {
  TestWorld world;
  world.Must("INVENTORY_COUNT_V1", R"({"sku":"tea","quantity":10})");
  CreateOrder(world, -500);
  world.Must("ORDER_CLOSE_V1", Pay(-500));
  EXPECT_EQ(Number(world.Get("stock", "tea"), "onHand"), 11);
}

TEST(Close, BothSidesMakeTheSameDocuments) {
  TestWorld server;
  TestWorld device(TestWorld::Side::kDevice);
  for (TestWorld* world : {&server, &device}) {
    CreateOrder(*world, 500);
    world->Must("ORDER_SEND_TO_KITCHEN_V1", R"({"id":"o1"})");
    world->Must("ORDER_CLOSE_V1", Pay(500));
  }
  for (const char* collection : {"orders", "tickets", "ledger", "stock"}) {
    EXPECT_EQ(server.All(collection), device.All(collection)) << collection;
    EXPECT_EQ(server.All(collection).size(), 1u) << collection;
  }
}

TEST(Cash, TheReceiptsNumberStaysWithThePayment) {
  TestWorld world;
  CreateOrder(world, 500);
  world.Must("ORDER_CLOSE_V1", R"({"id":"o1","payment":{"method":"CASH","amount":200,"receipt":"K7Q2M-000041"}})");
  world.Must("ORDER_CLOSE_V1", Pay(300));
  const json::object order = world.Get("orders", "o1");
  const json::array& payments = order.at("payments").get_array();
  EXPECT_EQ(Text(payments.at(0).get_object(), "receipt"), "K7Q2M-000041");
  EXPECT_FALSE(payments.at(1).get_object().contains("receipt"));
  EXPECT_EQ(world.CodeOf("ORDER_CLOSE_V1", R"({"id":"o1","payment":{"method":"CASH","amount":1,"receipt":"a b"}})"),
            ProblemCode::kValidationFailed);
}

}  // namespace
}  // namespace outpost::rules
