// Every cell of the tables of states: what each route answers to an order or a ticket in each state it can be in.
#include "tests/blackbox/server_fixture.h"

namespace outpost::blackbox {
namespace {

class Transitions : public ServerTest {
 protected:
  // An order brought into a state by the routes that lead there; its path.
  std::string OrderIn(const std::string& state) {
    const Answer order = client_.Post("/pos/orders", OrderBody());
    line_ = order.At("items.0.lineId");
    const std::string path = "/pos/orders/" + order.At("id");
    if (state == "SENT") client_.Post(path + "/send-to-kitchen", "");
    if (state == "CLOSED") client_.Post(path + "/close", kPaid);
    if (state == "CANCELLED") client_.Post(path + "/cancel", "");
    EXPECT_EQ(client_.Get(path).At("status"), state);
    return path;
  }

  // The grill's ticket of a new order, in a state.
  std::string TicketIn(const std::string& state) {
    const std::string order = OrderIn("SENT");
    std::string path;
    const Answer queue = client_.Get("/kds/queue?station=grill");
    for (const json::value& ticket : queue.body.at("tickets").as_array()) {
      if (order.ends_with(ticket.at("orderId").as_string().c_str()))
        path = std::string("/kds/tickets/") + ticket.at("id").as_string().c_str();
    }
    if (state == "IN_PROGRESS") client_.Post(path + "/start", "");
    if (state == "READY") client_.Post(path + "/mark-ready", "");
    if (state == "BUMPED") client_.Post(path + "/bump", "");
    if (state == "CANCELLED") client_.Post(order + "/cancel", "");
    EXPECT_EQ(client_.Get(path).At("status"), state);
    return path;
  }

  // 200 and the state after it, or a refusal that shows the state before it.
  static void Expect(const Answer& answer, const std::string& after, const std::string& before,
                     const std::string& what) {
    if (!after.empty()) {
      EXPECT_EQ(answer.status, 200) << what << " " << answer.text;
      EXPECT_EQ(answer.At("status"), after) << what;
      return;
    }
    EXPECT_EQ(answer.status, 409) << what << " " << answer.text;
    EXPECT_EQ(answer.code(), "INVALID_STATE_TRANSITION") << what;
    EXPECT_EQ(answer.At("conflictType"), "INVALID_STATE_TRANSITION") << what;
    EXPECT_EQ(answer.At("currentState.status"), before) << what;
  }

  static constexpr const char* kPaid = R"({"payment":{"method":"CASH","amount":2150}})";
  std::string line_;
};

TEST_F(Transitions, EachRouteOnAnOrderInEachState) {
  struct Row {
    const char* method;
    const char* route;  // LINE stands for the first line
    const char* body;
    std::vector<std::string> after;  // by kStates; empty: refused
  };
  const std::vector<std::string> states = {"NEW", "SENT", "CLOSED", "CANCELLED"};
  const std::vector<Row> rows = {
      {"PATCH", "", R"({"tableId":"9"})", {"NEW", "", "", ""}},
      {"POST", "/items", R"({"items":[{"sku":"a","name":"A","quantity":1,"unitPrice":1}]})", {"NEW", "SENT", "", ""}},
      {"POST", "/lines/LINE", R"({"quantity":5})", {"NEW", "SENT", "", ""}},
      {"DELETE", "/lines/LINE", "", {"NEW", "SENT", "", ""}},
      {"POST", "/send-to-kitchen", "", {"SENT", "SENT", "", ""}},
      {"POST", "/close", kPaid, {"CLOSED", "CLOSED", "CLOSED", "CANCELLED"}},
      {"POST", "/cancel", "", {"CANCELLED", "CANCELLED", "", "CANCELLED"}},
  };
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < states.size(); ++i) {
      const std::string order = OrderIn(states[i]);
      std::string route = row.route;
      if (const std::size_t at = route.find("LINE"); at != std::string::npos) route.replace(at, 4, line_);
      const std::string version = client_.Get(order).At("version");
      const Answer answer = client_.Send(row.method, order + route, row.body);
      Expect(answer, row.after[i], states[i], std::string(row.method) + " " + row.route + " on " + states[i]);
      if (!row.after[i].empty()) continue;
      EXPECT_EQ(client_.Get(order).At("version"), version) << "a refusal changes nothing";
    }
  }
}

TEST_F(Transitions, EachRouteOnATicketInEachState) {
  const std::vector<std::string> states = {"QUEUED", "IN_PROGRESS", "READY", "BUMPED", "CANCELLED"};
  const std::vector<std::pair<std::string, std::vector<std::string>>> rows = {
      {"/start", {"IN_PROGRESS", "IN_PROGRESS", "READY", "BUMPED", ""}},
      {"/mark-ready", {"READY", "READY", "READY", "BUMPED", ""}},
      {"/bump", {"BUMPED", "BUMPED", "BUMPED", "BUMPED", ""}},
  };
  for (const auto& [route, after] : rows) {
    for (std::size_t i = 0; i < states.size(); ++i) {
      const std::string ticket = TicketIn(states[i]);
      const std::string version = client_.Get(ticket).At("version");
      const Answer answer = client_.Post(ticket + route, "");
      Expect(answer, after[i], states[i], route + " on " + states[i]);
      const bool moved = !after[i].empty() && after[i] != states[i];
      EXPECT_EQ(client_.Get(ticket).At("version") != version, moved) << route << " on " << states[i];
    }
  }
}

TEST_F(Transitions, CashIsRecordedWhateverItFinds) {
  struct Row {
    const char* state;
    const char* amount;
    const char* after;
    const char* balance_due;
    const char* change;
  };
  for (const Row& row : {Row{"NEW", "1000", "NEW", "1150", ""}, Row{"SENT", "2150", "CLOSED", "0", "0"},
                         Row{"NEW", "2500", "CLOSED", "0", "350"}, Row{"CLOSED", "100", "CLOSED", "-100", "0"},
                         Row{"CANCELLED", "100", "CANCELLED", "-100", ""}}) {
    const std::string what = std::string(row.amount) + " on " + row.state;
    const Answer answer =
        client_.Post(OrderIn(row.state) + "/close",
                     std::string(R"({"expectedVersion":77,"payment":{"method":"CASH","amount":)") + row.amount + "}}");
    EXPECT_EQ(answer.status, 200) << what << " " << answer.text;
    EXPECT_EQ(answer.At("status"), row.after) << what;
    EXPECT_EQ(answer.At("balanceDue"), row.balance_due) << what;
    EXPECT_EQ(answer.At("change"), row.change) << what;
  }
  const json::value ledger = client_.Get("/erp/ledger").body;
  for (const json::value& entry : ledger.at("items").as_array()) {
    std::int64_t sum = 0;
    for (const json::value& line : entry.at("lines").as_array())
      sum += line.at("debit").to_number<std::int64_t>() - line.at("credit").to_number<std::int64_t>();
    EXPECT_EQ(sum, 0) << json::serialize(entry);
  }
  EXPECT_GE(ledger.at("items").as_array().size(), 5u);
}

TEST_F(Transitions, NothingIsOwedForNothingAndAReturnIsPaidOut) {
  const auto close = [this](const char* quantity, const char* price, const char* amount) {
    const Answer order = client_.Post("/pos/orders", std::string(R"({"items":[{"sku":"a","name":"A","quantity":)") +
                                                         quantity + R"(,"unitPrice":)" + price + "}]}");
    return client_.Post("/pos/orders/" + order.At("id") + "/close",
                        std::string(R"({"payment":{"method":"CASH","amount":)") + amount + "}}");
  };
  EXPECT_EQ(close("1", "0", "0").At("status"), "CLOSED");
  EXPECT_EQ(close("-1", "100", "-100").At("status"), "CLOSED");
}

// A card needs a gateway; who may not close, or names no order, is told that first.
TEST_F(Transitions, CardsAreRefusedInTheOrderOfTheChecks) {
  const std::string order = OrderIn("NEW");
  const std::string card = R"({"payment":{"method":"CARD","amount":2150}})";
  const HeaderList key = {{"Idempotency-Key", "card-1"}};
  EXPECT_EQ(As("kit", {"kitchen"}).Post(order + "/close", card).code(), "FORBIDDEN");
  EXPECT_EQ(client_.Post("/pos/orders/nobody/close", card).code(), "NOT_FOUND");
  EXPECT_EQ(client_.Post(order + "/close", R"({"payment":{"method":"CARD","amount":"x"}})").code(),
            "VALIDATION_FAILED");
  const Answer refused = client_.Post(order + "/close", card, key);
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.code(), "PAYMENT_UNAVAILABLE");
  EXPECT_FALSE(refused.headers.Get("Retry-After").empty());
  EXPECT_EQ(client_.Post(order + "/close", card, key).headers.Find("Idempotency-Replayed"), nullptr);
  const Answer pushed = client_.Push({CommandText(
      Ulid(1), "ORDER_CLOSE_V1",
      R"({"id":")" + order.substr(order.rfind('/') + 1) + R"(","payment":{"method":"MOBILE_MONEY","amount":2150}})")});
  EXPECT_EQ(pushed.At("results.0.status"), "FAILED") << pushed.text;
  EXPECT_EQ(pushed.At("results.0.httpStatus"), "422");
  EXPECT_EQ(pushed.At("results.0.problem.code"), "ONLINE_ONLY");
  EXPECT_EQ(client_.Post(order + "/close", kPaid, key).At("status"), "CLOSED") << "nothing was remembered of the card";
}

}  // namespace
}  // namespace outpost::blackbox
