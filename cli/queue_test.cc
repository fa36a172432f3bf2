#include "cli/queue.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "cli/queue_decide.h"
#include "engine/device/device.h"
#include "protocol/json.h"

namespace outpost::cli {
namespace {

// What waits besides the news of discards: a command that never left is discarded at once, and the server is told.
std::vector<engine::CommandRecord> WaitingWork(engine::Device& device) {
  std::vector<engine::CommandRecord> waiting = device.Queue(engine::CommandStatus::kPending).value();
  const auto news = [](const engine::CommandRecord& command) { return command.type == engine::kDiscardType; };
  waiting.erase(std::remove_if(waiting.begin(), waiting.end(), news), waiting.end());
  return waiting;
}

class QueueCommandTest : public ::testing::Test {
 protected:
  QueueCommandTest()
      : folder_(std::filesystem::temp_directory_path() / ("outpost-queue-" + std::to_string(::getpid()))) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_ / "a");
    std::filesystem::create_directories(folder_ / "b");
  }
  ~QueueCommandTest() override { std::filesystem::remove_all(folder_); }

  std::unique_ptr<engine::Device> Open(const std::string& device) {
    engine::DeviceOptions options;
    options.store.path = (folder_ / device / "outpost.db").string();
    options.workspace = WorkspaceId("w");
    options.user = UserId("anna");
    return engine::Device::Open(options, Timestamp{1760000000000}, random_).value();
  }
  QueueOptions On(const std::string& device) const {
    QueueOptions on;
    on.data = (folder_ / device).string();
    on.file = (folder_ / "queue.txt").string();
    return on;
  }

  std::filesystem::path folder_;
  Random random_{1};
};

TEST_F(QueueCommandTest, ExportAndImportCarryTheQueueToANewDevice) {
  {
    auto device = Open("a");
    engine::Intent intent;
    intent.type = "INVENTORY_ADJUST_V1";
    intent.payload = {{"sku", "tea"}, {"delta", -1}, {"reason", "sale"}};
    ASSERT_TRUE(device->Execute(intent, Timestamp{1760000000000}).ok());
  }
  ASSERT_TRUE(ExportQueue(On("a")).ok());
  EXPECT_FALSE(ExportQueue(On("a")).ok());  // never over a file that is there
  QueueOptions to = On("b");
  EXPECT_FALSE(ImportQueue(to).ok());  // nobody's store
  to.workspace = "w";
  to.user = "anna";
  ASSERT_TRUE(ImportQueue(to).ok());
  ASSERT_TRUE(ImportQueue(On("b")).ok());  // a second time: known
  EXPECT_EQ(Open("b")->status().waiting, 1);
  EXPECT_EQ(Open("a")->status().waiting, 1);
}

TEST_F(QueueCommandTest, WhatIsNoQueueFileIsRefused) {
  std::ofstream(folder_ / "queue.txt") << "shopping list\n";
  QueueOptions to = On("b");
  to.workspace = "w";
  to.user = "anna";
  EXPECT_EQ(ImportQueue(to).error().code, ErrorCode::kInvalidArgument);
  EXPECT_FALSE(ListQueue(On("nowhere")).ok());
}

CommandId Adjust(engine::Device& device, std::int64_t delta, std::vector<CommandId> causes = {}) {
  engine::Intent intent;
  intent.type = "INVENTORY_ADJUST_V1";
  intent.payload = {{"sku", "tea"}, {"delta", delta}, {"reason", "sale"}};
  intent.depends_on = std::move(causes);
  return device.Execute(intent, Timestamp{1760000000000}).value().id;
}

TEST_F(QueueCommandTest, AnEditPutsAnotherInItsPlaceAndWhatDependsOnItFollows) {
  CommandId first, second;
  {
    auto device = Open("a");
    first = Adjust(*device, -1);
    second = Adjust(*device, -5, {first});
  }
  QueueOptions on = On("a");
  on.id = first.value;
  on.payload = (folder_ / "payload.json").string();
  std::ofstream(on.payload) << R"({"sku":"tea","delta":-1,"reason":"sale"})";
  EXPECT_EQ(EditOperation(on).error().code, ErrorCode::kInvalidArgument);  // nothing was changed
  std::ofstream(on.payload) << "{\"sku\":";
  EXPECT_EQ(EditOperation(on).error().code, ErrorCode::kInvalidArgument);
  std::ofstream(on.payload) << R"({"sku":"tea","delta":-2,"reason":"sale"})";
  ASSERT_TRUE(EditOperation(on).ok());
  auto device = Open("a");
  EXPECT_EQ(device->FindCommand(first).value()->status, engine::CommandStatus::kDiscarded);
  const auto waiting = WaitingWork(*device);
  ASSERT_EQ(waiting.size(), 2u);
  EXPECT_EQ(*waiting[0].replaces, first);
  EXPECT_EQ(waiting[1].id, second);
  EXPECT_EQ(waiting[1].depends_on, std::vector<CommandId>{waiting[0].id});
}

TEST_F(QueueCommandTest, TheEditorsTextIsTheNewPayload) {
  CommandId id;
  {
    auto device = Open("a");
    id = Adjust(*device, -1);
  }
  QueueOptions on = On("a");
  on.id = id.value;
  ::unsetenv("VISUAL");
  ::setenv("EDITOR", "sed -i s/-1/-7/", 1);
  ASSERT_TRUE(EditOperation(on).ok());
  ::setenv("EDITOR", "false", 1);
  EXPECT_EQ(EditOperation(on).error().code, ErrorCode::kUnavailable);
  const auto waiting = WaitingWork(*Open("a"));
  ASSERT_EQ(waiting.size(), 1u);
  EXPECT_EQ(ParseJson(waiting[0].payload).value().at("delta").as_int64(), -7);
  for (const auto& entry : std::filesystem::directory_iterator(folder_ / "a")) {
    EXPECT_EQ(entry.path().filename().string().rfind("outpost.db", 0), 0u) << entry.path();
  }
}

// The device's own program runs, and hears of it.
TEST_F(QueueCommandTest, ADiscardTakesWhatDependsOnItAndTheRunningDeviceLearnsOfIt) {
  auto device = Open("a");
  static_cast<void>(device->Handle(engine::Start{}, Timestamp{1760000000000}));
  const CommandId first = Adjust(*device, -1);
  const CommandId second = Adjust(*device, -5, {first});
  QueueOptions on = On("a");
  on.id = first.value;
  on.plan = true;
  ASSERT_TRUE(DiscardOperation(on).ok());
  EXPECT_EQ(device->FindCommand(first).value()->status, engine::CommandStatus::kPending);
  on.plan = false;
  ASSERT_TRUE(DiscardOperation(on).ok());
  EXPECT_EQ(device->FindCommand(second).value()->status, engine::CommandStatus::kDiscarded);
  static_cast<void>(device->Handle(engine::SyncNow{}, Timestamp{1760000001000}));
  EXPECT_TRUE(WaitingWork(*device).empty());
  EXPECT_EQ(device->status().waiting, 2) << "the news of two discards";
  on.id = "01J0000000000000000000NONE";
  EXPECT_EQ(ShowOperation(on).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(RetryOperation(on).error().code, ErrorCode::kNotFound);
  on.id = second.value;
  EXPECT_TRUE(ShowOperation(on).ok());
  EXPECT_EQ(ForceOperation(on).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(RetryWithLatest(on).error().code, ErrorCode::kInvalidArgument);
  on.id.clear();
  EXPECT_TRUE(RetryOperation(on).ok());
}

}  // namespace
}  // namespace outpost::cli
