#include "server/routes/secret.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

namespace outpost::server {
namespace {

class SecretTest : public testing::Test {
 protected:
  void SetUp() override {
    directory_ = testing::TempDir() + "secret_" + testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directory(directory_);
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }
  std::string directory_;
};

TEST_F(SecretTest, IsMadeOnceAndOnlyItsOwnerMayReadIt) {
  const auto first = LoadOrCreateSecret(std::nullopt, directory_);
  ASSERT_TRUE(first.ok()) << first.error().message;
  EXPECT_EQ(first.value().size(), 64u);
  EXPECT_EQ(LoadOrCreateSecret(std::nullopt, directory_).value(), first.value());
  struct stat status {};
  ASSERT_EQ(::stat((directory_ + "/" + kSecretFile).c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST_F(SecretTest, ManyAtOnceAgreeAndLeaveNothingElseBehind) {
  std::vector<std::string> secrets(8);
  std::vector<std::thread> threads;
  for (std::string& secret : secrets)
    threads.emplace_back([&] { secret = LoadOrCreateSecret(std::nullopt, directory_).value(); });
  for (std::thread& thread : threads) thread.join();
  for (const std::string& secret : secrets) EXPECT_EQ(secret, secrets.front());
  const auto entries = std::filesystem::directory_iterator(directory_);
  EXPECT_EQ(std::distance(begin(entries), end(entries)), 1);
}

TEST_F(SecretTest, TheEnvironmentWinsIfItIsLongEnough) {
  const std::string secret(32, 's');
  EXPECT_EQ(LoadOrCreateSecret(secret, directory_).value(), secret);
  EXPECT_FALSE(LoadOrCreateSecret(std::string(31, 's'), directory_).ok());
  EXPECT_TRUE(std::filesystem::is_empty(directory_));
}

TEST_F(SecretTest, AShortFileIsRefused) {
  std::ofstream(directory_ + "/" + kSecretFile) << "short\n";
  EXPECT_FALSE(LoadOrCreateSecret(std::nullopt, directory_).ok());
}

}  // namespace
}  // namespace outpost::server
