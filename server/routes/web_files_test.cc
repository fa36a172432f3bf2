#include "server/routes/web_files.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "server/routes/app_routes.h"

namespace outpost::server {
namespace {

class WebFilesTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "outpost-web-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void Put(const std::string& path, const std::string& text) const {
    std::filesystem::create_directories((folder_ / path).parent_path());
    std::ofstream(folder_ / path) << text;
  }
  WebFiles Read() const {
    auto files = WebFiles::Read(folder_.string());
    EXPECT_TRUE(files.ok());
    return std::move(files).value();
  }

  std::filesystem::path folder_;
};

TEST_F(WebFilesTest, AnApplicationsNameIsItsPage) {
  Put("pos/index.html", "<p>till</p>");
  const WebFiles files = Read();
  for (const char* path : {"pos", "pos/", "pos/index.html"}) {
    const WebFile* page = files.Find(path);
    ASSERT_NE(page, nullptr) << path;
    EXPECT_EQ(page->bytes, "<p>till</p>");
    EXPECT_EQ(page->content_type, "text/html; charset=utf-8");
    EXPECT_FALSE(page->lasting);
  }
}

TEST_F(WebFilesTest, OnlyWhatWasThereAtTheStartIsServed) {
  Put("pos/index.html", "x");
  Put("pos/.env", "secret");
  Put(".git/config.json", "secret");
  Put("pos/notes.db", "secret");
  Put("outside.html", "outside");
  std::filesystem::create_symlink(folder_ / "outside.html", folder_ / "pos/link.html");
  const WebFiles files = Read();
  for (const char* path : {"pos/.env", ".git/config.json", "pos/notes.db", "pos/link.html", "pos/../pos/index.html",
                           "../outside.html", "", "kitchen", "pos/assets"}) {
    EXPECT_EQ(files.Find(path), nullptr) << path;
  }
}

TEST_F(WebFilesTest, NamesWithAHashMayBeKeptForEverAndTheRestIsAskedFor) {
  Put("pos/index.html", "x");
  Put("pos/assets/index-4f2a.js", std::string(5000, 'a'));
  const WebFiles files = Read();
  const http::Response script = AppAnswer(*files.Find("pos/assets/index-4f2a.js"), {});
  EXPECT_EQ(script.content_type, "text/javascript; charset=utf-8");
  EXPECT_EQ(script.headers.Get("Cache-Control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(AppAnswer(*files.Find("pos"), {}).headers.Get("Cache-Control"), "no-cache");
}

TEST_F(WebFilesTest, WhatTheBrowserHasIsNotSentAgainAndWhatItTakesPackedIsSentPacked) {
  Put("pos/assets/a.js", std::string(5000, 'a'));
  const WebFiles files = Read();
  const WebFile& file = *files.Find("pos/assets/a.js");
  http::Request request;
  request.headers.Add("Accept-Encoding", "gzip, br");
  const http::Response packed = AppAnswer(file, request);
  EXPECT_EQ(packed.headers.Get("Content-Encoding"), "gzip");
  EXPECT_LT(packed.body.size(), 100u);
  request.headers.Add("If-None-Match", file.tag);
  const http::Response known = AppAnswer(file, request);
  EXPECT_EQ(known.status, 304);
  EXPECT_EQ(known.body, "");
}

TEST_F(WebFilesTest, AFolderThatIsNotThereIsSaid) {
  const auto files = WebFiles::Read((folder_ / "gone").string());
  ASSERT_FALSE(files.ok());
  EXPECT_EQ(files.error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace outpost::server
