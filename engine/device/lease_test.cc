// Two processes on one store (O11): two devices on one file, as two processes would have them.
#include <algorithm>

#include "engine/device/device_fixture.h"

namespace outpost::engine {
namespace {

constexpr std::int64_t kTtlMs = 10000;

class Process {
 public:
  Process(DeviceOptions options, std::uint64_t seed, Timestamp now) : random_(seed) {
    options.sole_process = false;
    options.lease_ttl_ms = kTtlMs;
    auto opened = Device::Open(std::move(options), now, random_);
    EXPECT_TRUE(opened.ok()) << (opened.ok() ? "" : opened.error().message);
    device = std::move(opened).value();
    Tell(Start{}, now);
  }
  void Tell(const Event& event, Timestamp now) {
    for (Effect& effect : device->Handle(event, now)) {
      if (auto* send = std::get_if<HttpSend>(&effect)) wire.push_back(std::move(*send));
      if (auto* notice = std::get_if<Notice>(&effect)) notices.push_back(notice->kind);
    }
  }
  CommandId Do(const std::string& type, json::object payload, Timestamp now) {
    Intent intent;
    intent.type = type;
    intent.payload = std::move(payload);
    const auto accepted = device->Execute(intent, now);
    EXPECT_TRUE(accepted.ok()) << (accepted.ok() ? "" : accepted.error().message);
    Tell(Wake{}, now);
    return accepted.ok() ? accepted.value().id : CommandId();
  }
  void DeliverAll(NaiveServer& server, Timestamp now) {
    while (!wire.empty()) {
      const HttpSend send = std::move(wire.front());
      wire.pop_front();
      Tell(HttpDone{send.exchange, server.Handle(send.request)}, now);
    }
  }
  void LoseAll(Timestamp now) {
    const auto lost = std::exchange(wire, {});
    for (const HttpSend& send : lost) Tell(HttpDone{send.exchange, NetworkFailure{"no route", false}}, now);
  }
  bool Told(Notice::Kind kind) const { return std::count(notices.begin(), notices.end(), kind) > 0; }
  bool flushes() const { return device->status().flushing; }
  CommandStatus StatusOf(const CommandId& id) { return device->FindCommand(id).value()->status; }

  std::unique_ptr<Device> device;
  std::deque<HttpSend> wire;
  std::vector<Notice::Kind> notices;

 private:
  Random random_;
};

class LeaseTest : public DeviceFixture {
 protected:
  LeaseTest() { device.reset(); }
  Process Open(std::uint64_t seed) { return Process(options, seed, now()); }
  static json::object Sale(std::int64_t delta) { return {{"sku", "tea"}, {"delta", delta}, {"reason", "sale"}}; }
  static std::int64_t OnHand(Process& process) {
    const auto stock = process.device->Get({CollectionName("stock"), DocumentId("tea")});
    return ParseJson(stock.value()->body).value().get_object().at("onHand").as_int64();
  }
};

TEST_F(LeaseTest, WhatAnotherProcessImportsIsSentOnce) {
  Process holder = Open(1);
  holder.DeliverAll(server, now());
  const CommandId sale = holder.Do("INVENTORY_ADJUST_V1", Sale(-1), now());
  const std::string file = holder.device->ExportQueue(now()).value().text;
  DeviceOptions elsewhere = options;
  elsewhere.store.path += "-elsewhere";
  {
    Process first(elsewhere, 3, now());
    Process second(elsewhere, 4, now());
    first.DeliverAll(server, now());
    EXPECT_EQ(second.device->ImportQueue(file, now()).value().taken, 1);
    EXPECT_EQ(first.device->ImportQueue(file, now()).value().known, 1);
    Pass(300);
    first.Tell(Wake{}, now());
    first.DeliverAll(server, now());
    EXPECT_EQ(first.StatusOf(sale), CommandStatus::kSucceeded);
    EXPECT_EQ(OnHand(second), -1);
  }
  holder.DeliverAll(server, now());
  EXPECT_EQ(holder.StatusOf(sale), CommandStatus::kSucceeded);
  EXPECT_EQ(server.applied(), 1);
}

TEST_F(LeaseTest, OnlyOneOfTwoProcessesFlushesAndItLearnsWhatTheOtherAccepted) {
  Process holder = Open(1);
  Process other = Open(2);
  EXPECT_TRUE(holder.flushes());
  EXPECT_FALSE(other.flushes());
  holder.DeliverAll(server, now());
  const CommandId create = other.Do("ORDER_CREATE_V1", OrderOf("o1", "espresso", 1, 250), now());
  EXPECT_TRUE(other.wire.empty());
  Pass(300);
  holder.Tell(Wake{}, now());
  holder.DeliverAll(server, now());
  EXPECT_EQ(server.applied(), 1);
  EXPECT_EQ(other.StatusOf(create), CommandStatus::kSucceeded);
  EXPECT_TRUE(holder.device->CheckOverlays().ok());
}

TEST_F(LeaseTest, AHolderThatSleptPastItsTimeCanChangeNothing) {
  Process holder = Open(1);
  holder.DeliverAll(server, now());
  const CommandId create = holder.Do("ORDER_CREATE_V1", OrderOf("o1", "espresso", 1, 250), now());
  ASSERT_EQ(holder.wire.size(), 1u);
  const HttpSend push = holder.wire.front();
  holder.wire.clear();
  const HttpResponse late = server.Handle(push.request);  // applied; the answer meets a sleeping process
  Process other = Open(2);
  EXPECT_FALSE(other.flushes());
  Pass(kTtlMs + 1);
  other.Tell(Wake{}, now());
  EXPECT_TRUE(other.flushes());
  EXPECT_TRUE(other.Told(Notice::Kind::kLeaseTaken));
  ASSERT_FALSE(other.wire.empty());
  holder.Tell(HttpDone{push.exchange, late}, now());
  EXPECT_FALSE(holder.flushes());
  EXPECT_TRUE(holder.Told(Notice::Kind::kLeaseLost));
  EXPECT_EQ(holder.StatusOf(create), CommandStatus::kPending);
  EXPECT_TRUE(holder.wire.empty());
  other.DeliverAll(server, now());
  EXPECT_EQ(other.StatusOf(create), CommandStatus::kSucceeded);
  EXPECT_EQ(server.applied(), 1);
}

TEST_F(LeaseTest, APageTakenByASleeperDoesNotMoveTheCursor) {
  Process holder = Open(1);
  holder.DeliverAll(server, now());
  server.Apply("INVENTORY_COUNT_V1", {{"sku", "tea"}, {"quantity", 10}}, "count");
  holder.Tell(SyncNow{}, now());
  ASSERT_EQ(holder.wire.size(), 1u);
  const HttpSend pull = holder.wire.front();
  holder.wire.clear();
  Process other = Open(2);
  const Timestamp asleep = now();
  Pass(kTtlMs + 1);
  other.Tell(Wake{}, now());
  ASSERT_TRUE(other.flushes());
  // By its own clock no time has passed: only the token can tell.
  holder.Tell(HttpDone{pull.exchange, server.Handle(pull.request)}, asleep);
  EXPECT_FALSE(holder.flushes());
  EXPECT_TRUE(holder.Told(Notice::Kind::kLeaseLost));
  EXPECT_FALSE(holder.device->Get({CollectionName("stock"), DocumentId("tea")}).value().has_value());
  other.DeliverAll(server, now());
  EXPECT_EQ(OnHand(holder), 10);
}

TEST_F(LeaseTest, NumbersAndPositionsHaveNoGapsAcrossProcesses) {
  Process holder = Open(1);
  Process other = Open(2);
  holder.DeliverAll(server, now());
  for (int i = 0; i < 10; ++i) {
    holder.Do("ORDER_CREATE_V1", OrderOf("a" + std::to_string(i), "espresso", 1, 250), now());
    other.Do("ORDER_CREATE_V1", OrderOf("b" + std::to_string(i), "espresso", 1, 250), now());
    if (i == 5) holder.DeliverAll(server, now());
  }
  const auto queue = other.device->Queue().value();
  ASSERT_EQ(queue.size(), 20u);
  for (std::size_t i = 0; i < queue.size(); ++i) {
    EXPECT_EQ(queue[i].n.value, static_cast<std::int64_t>(i + 1));
    EXPECT_EQ(queue[i].position.value, static_cast<std::int64_t>(i + 1));
  }
  holder.Tell(Wake{}, now());
  holder.DeliverAll(server, now());
  EXPECT_EQ(server.applied(), 20);
}

TEST_F(LeaseTest, WhatOneProcessAcceptsTheOthersRulesSee) {
  Process holder = Open(1);
  Process other = Open(2);
  holder.DeliverAll(server, now());
  holder.Do("INVENTORY_ADJUST_V1", Sale(-1), now());
  other.Do("INVENTORY_ADJUST_V1", Sale(-2), now());
  holder.Do("INVENTORY_ADJUST_V1", Sale(-4), now());
  EXPECT_EQ(OnHand(holder), -7);
  EXPECT_EQ(OnHand(other), -7);
  server.Apply("INVENTORY_COUNT_V1", {{"sku", "tea"}, {"quantity", 100}}, "count");
  holder.Tell(SyncNow{}, now());
  holder.DeliverAll(server, now());
  other.Do("INVENTORY_ADJUST_V1", Sale(-8), now());
  EXPECT_EQ(OnHand(other), 100 - 7 - 8);
  holder.Tell(Wake{}, now());
  EXPECT_TRUE(holder.device->CheckOverlays().ok());
}

TEST_F(LeaseTest, ADecisionInOneProcessHoldsInTheOther) {
  Process holder = Open(1);
  Process other = Open(2);
  holder.LoseAll(now());
  const CommandId create = holder.Do("ORDER_CREATE_V1", OrderOf("o1", "espresso", 1, 250), now());
  const CommandId close = holder.Do("ORDER_CLOSE_V1", CashFor("o1", 250), now());
  holder.LoseAll(now());
  ASSERT_TRUE(other.device->Discard(create, now()).ok());
  EXPECT_NE(holder.StatusOf(close), CommandStatus::kPending);
  Pass(3600000);
  for (int i = 0; i < 20; ++i) {
    Pass(3000);
    holder.Tell(Wake{}, now());
    holder.DeliverAll(server, now());
  }
  EXPECT_EQ(server.applied(), 0);
  EXPECT_EQ(holder.StatusOf(create), CommandStatus::kDiscarded);
  EXPECT_EQ(other.StatusOf(close), CommandStatus::kDiscarded);
  EXPECT_TRUE(holder.device->CheckOverlays().ok());
}

TEST_F(LeaseTest, AProcessThatIsClosedHandsOverAtOnce) {
  auto holder = std::make_unique<Process>(options, 1, now());
  Process other = Open(2);
  ASSERT_FALSE(other.flushes());
  holder.reset();
  Pass(300);
  other.Tell(Wake{}, now());
  EXPECT_TRUE(other.flushes());
}

TEST_F(LeaseTest, TheHolderKeepsItsLeaseAsLongAsItIsWoken) {
  Process holder = Open(1);
  Process other = Open(2);
  for (int i = 0; i < 100; ++i) {
    Pass(2000);
    holder.Tell(Wake{}, now());
    holder.DeliverAll(server, now());
    other.Tell(Wake{}, now());
    ASSERT_TRUE(holder.flushes());
    ASSERT_FALSE(other.flushes());
  }
}

}  // namespace
}  // namespace outpost::engine
