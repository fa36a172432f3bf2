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

  // The database's write lock, held until Release.
  void Hold() {
    sqlite::OpenOptions options;
    options.path = Data() + "/outpost.db";
    auto outside = sqlite::Connection::Open(options);
    ASSERT_TRUE(outside.ok()) << outside.error().message;
    outside_ = std::make_unique<sqlite::Connection>(std::move(outside).value());
    ASSERT_TRUE(outside_->Execute("BEGIN IMMEDIATE").ok());
  }
  void Release() { ASSERT_TRUE(outside_->Execute("ROLLBACK").ok()); }

  Folder folder_;
  std::unique_ptr<RunningServer> server_;
  std::unique_ptr<sqlite::Connection> outside_;
};

TEST_F(Waiting, ASecondRequestWithTheKeyWaitsThenIsToldSo) {
  const Client ann = Ann();
  const HeaderList key = {{"Idempotency-Key", "slow"}};
  ASSERT_NO_FATAL_FAILURE(Hold());
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
  Release();
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

// The store stays away longer than a write waits for it: nothing is refused, nothing is remembered.
TEST_F(Waiting, AStoreThatIsHeldTooLongIsRetryAndNothingIsRemembered) {
  const Client ann = Ann();
  const std::string id = Ulid(1);
  const std::vector<std::string> batch = {CommandText(id, "ORDER_CREATE_V1", OrderBody()),
                                          CommandText(Ulid(2), "ORDER_CANCEL_V1", R"({"id":")" + id + "\"}")};
  ASSERT_NO_FATAL_FAILURE(Hold());
  const Answer held = ann.Push(batch);
  Release();
  ASSERT_EQ(held.status, 200) << held.text;
  for (const char* result : {"results.0", "results.1"}) {
    const std::string at = result;
    EXPECT_EQ(held.At(at + ".status"), "RETRY") << held.text;
    EXPECT_EQ(held.At(at + ".httpStatus"), "503");
    EXPECT_EQ(held.At(at + ".problem.code"), "UNAVAILABLE");
    EXPECT_EQ(held.At(at + ".fingerprint").size(), 64u);
    EXPECT_GT(std::atoi(held.At(at + ".retryAfterMs").c_str()), 0);
  }
  const Answer again = ann.Push(batch);
  for (const char* result : {"results.0", "results.1"}) {
    EXPECT_EQ(again.At(std::string(result) + ".status"), "SUCCEEDED") << again.text;
    EXPECT_EQ(again.At(std::string(result) + ".replayed"), "false");
  }
}

}  // namespace
}  // namespace outpost::blackbox
