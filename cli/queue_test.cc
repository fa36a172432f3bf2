#include "cli/queue.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "engine/device/device.h"

namespace outpost::cli {
namespace {

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
    return {(folder_ / device).string(), (folder_ / "queue.txt").string(), "", ""};
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
  EXPECT_FALSE(ListQueue({(folder_ / "nowhere").string(), "", "", ""}).ok());
}

}  // namespace
}  // namespace outpost::cli
