// What one step costs must not depend on how much waits: the same steps with few and with many commands in the queue
// run as many rules and read as many documents.
#include "engine/device/device_fixture.h"

namespace outpost::engine {
namespace {

class QueueDepthTest : public DeviceFixture {
 protected:
  struct Cost {
    DeviceWork execute, page, answer;
  };
  static json::object Adjust(std::int64_t delta) { return {{"sku", "espresso"}, {"delta", delta}, {"reason", "sale"}}; }
  static DeviceWork Since(const DeviceWork& before, const DeviceWork& after) {
    DeviceWork work;
    work.rules_rerun = after.rules_rerun - before.rules_rerun;
    work.documents_read = after.documents_read - before.documents_read;
    work.sums_added = after.sums_added - before.sums_added;
    return work;
  }
  template <class Step>
  DeviceWork CostOf(Step step) {
    const DeviceWork before = device->work();
    step();
    return Since(before, device->work());
  }

  // `depth` sales of one article wait, half of them closed orders.
  void Fill(int depth, const std::string& prefix) {
    for (int i = 0; i < depth; i += 4) {
      const std::string id = prefix + std::to_string(i);
      Do("INVENTORY_ADJUST_V1", Adjust(-1));
      Do("INVENTORY_ADJUST_V1", Adjust(-2));
      Do("ORDER_CREATE_V1", OrderOf(id, "espresso", 1, 250));
      Do("ORDER_CLOSE_V1", CashFor(id, 250));
    }
    wire.clear();
  }

  Cost Measure(const std::string& prefix) {
    Cost cost;
    cost.execute = CostOf([&] { Do("INVENTORY_ADJUST_V1", Adjust(-1)); });
    server.Apply("INVENTORY_ADJUST_V1", Adjust(-100), prefix + "theirs");
    cost.page = CostOf([&] {
      Tell(SyncNow{});
      Deliver(TakeRequest("GET"));
    });
    return cost;
  }
};

TEST_F(QueueDepthTest, ExecuteAndAPageThatMovesAHotArticleCostTheSameHoweverManySalesOfItWait) {
  server.Apply("INVENTORY_COUNT_V1", {{"sku", "espresso"}, {"quantity", 100000}}, "count");
  Settle();
  options.sync.batch_commands_max = 1;
  Reopen();
  Deliver(TakeRequest("GET"));
  Fill(40, "few-");
  const Cost few = Measure("few-");
  Fill(400, "many-");
  const Cost many = Measure("many-");
  EXPECT_EQ(few.page.rules_rerun, 0);
  EXPECT_EQ(many.page.rules_rerun, 0);
  EXPECT_EQ(many.page.sums_added, few.page.sums_added);
  EXPECT_EQ(many.page.documents_read, few.page.documents_read);
  EXPECT_EQ(many.execute.documents_read, few.execute.documents_read);
  EXPECT_TRUE(device->CheckOverlays().ok()) << device->CheckOverlays().error().message;
}

TEST_F(QueueDepthTest, SumsSurviveARestartAndACountAmongThem) {
  server.Apply("INVENTORY_COUNT_V1", {{"sku", "espresso"}, {"quantity", 50}}, "count");
  Settle();
  Do("INVENTORY_ADJUST_V1", Adjust(-1));
  Do("INVENTORY_COUNT_V1", {{"sku", "espresso"}, {"quantity", 20}});
  Do("INVENTORY_ADJUST_V1", Adjust(-3));
  Do("INVENTORY_ADJUST_V1", Adjust(-4));
  EXPECT_EQ(Visible("stock", "espresso").at("onHand").as_int64(), 13);
  Reopen();
  server.Apply("INVENTORY_ADJUST_V1", Adjust(-7), "theirs");
  Deliver(TakeRequest("GET"));
  EXPECT_EQ(Visible("stock", "espresso").at("onHand").as_int64(), 13);
  ASSERT_TRUE(device->CheckOverlays().ok()) << device->CheckOverlays().error().message;
}

TEST_F(QueueDepthTest, SumsThatMightLeaveTheRangeOfWholeNumbersAreRunOneByOne) {
  server.Apply("INVENTORY_COUNT_V1", {{"sku", "espresso"}, {"quantity", 10}}, "count");
  Settle();
  const std::int64_t most = 1000000;
  Do("INVENTORY_ADJUST_V1", Adjust(most));
  Do("INVENTORY_ADJUST_V1", Adjust(-most));
  wire.clear();
  // Others bring the article within a million of the largest whole number there is.
  server.Set({CollectionName("stock"), DocumentId("espresso")}, "onHand", kIntegerMax - most / 2);
  const DeviceWork before = device->work();
  Tell(SyncNow{});
  Deliver(TakeRequest("GET"));
  EXPECT_GE(device->work().rules_rerun - before.rules_rerun, 2);
  // The first one does not fit and is in doubt; the second one does.
  EXPECT_EQ(Visible("stock", "espresso").at("onHand").as_int64(), kIntegerMax - most / 2 - most);
  ASSERT_TRUE(device->CheckOverlays().ok()) << device->CheckOverlays().error().message;
}

TEST_F(QueueDepthTest, AnAnswersCostIsThatOfItsCommands) {
  server.Apply("INVENTORY_COUNT_V1", {{"sku", "espresso"}, {"quantity", 100000}}, "count");
  Settle();
  options.sync.batch_commands_max = 8;
  options.sync.pushes_in_flight_max = 1;
  Reopen();
  const auto answer = [&] { return CostOf([&] { Deliver(TakeRequest("POST")); }); };
  Do("INVENTORY_ADJUST_V1", Adjust(-1));
  const HttpSend held = TakeRequest("POST");
  for (int i = 0; i < 40; ++i) Do("INVENTORY_ADJUST_V1", Adjust(-1));
  Deliver(held);
  const DeviceWork few = answer();
  for (int i = 0; i < 400; ++i) Do("INVENTORY_ADJUST_V1", Adjust(-1));
  const DeviceWork many = answer();
  EXPECT_EQ(many.rules_rerun, few.rules_rerun);
  EXPECT_EQ(many.documents_read, few.documents_read);
  EXPECT_EQ(many.sums_added, few.sums_added);
  EXPECT_TRUE(device->CheckOverlays().ok());
}

}  // namespace
}  // namespace outpost::engine
