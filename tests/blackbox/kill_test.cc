// SIGKILL at random moments under 64 connections of mixed load, round after round on one store. After each: what was
// acknowledged is there exactly once, what was not is sent again under its key and then is too, first answers come back
// as they were, the sequence has no gap, and the doctor finds nothing. OUTPOST_KILL_ROUNDS says how often
// (docs/operations/durability.md); a few rounds by default.
#include <signal.h>

#include <atomic>
#include <cstdlib>
#include <random>
#include <set>
#include <thread>

#include "tests/blackbox/server_fixture.h"

namespace outpost::blackbox {
namespace {

constexpr int kTills = 64;
constexpr int kReplaysPerTill = 2;

int Rounds() {
  const char* text = std::getenv("OUTPOST_KILL_ROUNDS");
  return text == nullptr ? 3 : std::max(1, std::atoi(text));
}

// One order over REST, or a batch of three commands that make an order, send it to the kitchen and count one tea.
struct Operation {
  bool rest = false;
  std::string key;
  std::string body;
  std::string answer;  // the first one; empty: none came
};

// What a till's answer says beyond what replays leave out.
std::string WhatItSays(const Answer& answer, bool rest) {
  if (rest) return answer.status == 201 ? answer.text : "";
  if (answer.status != 200 || !answer.body.as_object().contains("results")) return "";
  std::string said;
  for (const json::value& result : answer.body.at("results").as_array()) {
    EXPECT_EQ(result.at("status").as_string(), "SUCCEEDED") << answer.text;
    said += json::serialize(result.at("body")) + json::serialize(result.at("seq"));
  }
  return said;
}

// A device of its own, whose commands are numbered; every other operation goes over REST.
class Till {
 public:
  Till(int number, std::uint16_t port) : number_(number) { MoveTo(port); }

  void MoveTo(std::uint16_t port) {
    rest_ = std::make_unique<Client>(port, Token(Who{.workspace = "cafe"}));
    device_ = std::make_unique<Client>(port, Token(Who{.workspace = "cafe", .device = Name()}));
  }
  std::string Name() const { return "till-" + std::to_string(number_); }
  const Client& device() const { return *device_; }
  const std::vector<Operation>& operations() const { return operations_; }

  // False: no answer came, or another than the first time.
  bool SendLast() { return Send(operations_.back()); }
  bool LastIsOpen() const { return !operations_.empty() && operations_.back().answer.empty(); }
  bool SendAgain(std::mt19937& random) {
    return operations_.empty() || Send(operations_[random() % operations_.size()]);
  }
  bool SendNext() {
    Operation next;
    next.rest = operations_.size() % 2 == 0;
    next.key = NewId();
    next.body = next.rest ? OrderBody() : Batch(next.key);
    operations_.push_back(std::move(next));
    return SendLast();
  }

 private:
  std::string NewId() { return Ulid(number_ * 1'000'000 + ++made_); }

  std::string Batch(const std::string& order) {
    const auto numbered = [&] { return ",\"n\":" + std::to_string(++n_); };
    const std::string create = CommandText(order, "ORDER_CREATE_V1", OrderBody(), numbered());
    const std::string send = CommandText(NewId(), "ORDER_SEND_TO_KITCHEN_V1", R"({"id":")" + order + "\"}", numbered());
    const std::string count =
        CommandText(NewId(), "INVENTORY_ADJUST_V1", R"({"sku":"tea","delta":1,"reason":"r"})", numbered());
    return R"({"deviceId":")" + Name() + R"(","incarnation":"first","commands":[)" + create + "," + send + "," + count +
           "]}";
  }

  bool Send(Operation& operation) {
    const Answer answer = operation.rest
                              ? rest_->Post("/pos/orders", operation.body, {{"Idempotency-Key", operation.key}})
                              : device_->Post("/sync/commands", operation.body);
    const std::string said = WhatItSays(answer, operation.rest);
    if (said.empty()) return false;
    if (operation.answer.empty()) operation.answer = said;
    EXPECT_EQ(operation.answer, said) << "another answer to " << operation.key;
    return operation.answer == said;
  }

  int number_;
  int made_ = 0;
  int n_ = 0;
  std::unique_ptr<Client> rest_, device_;
  std::vector<Operation> operations_;
};

// Everything of a collection by id, with the sequence it stands at.
std::map<std::string, std::int64_t> Pull(const Client& client, const std::string& collection) {
  std::map<std::string, std::int64_t> found;
  std::string cursor;
  for (bool more = true; more;) {
    const Answer page =
        client.Get("/sync/changes?limit=10000&collections=" + collection + (cursor.empty() ? "" : "&cursor=" + cursor));
    EXPECT_EQ(page.status, 200) << page.text;
    if (page.status != 200) return found;
    for (const json::value& change : page.body.at("changes").as_array()) {
      const bool added = found.emplace(change.at("id").as_string(), change.at("seq").as_int64()).second;
      EXPECT_TRUE(added) << "twice in one feed: " << change.at("id");
    }
    cursor = page.At("cursor");
    more = page.body.at("more").as_bool();
  }
  return found;
}

// The sequences of a device's commands, as the feed lists them.
void AddOwn(const Till& till, std::multiset<std::int64_t>& sequences) {
  const Answer page =
      till.device().Get("/sync/changes?collections=stock", {{"Outpost-Device", till.Name() + " first"}});
  ASSERT_EQ(page.status, 200) << page.text;
  for (const json::value& own : page.body.at("own").as_array()) sequences.insert(own.at("seq").as_int64());
}

class Kill : public testing::Test {
 protected:
  // Load from every till until one of `answers` answers was the last.
  void RunAndKill(RunningServer& server, int answers) {
    std::atomic<int> left{answers};
    std::vector<std::thread> threads;
    for (Till& till : tills_) {
      threads.emplace_back([&] {
        while (till.SendNext()) {
          if (--left == 0) server.process().Signal(SIGKILL);
          till.device().Get("/sync/changes?limit=5");
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }

  // Each till sends what it had no answer to, and some of what it had.
  void Recover(std::uint16_t port) {
    for (Till& till : tills_) {
      till.MoveTo(port);
      EXPECT_TRUE(!till.LastIsOpen() || till.SendLast());
      for (int i = 0; i < kReplaysPerTill; ++i) EXPECT_TRUE(till.SendAgain(random_));
    }
  }

  void CheckContent() {
    std::size_t made = 0, batches = 0;
    std::multiset<std::int64_t> sequences;
    const std::map<std::string, std::int64_t> orders = Pull(tills_.front().device(), "orders");
    for (const Till& till : tills_) {
      AddOwn(till, sequences);
      for (const Operation& operation : till.operations()) {
        const auto found = orders.find(operation.key);
        ASSERT_NE(found, orders.end()) << "acknowledged and gone: " << operation.key;
        if (operation.rest) sequences.insert(found->second);
        ++made;
        batches += operation.rest ? 0 : 1;
      }
    }
    EXPECT_EQ(orders.size(), made) << "as many orders as keys";
    const std::string tea = tills_.front().device().Get("/inventory/stock?sku=tea").At("onHand");
    EXPECT_EQ(tea, batches == 0 ? "" : std::to_string(batches));
    std::int64_t expected = 0;
    for (const std::int64_t sequence : sequences) ASSERT_EQ(sequence, ++expected) << "a gap, or one number twice";
    RecordProperty("orders", static_cast<int>(made));
  }

  std::vector<Till> tills_;
  std::mt19937 random_{7};
};

TEST_F(Kill, NothingAcknowledgedIsLostAndNothingIsThereTwice) {
  const Folder folder;
  const std::string data = folder.path() + "/data";
  for (int i = 1; i <= kTills; ++i) tills_.emplace_back(i, std::uint16_t{0});
  for (int round = Rounds(); round >= 0 && !HasFailure(); --round) {
    RunningServer server(data);
    ASSERT_TRUE(server.ready()) << server.process().Wait().errors;
    Recover(server.port());
    CheckContent();
    if (round == 0) break;
    RunAndKill(server, static_cast<int>(1 + random_() % 600));
    const Finished doctor = RunProgram({"doctor", "--data", data});
    EXPECT_EQ(doctor.exit_code, 0) << doctor.output;
  }
}

}  // namespace
}  // namespace outpost::blackbox
