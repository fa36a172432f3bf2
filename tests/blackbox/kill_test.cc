// SIGKILL at random moments under mixed load, round after round on one store: everything that was acknowledged is
// there, everything that was not is sent again under its key, and nothing is there twice. OUTPOST_KILL_ROUNDS says how
// often (docs/operations/durability.md); a few rounds by default.
#include <signal.h>

#include <atomic>
#include <cstdlib>
#include <random>
#include <set>
#include <thread>

#include "tests/blackbox/server_fixture.h"

namespace outpost::blackbox {
namespace {

constexpr int kWriters = 4;

int Rounds() {
  const char* text = std::getenv("OUTPOST_KILL_ROUNDS");
  return text == nullptr ? 3 : std::max(1, std::atoi(text));
}

// One writer's work over all rounds: keys it has used, answers it has seen.
struct Writer {
  int number = 0;
  int next = 0;
  std::vector<std::string> unanswered;        // keys sent without an answer
  std::map<std::string, std::string> orders;  // key → order id, acknowledged
  std::int64_t counted = 0;                   // acknowledged by the counter

  std::string NewKey() { return Ulid(number * 1'000'000 + next++); }
};

// Counts answers; the killer waits for a random one.
class Answers {
 public:
  void Add(int count) {
    count_ += count;
    count_.notify_all();
  }
  void WaitFor(int wanted) {
    for (int seen = count_; seen < wanted; seen = count_) count_.wait(seen);
  }

 private:
  std::atomic<int> count_{0};
};
constexpr int kOver = 1'000'000;  // a writer that ends early lets nobody wait for it

bool SendOrder(const Client& client, Writer& writer, const std::string& key) {
  const Answer answer = client.Post("/pos/orders", OrderBody(), {{"Idempotency-Key", key}});
  if (answer.status != 201) return false;
  const auto [known, inserted] = writer.orders.try_emplace(key, answer.At("id"));
  EXPECT_EQ(known->second, answer.At("id")) << "one key, two orders";
  return true;
}

void Write(const Client& client, Writer& writer, const std::atomic<bool>& killed, Answers& answers) {
  while (!writer.unanswered.empty() && !killed) {
    if (!SendOrder(client, writer, writer.unanswered.back())) return;
    writer.unanswered.pop_back();
  }
  while (!killed) {
    const std::string key = writer.NewKey();
    writer.unanswered.push_back(key);
    if (!SendOrder(client, writer, key)) return;
    writer.unanswered.pop_back();
    const std::string id = writer.orders[key];
    const std::string batch_key = writer.NewKey();
    client.Push({CommandText(batch_key, "ORDER_SEND_TO_KITCHEN_V1", R"({"id":")" + id + "\"}"),
                 CommandText(writer.NewKey(), "INVENTORY_ADJUST_V1", R"({"sku":"tea","delta":1,"reason":"r"})")});
    client.Get("/sync/changes?limit=5");
    answers.Add(1);
  }
}

std::map<std::string, int> AllOrders(const Client& client) {
  std::map<std::string, int> found;
  std::string cursor;
  for (;;) {
    const Answer page = client.Get("/pos/orders?limit=1000" + (cursor.empty() ? "" : "&cursor=" + cursor));
    EXPECT_EQ(page.status, 200) << page.text;
    if (page.status != 200) return found;
    for (const json::value& order : page.body.at("items").as_array()) ++found[std::string(order.at("id").as_string())];
    cursor = page.At("cursor");
    if (cursor.empty()) return found;
  }
}

TEST(Kill, NothingAcknowledgedIsLostAndNothingIsThereTwice) {
  const Folder folder;
  const std::string data = folder.path() + "/data";
  const std::string token = Token(Who{.workspace = "cafe"});
  std::vector<Writer> writers(kWriters);
  for (int i = 0; i < kWriters; ++i) writers[static_cast<std::size_t>(i)].number = i + 1;
  std::mt19937 random(7);
  const int rounds = Rounds();
  for (int round = 0; round < rounds; ++round) {
    RunningServer server(data);
    ASSERT_TRUE(server.ready()) << "round " << round << ": " << server.process().Wait().errors;
    std::atomic<bool> killed{false};
    Answers answers;
    std::vector<std::thread> threads;
    for (Writer& writer : writers) {
      threads.emplace_back([&] {
        Write(Client(server.port(), token), writer, killed, answers);
        answers.Add(kOver);
      });
    }
    answers.WaitFor(static_cast<int>(1 + random() % 60));
    server.process().Signal(SIGKILL);
    killed = true;
    for (std::thread& thread : threads) thread.join();
  }
  RunningServer server(data);
  ASSERT_TRUE(server.ready());
  const Client client(server.port(), token);
  for (Writer& writer : writers) {
    for (const std::string& key : writer.unanswered) EXPECT_TRUE(SendOrder(client, writer, key)) << key;
  }
  const std::map<std::string, int> found = AllOrders(client);
  std::size_t made = 0;
  for (const Writer& writer : writers) {
    for (const auto& [key, id] : writer.orders) {
      EXPECT_EQ(found.count(id), 1u) << "order " << id << " was acknowledged and is gone";
      ++made;
    }
  }
  EXPECT_EQ(found.size(), made) << "as many orders as keys";
  EXPECT_EQ(RunProgram({"doctor", "--data", data}).exit_code, 0);
  RecordProperty("orders", static_cast<int>(made));
}

}  // namespace
}  // namespace outpost::blackbox
