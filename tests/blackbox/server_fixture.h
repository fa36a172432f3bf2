// A running server for a test: one per suite, each test in a workspace of its own; or one of its own, to be killed.
// With OUTPOST_TEST_POSTGRES it serves that database, a schema for each data directory a test names.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "server/routes/auth.h"
#include "tests/blackbox/client.h"
#include "tests/blackbox/process.h"

namespace outpost::blackbox {

inline constexpr const char* kSecret = "a-secret-for-tests-of-more-than-32-bytes";

// A temporary folder that goes away.
class Folder {
 public:
  Folder();
  ~Folder();
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

class RunningServer {
 public:
  explicit RunningServer(const std::string& data, const std::vector<std::string>& more = {});

  bool ready() const { return port_ != 0; }
  std::uint16_t port() const { return port_; }
  Process& process() { return process_; }

 private:
  Process process_;
  std::uint16_t port_ = 0;
};

struct Who {
  std::string workspace;
  std::string user = "ann";
  std::vector<std::string> roles = {"staff"};
  std::string device = {};
  std::int64_t expires_s = 4102444800;
};

std::string Token(const Who& who);

class ServerTest : public testing::Test {
 protected:
  static void SetUpTestSuite();
  static void TearDownTestSuite();
  void SetUp() override;

  const std::string& workspace() const { return workspace_; }
  Client As(const std::string& user, const std::vector<std::string>& roles) const;
  static std::uint16_t port() { return server_->port(); }

  Client client_{0, ""};  // ann, staff

 private:
  static std::unique_ptr<Folder> folder_;
  static std::unique_ptr<RunningServer> server_;
  std::string workspace_;
};

// An order of one burger and two fries: 1250 + 2 × 450 = 2150.
std::string OrderBody();
// An entry of a batch.
std::string CommandText(const std::string& id, const std::string& type, const std::string& payload,
                        const std::string& more = "");
// A ULID that sorts by `number`.
std::string Ulid(int number);

}  // namespace outpost::blackbox
