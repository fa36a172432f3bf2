#include "engine/device/live_queries.h"

#include "engine/device/device_fixture.h"

namespace outpost::engine {
namespace {

class LiveQueriesTest : public DeviceFixture {
 protected:
  static Query Stock(std::size_t limit = 0) {
    return {CollectionName("stock"), {}, Order{"onHand", Direction::kAscending}, limit};
  }
  void Stocked(const std::string& sku, std::int64_t quantity, const std::string& id) {
    server.Apply("INVENTORY_COUNT_V1", {{"sku", sku}, {"quantity", quantity}}, id);
  }
  static json::object Adjust(const std::string& sku, std::int64_t delta) {
    return {{"sku", sku}, {"delta", delta}, {"reason", "sale"}};
  }
  void Watch(const Query& query) {
    const auto watched = device->Watch(query);
    ASSERT_TRUE(watched.ok()) << watched.error().message;
    query_ = query;
    shown_.clear();
    for (const VisibleDocument& document : watched.value().documents) shown_.push_back(document.key.id.value);
    query_changes.clear();
  }
  // The result as a listener has it: what was shown at first, and every difference since.
  std::string Shown() {
    for (const QueryChanged& change : query_changes) {
      const auto drop = [&](const std::string& id) {
        shown_.erase(std::remove(shown_.begin(), shown_.end(), id), shown_.end());
      };
      for (const DocumentId& id : change.removed) drop(id.value);
      std::map<std::size_t, std::string> placed;
      for (const PlacedDocument& one : change.added) placed[one.at] = one.document.key.id.value;
      for (const PlacedDocument& one : change.changed) placed[one.at] = one.document.key.id.value;
      for (const auto& [at, id] : placed) drop(id);
      for (const auto& [at, id] : placed) shown_.insert(shown_.begin() + static_cast<std::ptrdiff_t>(at), id);
    }
    query_changes.clear();
    std::string text;
    for (const std::string& id : shown_) text += (text.empty() ? "" : " ") + id;
    return text;
  }
  std::string Found() {
    std::string text;
    const auto found = device->Find(query_);
    for (const VisibleDocument& document : found.value()) {
      text += (text.empty() ? "" : " ") + document.key.id.value;
    }
    return text;
  }

  Query query_;
  std::vector<std::string> shown_;
};

TEST_F(LiveQueriesTest, AnExecuteAnAnswerAndARoundAreToldOnceEach) {
  Stocked("tea", 10, "c1");
  Stocked("jam", 20, "c2");
  Settle();
  Watch(Stock());
  Do("INVENTORY_ADJUST_V1", Adjust("jam", -15));
  ASSERT_EQ(query_changes.size(), 1u);
  ASSERT_EQ(query_changes[0].changed.size(), 1u);
  EXPECT_EQ(query_changes[0].changed[0].at, 0u);
  EXPECT_TRUE(query_changes[0].changed[0].document.pending);
  EXPECT_EQ(Shown(), "jam tea");
  Deliver(TakeRequest("POST"));
  ASSERT_EQ(query_changes.size(), 1u);
  EXPECT_FALSE(query_changes[0].changed[0].document.pending);
  query_changes.clear();
  for (int i = 0; i < 5; ++i) Stocked("new-" + std::to_string(i), 100 + i, "n" + std::to_string(i));
  server.page_changes = 2;
  Settle();
  ASSERT_EQ(query_changes.size(), 1u);
  EXPECT_EQ(query_changes[0].added.size(), 5u);
}

TEST_F(LiveQueriesTest, NothingOfARoundIsToldBeforeItsEndAndLocalWritesAreToldInIt) {
  for (int i = 0; i < 4; ++i) Stocked("a" + std::to_string(i), 10 + i, "c" + std::to_string(i));
  Settle();
  Watch(Stock());
  for (int i = 0; i < 4; ++i)
    server.Apply("INVENTORY_ADJUST_V1", Adjust("a" + std::to_string(i), 50), "x" + std::to_string(i));
  server.page_changes = 2;
  Tell(SyncNow{});
  Deliver(TakeRequest("GET"));
  EXPECT_TRUE(query_changes.empty());
  Do("INVENTORY_ADJUST_V1", Adjust("a3", -13));
  ASSERT_EQ(query_changes.size(), 1u);
  EXPECT_EQ(Shown(), "a3 a0 a1 a2");
  wire.pop_back();
  Deliver(TakeRequest("GET"));
  ASSERT_EQ(query_changes.size(), 1u);
  EXPECT_EQ(query_changes[0].changed.size(), 4u);
  EXPECT_EQ(Shown(), Found());
}

TEST_F(LiveQueriesTest, ALimitedWindowIsFilledFromBeyond) {
  for (int i = 0; i < 6; ++i) Stocked("a" + std::to_string(i), 10 + i, "c" + std::to_string(i));
  Settle();
  Watch(Stock(2));
  EXPECT_EQ(Shown(), "a0 a1");
  Do("INVENTORY_ADJUST_V1", Adjust("a0", 100));
  EXPECT_EQ(Shown(), "a1 a2");
  Do("INVENTORY_ADJUST_V1", Adjust("a5", -100));
  EXPECT_EQ(Shown(), "a5 a1");
}

TEST_F(LiveQueriesTest, WhatCannotMatterCostsNothing) {
  Stocked("tea", 10, "c1");
  Settle();
  Watch({CollectionName("orders"), {{"tableId", Comparison::kEqual, std::string("t1")}}, std::nullopt, 10});
  const DeviceWork before = device->work();
  Do("INVENTORY_ADJUST_V1", Adjust("tea", -1));
  EXPECT_EQ(device->work().query_lookups, before.query_lookups);
  EXPECT_EQ(device->work().query_reruns, before.query_reruns);
  EXPECT_GT(device->work().queries_skipped, before.queries_skipped);
  // Of the same collection, but of another table: one look-up by key, no query.
  Do("ORDER_CREATE_V1", OrderOf("o1", "tea", 1, 100));
  EXPECT_EQ(device->work().query_lookups, before.query_lookups + 1);
  EXPECT_EQ(device->work().query_reruns, before.query_reruns);
  EXPECT_TRUE(query_changes.empty());
}

TEST_F(LiveQueriesTest, ARefusedWriteIsTakenBack) {
  server.Apply("ORDER_CREATE_V1", OrderOf("shared", "espresso", 1, 250), "theirs-1");
  Settle();
  Watch({CollectionName("orders"), {{"status", Comparison::kEqual, std::string("NEW")}}, std::nullopt, 0});
  EXPECT_EQ(Shown(), "shared");
  server.Apply("ORDER_CANCEL_V1", {{"id", "shared"}}, "theirs-2");
  Do("ORDER_SEND_TO_KITCHEN_V1", {{"id", "shared"}});
  EXPECT_EQ(Shown(), "");
  Settle();
  EXPECT_EQ(Shown(), "");
  device->Unwatch(QueryId(1));
  query_changes.clear();
  Do("ORDER_CREATE_V1", OrderOf("o2", "tea", 1, 100));
  EXPECT_TRUE(query_changes.empty());
}

class LiveQuerySeeds : public LiveQueriesTest, public ::testing::WithParamInterface<int> {};

TEST_P(LiveQuerySeeds, TheDifferencesAddUpToTheResult) {
  Random random(static_cast<std::uint64_t>(GetParam()));
  Settle();
  Watch(Stock(random.Below(5)));
  for (int step = 0; step < 60; ++step) {
    const std::string sku = "a" + std::to_string(random.Below(6));
    const auto delta = random.OneIn(2) ? -1 - static_cast<std::int64_t>(random.Below(20))
                                       : 1 + static_cast<std::int64_t>(random.Below(20));
    if (random.OneIn(2)) Do("INVENTORY_ADJUST_V1", Adjust(sku, delta));
    if (random.OneIn(3)) server.Apply("INVENTORY_ADJUST_V1", Adjust(sku, delta), "x" + std::to_string(step));
    if (random.OneIn(4)) Tell(SyncNow{});
    while (!wire.empty() && !random.OneIn(4)) Deliver(TakeRequest(wire.front().request.method));
    ASSERT_EQ(Shown(), Found()) << "seed " << GetParam() << " step " << step;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, LiveQuerySeeds, ::testing::Range(1, 13));

}  // namespace
}  // namespace outpost::engine
