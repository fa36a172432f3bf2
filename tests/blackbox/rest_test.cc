// Every row of the route table, by its statuses, headers and codes.
#include "tests/blackbox/server_fixture.h"

namespace outpost::blackbox {
namespace {

class Rest : public ServerTest {
 protected:
  // Creates an order and returns its id.
  std::string NewOrder() { return client_.Post("/pos/orders", OrderBody()).At("id"); }
};

TEST_F(Rest, CreatingAnOrderAnswers201WithLocationAndETag) {
  const Answer answer = client_.Post("/pos/orders", OrderBody());
  ASSERT_EQ(answer.status, 201) << answer.text;
  EXPECT_EQ(answer.At("status"), "NEW");
  EXPECT_EQ(answer.At("total"), "2150");
  EXPECT_EQ(answer.At("currency"), "EUR");
  EXPECT_EQ(answer.At("tableId"), "7");
  EXPECT_EQ(answer.At("createdBy"), "ann");
  EXPECT_FALSE(answer.At("number").empty());
  EXPECT_FALSE(answer.At("items.0.lineId").empty());
  EXPECT_EQ(answer.headers.Get("ETag"), "\"1\"");
  EXPECT_EQ(answer.headers.Get("Location"), "/pos/orders/" + answer.At("id"));
  EXPECT_EQ(answer.headers.Get("Content-Type"), "application/json");
  EXPECT_EQ(client_.Get(std::string(answer.headers.Get("Location"))).text, answer.text);
}

TEST_F(Rest, AnOrderGoesItsWay) {
  const std::string order = "/pos/orders/" + NewOrder();
  Answer answer = client_.Send("PATCH", order, R"({"tableId":"8"})");
  EXPECT_EQ(answer.status, 200) << answer.text;
  EXPECT_EQ(answer.At("tableId"), "8");
  EXPECT_EQ(answer.headers.Get("ETag"), "\"2\"");
  answer = client_.Post(order + "/items",
                        R"({"items":[{"sku":"cola","name":"Cola","quantity":1,"unitPrice":300,"station":"bar"}]})");
  EXPECT_EQ(answer.status, 200) << answer.text;
  EXPECT_EQ(answer.At("total"), "2450");
  answer = client_.Post(order + "/lines/" + answer.At("items.1.lineId"), R"({"quantity":1})");
  EXPECT_EQ(answer.status, 200) << answer.text;
  EXPECT_EQ(answer.At("total"), "2000");
  answer = client_.Send("DELETE", order + "/lines/" + answer.At("items.1.lineId"), "");
  EXPECT_EQ(answer.status, 200) << answer.text;
  EXPECT_EQ(answer.At("total"), "1550");
  answer = client_.Post(order + "/send-to-kitchen", "");
  EXPECT_EQ(answer.status, 200) << answer.text;
  EXPECT_EQ(answer.At("status"), "SENT");
  answer = client_.Post(order + "/close", R"({"payment":{"method":"CASH","amount":2000}})");
  EXPECT_EQ(answer.status, 200) << answer.text;
  EXPECT_EQ(answer.At("status"), "CLOSED");
  EXPECT_EQ(client_.Get("/erp/ledger").status, 200);
  EXPECT_NE(client_.Get("/erp/ledger").At("items.0.lines.0.account"), "");
  answer = client_.Post(order + "/cancel", "");
  EXPECT_EQ(answer.status, 409);
  EXPECT_EQ(answer.code(), "INVALID_STATE_TRANSITION");
  EXPECT_EQ(answer.At("conflictType"), "INVALID_STATE_TRANSITION");
  EXPECT_EQ(answer.At("currentState.status"), "CLOSED");
}

TEST_F(Rest, CancellingTwiceIsOnce) {
  const std::string order = "/pos/orders/" + NewOrder();
  EXPECT_EQ(client_.Post(order + "/cancel", "").status, 200);
  const Answer again = client_.Post(order + "/cancel", "{}");
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.At("status"), "CANCELLED");
}

TEST_F(Rest, CardsNeedAGateway) {
  const std::string order = "/pos/orders/" + NewOrder();
  const Answer answer = client_.Post(order + "/close", R"({"payment":{"method":"CARD","amount":2150}})");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.code(), "PAYMENT_UNAVAILABLE");
  EXPECT_FALSE(answer.headers.Get("Retry-After").empty());
}

TEST_F(Rest, TicketsGoForwardAndTwiceIsOnce) {
  client_.Post("/pos/orders/" + NewOrder() + "/send-to-kitchen", "");
  Answer queue = client_.Get("/kds/queue?station=grill");
  ASSERT_EQ(queue.status, 200) << queue.text;
  ASSERT_EQ(queue.At("tickets.0.status"), "QUEUED") << queue.text;
  const std::string ticket = "/kds/tickets/" + queue.At("tickets.0.id");
  const Client kitchen = As("kit", {"kitchen"});
  EXPECT_EQ(kitchen.Post(ticket + "/start", "").At("status"), "IN_PROGRESS");
  const Answer ready = kitchen.Post(ticket + "/mark-ready", "");
  EXPECT_EQ(ready.At("status"), "READY");
  const Answer again = kitchen.Post(ticket + "/mark-ready", "");
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.At("version"), ready.At("version"));
  EXPECT_EQ(kitchen.Post(ticket + "/bump", "").At("status"), "BUMPED");
  EXPECT_EQ(kitchen.Get(ticket).At("status"), "BUMPED");
  EXPECT_EQ(client_.Get("/kds/queue?station=grill").At("tickets"), "[]");
}

TEST_F(Rest, TheKitchenQueueGoesOnFromItsCursor) {
  client_.Post("/pos/orders/" + NewOrder() + "/send-to-kitchen", "");
  const Answer queue = client_.Get("/kds/queue");
  EXPECT_EQ(queue.body.at("tickets").as_array().size(), 2u)
      << queue.text;  // grill, and kitchen for what has no station
  EXPECT_EQ(client_.Get("/kds/queue?since=" + queue.At("cursor")).At("tickets"), "[]");
  client_.Post("/kds/tickets/" + queue.At("tickets.0.id") + "/bump", "");
  const Answer since = client_.Get("/kds/queue?since=" + queue.At("cursor"));
  EXPECT_EQ(since.At("tickets.0.status"), "BUMPED") << since.text;
  const Answer date = client_.Get("/kds/queue?since=2026-11-20T10:00:00Z");
  EXPECT_EQ(date.status, 400);
  EXPECT_EQ(date.code(), "CURSOR_INVALID");
}

TEST_F(Rest, ProductsArePutBySku) {
  const Answer created =
      client_.Send("PUT", "/catalog/products/burger", R"({"name":"Burger","price":1250,"station":"grill"})");
  EXPECT_EQ(created.status, 201) << created.text;
  EXPECT_EQ(created.headers.Get("Location"), "/catalog/products/burger");
  const Answer replaced = client_.Post("/catalog/products", R"({"sku":"burger","name":"Burger","price":1300})");
  EXPECT_EQ(replaced.status, 200) << replaced.text;
  EXPECT_EQ(client_.Get("/catalog/products/burger").At("price"), "1300");
  EXPECT_EQ(client_.Get("/catalog/products").At("items.0.sku"), "burger");
  EXPECT_EQ(client_.Send("PUT", "/catalog/products/burger", R"({"sku":"other","name":"B","price":1})").code(),
            "VALIDATION_FAILED");
}

TEST_F(Rest, StockIsCountedAndAdjusted) {
  EXPECT_EQ(client_.Post("/inventory/counts", R"({"sku":"cola","quantity":10})").status, 201);
  EXPECT_EQ(client_.Post("/inventory/adjustments", R"({"sku":"cola","delta":-3,"reason":"broken"})").status, 200);
  EXPECT_EQ(client_.Get("/inventory/stock?sku=cola").At("onHand"), "7");
  EXPECT_EQ(client_.Get("/inventory/stock").At("items.0.sku"), "cola");
  EXPECT_EQ(client_.Get("/inventory/stock?sku=none").status, 404);
}

TEST_F(Rest, TwoCountsFromOneBaseConflict) {
  client_.Post("/inventory/counts", R"({"sku":"cola","quantity":10})");
  client_.Post("/inventory/adjustments", R"({"sku":"cola","delta":-1,"reason":"broken"})");
  const HeaderList base = {{"If-Match", "\"1\""}};
  const Answer mine = client_.Post("/inventory/counts", R"({"sku":"cola","quantity":8})", base);
  EXPECT_EQ(mine.status, 200) << "what was sold between is no conflict: " << mine.text;
  const Answer hers = As("bea", {"staff"}).Post("/inventory/counts", R"({"sku":"cola","quantity":7})", base);
  EXPECT_EQ(hers.status, 412) << hers.text;
  EXPECT_EQ(hers.At("currentState.onHand"), "8");
  EXPECT_EQ(hers.At("diff"), R"([{"field":"onHand","yours":7,"theirs":8}])");
  const Answer batch = client_.Push(
      {CommandText(Ulid(1), "INVENTORY_COUNT_V1", R"({"sku":"cola","quantity":7})", R"(,"expectedVersion":1)")});
  EXPECT_EQ(batch.At("results.0.status"), "CONFLICT");
}

TEST_F(Rest, SellingMoreThanThereIsShowsAsOversold) {
  client_.Post("/inventory/counts", R"({"sku":"cola","quantity":3})");
  const Answer order =
      client_.Post("/pos/orders", R"({"items":[{"sku":"cola","name":"Cola","quantity":5,"unitPrice":100}]})");
  client_.Post("/pos/orders/" + order.At("id") + "/close", R"({"payment":{"method":"CASH","amount":500}})");
  const Answer stock = client_.Get("/inventory/stock?sku=cola");
  EXPECT_EQ(stock.At("onHand"), "-2");
  EXPECT_EQ(stock.At("oversold"), "2");
  EXPECT_EQ(client_.Post("/inventory/counts", R"({"sku":"cola","quantity":4})").At("oversold"), "0");
}

TEST_F(Rest, AProductIsWhatWasPut) {
  const char* tea =
      R"({"name":"Tea","price":1,"station":"bar","category":"hot","variants":[{"sku":"tea-l","name":"Large","price":2}]})";
  const Answer made = client_.Send("PUT", "/catalog/products/tea", tea);
  EXPECT_EQ(made.At("station"), "bar");
  EXPECT_EQ(made.At("category"), "hot");
  EXPECT_EQ(made.At("variants"), R"([{"sku":"tea-l","name":"Large","price":2}])");
  const Answer replaced = client_.Send("PUT", "/catalog/products/tea", R"({"name":"Tea","price":3})");
  EXPECT_EQ(replaced.At("variants"), "") << "replaced, not merged";
  EXPECT_EQ(replaced.headers.Get("ETag"), "\"2\"");
}

TEST_F(Rest, CancellingAnOrderCancelsEachOfItsTickets) {
  const std::string order = "/pos/orders/" + NewOrder();
  client_.Post(order + "/send-to-kitchen", "");
  const Answer queue = client_.Get("/kds/queue");
  ASSERT_EQ(queue.body.at("tickets").as_array().size(), 2u);
  client_.Post("/kds/tickets/" + queue.At("tickets.0.id") + "/bump", "");
  client_.Post(order + "/cancel", "");
  EXPECT_EQ(client_.Get("/kds/queue").At("tickets"), "[]");
  const Answer since = client_.Get("/kds/queue?since=" + queue.At("cursor"));
  EXPECT_EQ(since.At("tickets.0.status"), "CANCELLED");
  EXPECT_EQ(since.At("tickets.1.status"), "CANCELLED") << "served or not";
}

TEST_F(Rest, ATicketTellsTheKitchenWhatItNeeds) {
  const Answer order = client_.Post("/pos/orders", OrderBody());
  const std::string path = "/pos/orders/" + order.At("id");
  const Answer sent = client_.Post(path + "/send-to-kitchen", "");
  const Answer queue = client_.Get("/kds/queue?station=grill");
  EXPECT_EQ(queue.At("tickets.0.orderId"), order.At("id"));
  EXPECT_EQ(queue.At("tickets.0.number"), order.At("number"));
  EXPECT_EQ(queue.At("tickets.0.station"), "grill");
  EXPECT_EQ(queue.At("tickets.0.items.0.sku"), "burger");
  EXPECT_EQ(queue.At("tickets.0.waiterName"), "ann");
  for (const char* time : {"sentAt", "updatedAt"}) EXPECT_EQ(queue.At(std::string("tickets.0.") + time).size(), 24u);
  EXPECT_EQ(client_.Get("/kds/queue?station=nowhere").At("tickets"), "[]");
  const Answer again = client_.Post(path + "/send-to-kitchen", "");
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.At("version"), sent.At("version")) << "nothing unsent";
  client_.Post(path + "/items",
               R"({"items":[{"sku":"rib","name":"Rib","quantity":1,"unitPrice":1,"station":"grill"}]})");
  client_.Post(path + "/send-to-kitchen", "");
  const Answer both = client_.Get("/kds/queue?station=grill");
  EXPECT_EQ(both.At("tickets.1.items.0.sku"), "rib") << "by sentAt, and only what is new";
  EXPECT_EQ(both.At("tickets.1.items.1.sku"), "");
}

TEST_F(Rest, AnActionTakesAnEmptyBody) {
  for (const char* body : {"", "{}"}) {
    const std::string order = "/pos/orders/" + NewOrder();
    EXPECT_EQ(client_.Post(order + "/send-to-kitchen", body).status, 200);
    EXPECT_EQ(client_.Post(order + "/cancel", body).status, 200);
  }
}

TEST_F(Rest, OrdersAreListedNewestFirstInPages) {
  std::vector<std::string> ids;
  for (int i = 0; i < 3; ++i) ids.push_back(NewOrder());
  client_.Post("/pos/orders/" + ids[0] + "/cancel", "");
  const Answer first = client_.Get("/pos/orders?limit=2");
  ASSERT_EQ(first.status, 200) << first.text;
  EXPECT_EQ(first.At("more"), "true");
  EXPECT_EQ(first.body.at("items").as_array().size(), 2u);
  const Answer second = client_.Get("/pos/orders?limit=2&cursor=" + first.At("cursor"));
  EXPECT_EQ(second.At("more"), "false");
  EXPECT_EQ(second.body.at("items").as_array().size(), 1u) << second.text;
  const Answer cancelled = client_.Get("/pos/orders?status=CANCELLED");
  EXPECT_EQ(cancelled.body.at("items").as_array().size(), 1u);
  EXPECT_EQ(cancelled.At("items.0.id"), ids[0]);
  EXPECT_EQ(client_.Get("/pos/orders?status=NEW&cursor=" + first.At("cursor")).code(), "CURSOR_MISMATCH");
  EXPECT_EQ(client_.Get("/pos/orders?cursor=nonsense").code(), "CURSOR_INVALID");
  EXPECT_EQ(client_.Get("/pos/orders?limit=0").code(), "INVALID_PARAMETER");
}

TEST_F(Rest, AStaleVersionIs412ByIfMatchAnd409ByBody) {
  const std::string order = "/pos/orders/" + NewOrder();
  EXPECT_EQ(client_.Send("PATCH", order, R"({"tableId":"8"})", {{"If-Match", "\"1\""}}).status, 200);
  const Answer by_header = client_.Send("PATCH", order, R"({"tableId":"9"})", {{"If-Match", "\"1\""}});
  EXPECT_EQ(by_header.status, 412);
  EXPECT_EQ(by_header.code(), "VERSION_CONFLICT");
  EXPECT_EQ(by_header.At("status"), "412");
  EXPECT_EQ(by_header.At("currentVersion"), "2");
  EXPECT_EQ(by_header.At("currentState.tableId"), "8");
  EXPECT_EQ(by_header.At("diff.0.field"), "tableId") << by_header.text;
  const Answer by_body = client_.Send("PATCH", order, R"({"tableId":"9","expectedVersion":1})");
  EXPECT_EQ(by_body.status, 409);
  EXPECT_EQ(by_body.At("conflictType"), "VERSION_CONFLICT");
  EXPECT_EQ(client_.Send("PATCH", order, R"({"tableId":"9"})", {{"If-Match", "*"}}).status, 200);
  EXPECT_EQ(client_.Send("PATCH", order, R"({"tableId":"9"})", {{"If-Match", "nine"}}).code(), "INVALID_PARAMETER");
}

TEST_F(Rest, ATakenIdShowsWhatIsThere) {
  std::string body = OrderBody();
  body.insert(1, R"("id":"mine",)");
  EXPECT_EQ(client_.Post("/pos/orders", body).status, 201);
  const Answer taken = client_.Post("/pos/orders", body);
  EXPECT_EQ(taken.status, 409);
  EXPECT_EQ(taken.code(), "ALREADY_EXISTS");
  EXPECT_EQ(taken.At("currentState.id"), "mine");
}

TEST_F(Rest, BrokenFieldsAreNamed) {
  const Answer answer =
      client_.Post("/pos/orders", R"({"items":[{"sku":"a","name":"A","quantity":0,"unitPrice":1}],"colour":"red"})");
  EXPECT_EQ(answer.status, 422);
  EXPECT_EQ(answer.code(), "VALIDATION_FAILED");
  EXPECT_NE(answer.text.find("\"items[0].quantity\""), std::string::npos) << answer.text;
  EXPECT_NE(answer.text.find("\"colour\""), std::string::npos) << answer.text;
  EXPECT_EQ(answer.headers.Get("Content-Type"), "application/problem+json");
  EXPECT_EQ(answer.At("type"), "/problems/validation-failed");
  EXPECT_EQ(answer.At("statusCode"), "422");
  EXPECT_EQ(client_.Post("/pos/orders", "[]").status, 422);
}

TEST_F(Rest, WhatIsNotThereIs404) {
  EXPECT_EQ(client_.Get("/pos/orders/none").code(), "NOT_FOUND");
  EXPECT_EQ(client_.Post("/pos/orders/none/cancel", "").status, 404);
  EXPECT_EQ(client_.Post("/pos/orders/a%2Fb/cancel", "").status, 404);
  EXPECT_EQ(client_.Get("/pos/orders/..%2F..%2Fetc").status, 404);
  EXPECT_EQ(client_.Get("/nothing/here").status, 404);
}

TEST_F(Rest, AnotherMethodIs405WithAllow) {
  const Answer answer = client_.Send("PUT", "/pos/orders", "{}");
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(answer.code(), "METHOD_NOT_ALLOWED");
  EXPECT_EQ(answer.headers.Get("Allow"), "POST, GET, HEAD");
}

TEST_F(Rest, RolesAreKept) {
  const std::string order = "/pos/orders/" + NewOrder();
  const Client kitchen = As("kit", {"kitchen"});
  EXPECT_EQ(kitchen.Get(order).status, 200);
  EXPECT_EQ(kitchen.Post(order + "/cancel", "").code(), "FORBIDDEN");
  EXPECT_EQ(kitchen.Get("/erp/ledger").status, 403);
  EXPECT_EQ(As("gus", {"guest"}).Get("/pos/orders").status, 403);
  EXPECT_EQ(client_.Get("/admin/devices").code(), "FORBIDDEN");
  EXPECT_EQ(As("root", {"admin"}).Get("/admin/devices").status, 200);
}

}  // namespace
}  // namespace outpost::blackbox
