#include "engine/device/device_fixture.h"

namespace outpost::engine {
namespace {

class JoinsTest : public DeviceFixture {
 protected:
  static Subscription Of(const std::vector<const char*>& names, std::string scope = "") {
    Subscription subscription;
    for (const char* name : names) subscription.collections.emplace_back(name);
    subscription.scope = std::move(scope);
    subscription.scoped = {CollectionName("tickets")};
    return subscription;
  }
  void Begin(std::vector<const char*> names, std::string scope = "") {
    const Subscription first = Of(names, std::move(scope));
    options.collections = first.collections;
    options.scope = first.scope;
    options.scoped = first.scoped;
    Reopen();
    Settle();
  }
  void Subscribe(const Subscription& subscription) {
    const auto done = device->Subscribe(subscription, Timestamp{1760000000000});
    ASSERT_TRUE(done.ok()) << done.error().message;
    Tell(SyncNow{});
  }
  void Product(const std::string& sku) {
    server.Apply("PRODUCT_PUT_V1", {{"sku", sku}, {"name", sku}, {"price", 100}}, "product-" + sku);
  }
  void Stocked(const std::string& sku, std::int64_t quantity) {
    server.Apply("INVENTORY_COUNT_V1", {{"sku", sku}, {"quantity", quantity}}, "count-" + sku);
  }
  // An order of others with a ticket for the grill.
  DocumentKey TicketOf(const std::string& order) {
    json::object body = OrderOf(order, "steak", 1, 900);
    body["items"].get_array()[0].get_object()["station"] = "grill";
    server.Apply("ORDER_CREATE_V1", std::move(body), "create-" + order);
    const CommandResult sent = server.Apply("ORDER_SEND_TO_KITCHEN_V1", {{"id", order}}, "send-" + order);
    for (const Change& change : sent.changes) {
      if (change.key.collection.value == "tickets") return change.key;
    }
    ADD_FAILURE() << "no ticket";
    return {};
  }
  void PullOnce() {
    Tell(SyncNow{});
    while (!wire.empty()) Deliver(TakeRequest(wire.front().request.method));
  }

  int Resyncs() const { return Notices(Notice::Kind::kResyncStarted); }
};

TEST_F(JoinsTest, AnAddedCollectionComesAloneAndJoinsWithoutPullingTheOthersAgain) {
  Product("tea");
  Stocked("tea", 5);
  server.page_changes = 1;
  Begin({"products"});
  EXPECT_FALSE(Shows("stock", "tea"));
  Stocked("jam", 7);
  Product("jam");
  Subscribe(Of({"products", "stock"}));
  const HttpSend first = TakeRequest("GET");
  EXPECT_NE(first.request.target.find("collections=stock"), std::string::npos);
  EXPECT_NE(first.request.target.find("join="), std::string::npos);
  Deliver(first);
  Settle();
  PullOnce();
  EXPECT_TRUE(Shows("stock", "tea"));
  EXPECT_TRUE(Shows("stock", "jam"));
  EXPECT_TRUE(Shows("products", "jam"));
  EXPECT_EQ(Resyncs(), 0);
  Stocked("pie", 1);
  PullOnce();
  EXPECT_TRUE(Shows("stock", "pie"));
}

TEST_F(JoinsTest, WhatIsAddedDuringAJoinJoinsAfterIt) {
  for (int i = 0; i < 5; ++i) Stocked("a" + std::to_string(i), i + 1);
  TicketOf("o1");
  server.page_changes = 2;
  Begin({"products"});
  Subscribe(Of({"products", "stock"}));
  const HttpSend under_way = TakeRequest("GET");
  Subscribe(Of({"products", "stock", "orders"}));
  Deliver(under_way);  // of stock alone
  Subscribe(Of({"products", "stock", "orders", "tickets"}));
  const HttpSend next = TakeRequest("GET");
  EXPECT_NE((next.request.target + "&").find("collections=stock&"), std::string::npos) << next.request.target;
  Deliver(next);
  Reopen();
  Settle();
  PullOnce();
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(Shows("stock", "a" + std::to_string(i)));
  EXPECT_TRUE(Shows("orders", "o1"));
  EXPECT_EQ(device->List(CollectionName("tickets")).value().size(), 1u);
  EXPECT_EQ(device->subscription().collections.size(), 4u);
  EXPECT_EQ(Resyncs(), 0);
}

TEST_F(JoinsTest, AnAdditionThatIsTakenBackInTimeLeavesNothing) {
  Stocked("tea", 5);
  Product("tea");
  Begin({"products"});
  Subscribe(Of({"products", "stock"}));
  const HttpSend under_way = TakeRequest("GET");
  Subscribe(Of({"products"}));
  Deliver(under_way);
  Settle();
  PullOnce();
  EXPECT_FALSE(Shows("stock", "tea"));
  EXPECT_TRUE(Shows("products", "tea"));
  EXPECT_EQ(Resyncs(), 0);
}

TEST_F(JoinsTest, AJoinGoesOnWhereACrashLeftIt) {
  for (int i = 0; i < 5; ++i) Stocked("a" + std::to_string(i), i + 1);
  Product("tea");
  server.page_changes = 2;
  Begin({"products"});
  Subscribe(Of({"products", "stock"}));
  Deliver(TakeRequest("GET"));
  Reopen();
  const HttpSend next = TakeRequest("GET");
  EXPECT_NE(next.request.target.find("&cursor=2"), std::string::npos) << next.request.target;
  Deliver(next);
  Settle();
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(Shows("stock", "a" + std::to_string(i)));
  Reopen();
  Settle();
  EXPECT_EQ(device->subscription().collections.size(), 2u);
  EXPECT_EQ(Resyncs(), 0);
}

TEST_F(JoinsTest, WritesMadeDuringAJoinAreSeenOnceThroughoutIt) {
  for (int i = 0; i < 4; ++i) Stocked("a" + std::to_string(i), 10);
  server.page_changes = 2;
  Begin({"products"});
  const auto adjust = [](const char* sku) { return json::object{{"sku", sku}, {"delta", -1}, {"reason", "sale"}}; };
  Do("INVENTORY_ADJUST_V1", adjust("a0"));  // not held: waits without a prediction
  wire.clear();
  Reopen();
  Subscribe(Of({"products", "stock"}));
  Settle();
  PullOnce();
  EXPECT_EQ(Visible("stock", "a0").at("onHand").as_int64(), 9);
  Do("INVENTORY_ADJUST_V1", adjust("a0"));
  EXPECT_EQ(Visible("stock", "a0").at("onHand").as_int64(), 8);
  Settle();
  EXPECT_EQ(Visible("stock", "a0").at("onHand").as_int64(), 8);
  EXPECT_TRUE(device->CheckOverlays().ok()) << device->CheckOverlays().error().message;
}

TEST_F(JoinsTest, LessOrAnotherScopeIsPulledAnewBesideWhatIsShown) {
  Product("tea");
  Stocked("tea", 5);
  Begin({"products", "stock"});
  Subscribe(Of({"products"}));
  EXPECT_TRUE(Shows("stock", "tea"));
  Settle();
  PullOnce();
  EXPECT_FALSE(Shows("stock", "tea"));
  EXPECT_TRUE(Shows("products", "tea"));
}

TEST_F(JoinsTest, WhatLeavesTheScopeIsGoneAndWhatWaitsOnItIsNot) {
  const DocumentKey ticket = TicketOf("o1");
  const DocumentKey other = TicketOf("o2");
  Begin({"orders", "tickets"}, "station:grill");
  ASSERT_TRUE(Shows("tickets", ticket.id.value));
  server.Set(other, "station", "bar");
  PullOnce();
  EXPECT_FALSE(Shows("tickets", other.id.value));
  Tell(NetworkChanged{false});
  const CommandId start = Do("TICKET_START_V1", {{"id", ticket.id.value}});
  const HttpSend push = TakeRequest("POST");
  EXPECT_EQ(Visible("tickets", ticket.id.value).at("status").as_string(), "IN_PROGRESS");
  server.Set(ticket, "station", "bar");
  Tell(SyncNow{});
  Deliver(TakeRequest("GET"));
  EXPECT_FALSE(Shows("tickets", ticket.id.value));
  EXPECT_EQ(device->Count({CollectionName("tickets"), {}, std::nullopt, 0}).value(), 0);
  // Its rule still finds what it was made on: no doubt, and the server takes it.
  EXPECT_FALSE(device->FindCommand(start).value()->doubtful);
  ASSERT_TRUE(device->CheckOverlays().ok()) << device->CheckOverlays().error().message;
  Deliver(push);
  Settle();
  EXPECT_EQ(StatusOf(start), CommandStatus::kSucceeded);
  PullOnce();
  EXPECT_FALSE(Shows("tickets", ticket.id.value));
  EXPECT_TRUE(device->CheckOverlays().ok());
}

TEST_F(JoinsTest, ADocumentDeletedUnderAWaitingCommandStaysHiddenUntilItSettles) {
  const DocumentKey ticket = TicketOf("o1");
  Begin({"orders", "tickets"});
  const CommandId start = Do("TICKET_START_V1", {{"id", ticket.id.value}});
  const HttpSend push = TakeRequest("POST");
  server.Remove(ticket);
  Tell(SyncNow{});
  Deliver(TakeRequest("GET"));
  EXPECT_FALSE(Shows("tickets", ticket.id.value));
  Reopen();
  EXPECT_FALSE(Shows("tickets", ticket.id.value));
  Settle();
  EXPECT_NE(StatusOf(start), CommandStatus::kPending);
  EXPECT_FALSE(Shows("tickets", ticket.id.value));
  EXPECT_TRUE(device->CheckOverlays().ok());
}

TEST_F(JoinsTest, SensitiveCollectionsAreNotStoredUnlessAllowed) {
  Product("tea");
  Stocked("tea", 5);
  options.sensitive = {CollectionName("stock")};
  Reopen();
  Settle();
  EXPECT_FALSE(Shows("stock", "tea"));
  EXPECT_TRUE(Shows("products", "tea"));
  Do("INVENTORY_ADJUST_V1", {{"sku", "tea"}, {"delta", -1}, {"reason", "sale"}});
  EXPECT_FALSE(Shows("stock", "tea"));
  Settle();
  EXPECT_FALSE(Shows("stock", "tea"));
  EXPECT_TRUE(device->CheckOverlays().ok());
}

TEST_F(JoinsTest, DataSetsTellSizeAndFreshness) {
  Product("tea");
  Product("jam");
  Begin({"products", "stock"});
  auto sets = device->DataSets().value();
  ASSERT_EQ(sets.size(), 2u);
  EXPECT_EQ(sets[0].collection.value, "products");
  EXPECT_EQ(sets[0].documents, 2);
  EXPECT_GT(sets[0].bytes, 100);
  EXPECT_TRUE(sets[0].last_round.has_value());
  EXPECT_EQ(sets[1].documents, 0);
  const auto fresh = sets[0].last_round;
  Reopen();
  EXPECT_EQ(device->DataSets().value()[0].last_round, fresh);
}

TEST(SubscriptionText, RoundTripsAndKnowsWhatJoins) {
  const auto grill = MakeSubscription({CollectionName("tickets"), CollectionName("orders")}, "station:grill",
                                      {CollectionName("tickets")})
                         .value();
  EXPECT_EQ(SubscriptionFromText(ToText(grill)).value(), grill);
  const auto orders = MakeSubscription({CollectionName("orders")}, "", {}).value();
  EXPECT_EQ(ToText(orders), "orders,");
  EXPECT_EQ(grill.Beyond(orders), (std::vector<CollectionName>{CollectionName("tickets")}));
  EXPECT_TRUE(orders.Beyond(grill).empty());
  const auto bar = MakeSubscription({CollectionName("tickets"), CollectionName("orders"), CollectionName("stock")},
                                    "station:bar", {CollectionName("tickets")})
                       .value();
  EXPECT_TRUE(bar.Beyond(grill).empty());
  EXPECT_FALSE(MakeSubscription({CollectionName("a b")}, "", {}).ok());
  EXPECT_FALSE(MakeSubscription({}, "grill", {}).ok());
}

}  // namespace
}  // namespace outpost::engine
