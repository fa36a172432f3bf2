// A key that is still being worked on, seen from outside: another process holds the database's write lock, as a long
// backup tool would, so that the first request cannot end before the second has waited its time.
#include <algorithm>
#include <chrono>
#include <fstream>
#include <future>

#include "sqlite/connection.h"
#include "tests/blackbox/server_fixture.h"

namespace outpost::blackbox {
namespace {

using namespace std::chrono_literals;

class Waiting : public testing::Test {
 protected:
  void SetUp() override {
    if (std::getenv("OUTPOST_TEST_POSTGRES") != nullptr) GTEST_SKIP() << "locks a file";
    const std::string config = folder_.path() + "/outpost.toml";
    std::ofstream(config) << "[limits]\nsame_key_wait = \"200ms\"\n";
    server_ = std::make_unique<RunningServer>(Data(), std::vector<std::string>{"--config", config});
    ASSERT_TRUE(server_->ready());
  }

  std::string Data() const { return folder_.path() + "/data"; }
  Client Ann() const { return Client(server_->port(), Token(Who{.workspace = "shop"})); }

  Folder folder_;
  std::unique_ptr<RunningServer> server_;
};

TEST_F(Waiting, ASecondRequestWithTheKeyWaitsThenIsToldSo) {
  const Client ann = Ann();
  const HeaderList key = {{"Idempotency-Key", "slow"}};
  sqlite::OpenOptions options;
  options.path = Data() + "/outpost.db";
  auto outside = sqlite::Connection::Open(options);
  ASSERT_TRUE(outside.ok()) << outside.error().message;
  ASSERT_TRUE(outside.value().Execute("BEGIN IMMEDIATE").ok());
  std::vector<std::future<Answer>> answers;
  for (int i = 0; i < 3; ++i)
    answers.push_back(std::async(std::launch::async, [&] { return ann.Post("/pos/orders", OrderBody(), key); }));
  // Whichever came first still waits for the lock; the two behind it have been told.
  const auto told = [&] {
    return std::count_if(answers.begin(), answers.end(),
                         [](const auto& one) { return one.wait_for(10ms) == std::future_status::ready; });
  };
  for (const auto end = std::chrono::steady_clock::now() + 4s; told() < 2 && std::chrono::steady_clock::now() < end;) {
  }
  ASSERT_TRUE(outside.value().Execute("ROLLBACK").ok());
  int done = 0;
  for (std::future<Answer>& one : answers) {
    const Answer answer = one.get();
    done += answer.status == 201;
    if (answer.status == 201) continue;
    EXPECT_EQ(answer.status, 409) << answer.text;
    EXPECT_EQ(answer.code(), "REQUEST_IN_PROGRESS");
    EXPECT_EQ(answer.At("conflictType"), "REQUEST_IN_PROGRESS");
    EXPECT_FALSE(answer.headers.Get("Retry-After").empty());
  }
  EXPECT_EQ(done, 1);
  const Answer later = ann.Post("/pos/orders", OrderBody(), key);
  EXPECT_EQ(later.status, 201) << later.text;
  EXPECT_EQ(later.headers.Get("Idempotency-Replayed"), "true");
  EXPECT_EQ(ann.Get("/pos/orders").body.at("items").as_array().size(), 1u) << "done once";
}

}  // namespace
}  // namespace outpost::blackbox
