// What was acknowledged is there after the process was killed, and keys still know their answers.
#include <signal.h>

#include <atomic>
#include <thread>

#include "tests/blackbox/server_fixture.h"

namespace outpost::blackbox {
namespace {

TEST(Durability, AnAnswerSurvivesAKillAndIsReplayedByteForByte) {
  const Folder folder;
  const std::string data = folder.path() + "/data";
  const std::string token = Token(Who{.workspace = "cafe"});
  Answer first;
  std::string epoch;
  {
    RunningServer server(data);
    ASSERT_TRUE(server.ready());
    const Client client(server.port(), token);
    first = client.Post("/pos/orders", OrderBody(), {{"Idempotency-Key", "k1"}});
    epoch = client.Get("/sync/status").At("epoch");
    server.process().Signal(SIGKILL);
    EXPECT_EQ(server.process().Wait().exit_code, 128 + SIGKILL);
  }
  RunningServer server(data);
  ASSERT_TRUE(server.ready());
  const Client client(server.port(), token);
  EXPECT_EQ(client.Get("/pos/orders/" + first.At("id")).text, first.text);
  const Answer again = client.Post("/pos/orders", OrderBody(), {{"Idempotency-Key", "k1"}});
  EXPECT_EQ(again.text, first.text);
  EXPECT_EQ(again.headers.Get("Idempotency-Replayed"), "true");
  EXPECT_EQ(client.Get("/sync/status").At("epoch"), epoch);
}

// Four clients write as fast as they can until the server is killed under them.
TEST(Durability, EveryAcknowledgedOrderIsThereAfterAKillUnderLoad) {
  const Folder folder;
  const std::string data = folder.path() + "/data";
  const std::string token = Token(Who{.workspace = "cafe"});
  std::vector<std::vector<std::string>> acknowledged(4);
  {
    RunningServer server(data);
    ASSERT_TRUE(server.ready());
    std::atomic<int> answers{0};
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < acknowledged.size(); ++t) {
      threads.emplace_back([&, t] {
        const Client client(server.port(), token);
        for (int i = 0; i < 500; ++i) {
          const Answer answer = client.Post("/pos/orders", OrderBody());
          if (answer.status != 201) return;
          acknowledged[t].push_back(answer.At("id"));
          if (++answers == 100) server.process().Signal(SIGKILL);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  RunningServer server(data);
  ASSERT_TRUE(server.ready());
  const Client client(server.port(), token);
  std::size_t checked = 0;
  for (const auto& ids : acknowledged) {
    for (const std::string& id : ids) {
      EXPECT_EQ(client.Get("/pos/orders/" + id).status, 200) << id;
      ++checked;
    }
  }
  EXPECT_GE(checked, 100u);
}

TEST(Durability, ATermAnswersWhatWasAcceptedAndEndsWithZero) {
  const Folder folder;
  RunningServer server(folder.path() + "/data");
  ASSERT_TRUE(server.ready());
  const Client client(server.port(), Token(Who{.workspace = "cafe"}));
  const std::string cursor = client.Get("/sync/changes").At("cursor");
  Answer polled;
  std::thread poll([&] { polled = client.Get("/sync/changes?wait=25s&cursor=" + cursor); });
  while (client.Get("/metrics").text.find("outpost_http_connections 2") == std::string::npos) std::this_thread::yield();
  server.process().Signal(SIGTERM);
  const Finished finished = server.process().Wait();
  poll.join();
  EXPECT_EQ(finished.exit_code, 0) << finished.errors;
  EXPECT_EQ(finished.output, "");
  EXPECT_EQ(polled.status, 200);
}

}  // namespace
}  // namespace outpost::blackbox
