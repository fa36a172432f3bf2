#include "transport/notice_log.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "protocol/json.h"

namespace outpost::transport {
namespace {

class NoticeLogTest : public ::testing::Test {
 protected:
  NoticeLogTest() {
    folder_ = std::filesystem::temp_directory_path() / ("outpost-notices-" + std::to_string(::getpid()));
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~NoticeLogTest() override { std::filesystem::remove_all(folder_); }
  std::string Read(const std::string& name) const {
    std::ifstream file(folder_ / name);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }
  std::filesystem::path folder_;
};

TEST_F(NoticeLogTest, ANoticeIsALineOfJsonWithItsCommandAndTrace) {
  auto log = NoticeLog::Open({(folder_ / "sync.log").string()}).value();
  engine::Notice notice;
  notice.kind = engine::Notice::Kind::kConflict;
  notice.command = CommandId("c1");
  notice.detail = "somebody else \"changed\" it";
  notice.trace_id = "0af7651916cd43dd8448eb211c80319c";
  log.Write(notice, Timestamp{1760000000000});
  const auto line = ParseJson(Read("sync.log").substr(0, Read("sync.log").find('\n'))).value().get_object();
  EXPECT_EQ(line.at("event").as_string(), "conflict");
  EXPECT_EQ(line.at("command").as_string(), "c1");
  EXPECT_EQ(line.at("traceId").as_string(), notice.trace_id);
  EXPECT_EQ(line.at("time").as_string(), "2025-10-09T08:53:20.000Z");
}

TEST_F(NoticeLogTest, AFullFileIsRolledOverAndTheOldestGoes) {
  auto log = NoticeLog::Open({(folder_ / "sync.log").string(), 2000, 2}).value();
  engine::Notice notice;
  notice.kind = engine::Notice::Kind::kSettled;
  for (int i = 0; i < 200; ++i) {
    notice.command = CommandId("c" + std::to_string(i));
    log.Write(notice, Timestamp{1760000000000});
  }
  log.Flush();
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    ++files;
    EXPECT_LE(std::filesystem::file_size(entry.path()), 2000u);
  }
  EXPECT_EQ(files, 3u);
  EXPECT_NE(Read("sync.log").find("c199"), std::string::npos);
}

TEST_F(NoticeLogTest, AFolderThatCannotBeWrittenIsSaidAtOnce) {
  std::ofstream(folder_ / "file") << "in the way";
  EXPECT_EQ(NoticeLog::Open({(folder_ / "file" / "sync.log").string()}).error().code, ErrorCode::kIo);
}

}  // namespace
}  // namespace outpost::transport
