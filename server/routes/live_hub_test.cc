#include "server/routes/live_hub.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "server/sqlite/sqlite_store.h"

namespace outpost::server {
namespace {

// A stream whose peer reads when the test says so.
class FakeStream final : public http::LiveStream {
 public:
  void Send(std::shared_ptr<const std::string> message) override {
    const std::lock_guard lock(mutex_);
    messages_.push_back(std::move(message));
    if (slow_) unread_ = true;
    changed_cv_.notify_all();
  }
  void Close(int code, std::string) override {
    const std::lock_guard lock(mutex_);
    code_ = code;
    changed_cv_.notify_all();
  }
  bool drained() const override {
    const std::lock_guard lock(mutex_);
    return !unread_;
  }
  bool gone() const override { return false; }
  void OnChange(std::function<void()> changed) override {
    const std::lock_guard lock(mutex_);
    on_change_ = std::move(changed);
  }

  void BeSlow() {
    const std::lock_guard lock(mutex_);
    slow_ = true;
  }
  void ReadAll() {
    std::function<void()> tell;
    {
      const std::lock_guard lock(mutex_);
      unread_ = slow_ = false;
      tell = on_change_;
    }
    if (tell) tell();
  }
  // Waits until so many messages came; false after ten seconds.
  bool WaitFor(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_cv_.wait_for(lock, std::chrono::seconds(10), [&] { return messages_.size() >= count; });
  }
  bool WaitForClose() {
    std::unique_lock lock(mutex_);
    return changed_cv_.wait_for(lock, std::chrono::seconds(10), [&] { return code_ != 0; });
  }
  std::vector<std::shared_ptr<const std::string>> messages() const {
    const std::lock_guard lock(mutex_);
    return messages_;
  }
  int code() const {
    const std::lock_guard lock(mutex_);
    return code_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_cv_;
  std::vector<std::shared_ptr<const std::string>> messages_;
  std::function<void()> on_change_;
  bool slow_ = false;
  bool unread_ = false;
  int code_ = 0;
};

class LiveHubTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "live_hub_" + testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directory(folder_);
    SqliteStoreOptions options;
    options.path = folder_ + "/store.db";
    store_ = SqliteStore::Open(options, random_).value();
    service_ = std::make_unique<CommandService>(*store_, ServiceSettings{});
    hub_ = std::make_unique<LiveHub>(*store_, [this] { return Timestamp{now_ms_.load()}; });
  }
  void TearDown() override {
    hub_.reset();
    service_.reset();
    store_.reset();
    std::filesystem::remove_all(folder_);
  }

  static Caller Ann() {
    return {WorkspaceId("shop"), UserId("ann"), {"staff"}, std::nullopt, Timestamp{1'700'000'100'000}};
  }

  std::shared_ptr<FakeStream> Open(const std::string& collection = "", const std::string& device = "") {
    auto stream = std::make_shared<FakeStream>();
    Subscription subscription;
    subscription.caller = Ann();
    if (!collection.empty()) subscription.request.collections = {CollectionName(collection)};
    if (!device.empty()) subscription.request.device = DeviceRef{DeviceId(device), Incarnation("first")};
    subscription.request.cursor = HeadCursor(*store_, Ann(), subscription.request).value();
    hub_->Add(std::move(subscription), stream);
    return stream;
  }

  void Put(const std::string& sku) {
    PutUnseen(sku);
    for (const Touched& touched : service_->touched()) hub_->Notify(touched);
  }

  void PutUnseen(const std::string& sku) {
    Submission submission;
    submission.caller = Ann();
    Command command;
    command.id = CommandId("put-" + sku);
    command.key = IdempotencyKey(command.id.value);
    command.type = "PRODUCT_PUT_V1";
    command.payload = {{"sku", sku}, {"name", "Tea"}, {"price", 300}};
    submission.request.commands.push_back(std::move(command));
    submission.request.device = DeviceId("till");
    submission.request.incarnation = Incarnation("first");
    service_->ExecuteGroup({&submission, 1}, Timestamp{now_ms_.load()});
  }

  // Waits until the hub has counted so many; false after ten seconds.
  bool WaitForCount(std::uint64_t LiveCounters::*counter, std::uint64_t count) const {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (hub_->counters().*counter < count && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    return hub_->counters().*counter >= count;
  }

  std::string folder_;
  Random random_{7};
  std::atomic<std::int64_t> now_ms_{1'700'000'000'000};
  std::unique_ptr<SqliteStore> store_;
  std::unique_ptr<CommandService> service_;
  std::unique_ptr<LiveHub> hub_;
};

TEST_F(LiveHubTest, StreamsAtTheSamePlaceShareOneText) {
  std::vector<std::shared_ptr<FakeStream>> streams;
  for (int i = 0; i < 50; ++i) streams.push_back(Open());
  Put("tea");
  for (const auto& stream : streams) ASSERT_TRUE(stream->WaitFor(1));
  const auto first = streams.front()->messages().front();
  EXPECT_NE(first->find("event: changes\ndata: {"), std::string::npos);
  for (const auto& stream : streams) EXPECT_EQ(stream->messages().front().get(), first.get());
  EXPECT_TRUE(WaitForCount(&LiveCounters::messages, 50));  // counted after it was sent
  EXPECT_EQ(hub_->counters().messages, 50u);
  EXPECT_LT(hub_->counters().pages_read, 50u);
}

TEST_F(LiveHubTest, ACommitCostsNothingForThoseItDoesNotConcern) {
  const auto concerned = Open("products");
  std::vector<std::shared_ptr<FakeStream>> others;
  for (const char* collection : {"stock", "orders", "tickets", "ledger", "settings"})
    others.push_back(Open(collection));
  ASSERT_TRUE(WaitForCount(&LiveCounters::pages_read, 6));  // each looks once when it opens
  Put("tea");
  ASSERT_TRUE(concerned->WaitFor(1));
  EXPECT_EQ(hub_->counters().pages_read, 7u);
  for (const auto& other : others) EXPECT_TRUE(other->messages().empty());
}

TEST_F(LiveHubTest, ADeviceIsToldOfItsOwnCommandsWhateverItListensTo) {
  const auto till = Open("stock", "till");
  Put("tea");
  ASSERT_TRUE(till->WaitFor(1));
  EXPECT_NE(till->messages().front()->find("\"put-tea\""), std::string::npos);
}

TEST_F(LiveHubTest, AChangeFromElsewhereIsLookedForByAll) {
  const auto stream = Open("products");
  ASSERT_TRUE(WaitForCount(&LiveCounters::pages_read, 1));
  PutUnseen("tea");
  hub_->Notify(WorkspaceId("shop"));
  ASSERT_TRUE(stream->WaitFor(1));
}

TEST_F(LiveHubTest, ForASlowPeerNothingPilesUp) {
  const auto slow = Open();
  const auto quick = Open();
  slow->BeSlow();
  Put("a");
  ASSERT_TRUE(slow->WaitFor(1));
  for (const char* sku : {"b", "c", "d"}) {
    const std::size_t heard = quick->messages().size();
    Put(sku);
    ASSERT_TRUE(quick->WaitFor(heard + 1));
  }
  EXPECT_EQ(slow->messages().size(), 1u);
  slow->ReadAll();
  ASSERT_TRUE(slow->WaitFor(2));
  const std::string& rest = *slow->messages().back();
  for (const char* sku : {"\"b\"", "\"c\"", "\"d\""}) EXPECT_NE(rest.find(sku), std::string::npos) << sku;
}

TEST_F(LiveHubTest, AStreamEndsWithItsToken) {
  const auto stream = Open();
  now_ms_ = 1'700'000'300'000;
  ASSERT_TRUE(stream->WaitForClose());
  EXPECT_EQ(stream->code(), kCloseTokenExpired);
  EXPECT_EQ(hub_->size(), 0u);
}

TEST_F(LiveHubTest, StoppingEndsEveryStream) {
  const auto stream = Open();
  hub_->Stop();
  EXPECT_EQ(stream->code(), http::kCloseGoingAway);
  EXPECT_EQ(Open()->code(), http::kCloseGoingAway) << "and those that come later";
}

}  // namespace
}  // namespace outpost::server
