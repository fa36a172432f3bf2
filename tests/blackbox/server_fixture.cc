#include "tests/blackbox/server_fixture.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "base/ulid.h"

namespace outpost::blackbox {

std::unique_ptr<Folder> ServerTest::folder_;
std::unique_ptr<RunningServer> ServerTest::server_;

Folder::Folder() : path_(testing::TempDir() + "outpost-XXXXXX") {
  if (::mkdtemp(path_.data()) == nullptr) path_.clear();
}

Folder::~Folder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

namespace {

// The store of `data`: that directory, or with OUTPOST_TEST_POSTGRES a schema of that database by the directory's name.
std::vector<std::string> ServeArguments(const std::string& data, const std::vector<std::string>& more) {
  std::vector<std::string> arguments = {"serve", "--listen", "127.0.0.1:0"};
  const char* database = std::getenv("OUTPOST_TEST_POSTGRES");
  arguments.insert(arguments.end(),
                   {database == nullptr ? "--data" : "--postgres", database == nullptr ? data : database});
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

}  // namespace

RunningServer::RunningServer(const std::string& data, const std::vector<std::string>& more)
    : process_(ServeArguments(data, more),
               {{"OUTPOST_JWT_SECRET", kSecret},
                {"OUTPOST_POSTGRES_SCHEMA", "t" + std::to_string(std::hash<std::string>{}(data))}}) {
  const std::string line = process_.ReadLine().value_or("");
  const std::string expected = "listening on http://127.0.0.1:";
  if (line.rfind(expected, 0) == 0) port_ = static_cast<std::uint16_t>(std::atoi(line.c_str() + expected.size()));
}

std::string Token(const Who& who) {
  server::Caller caller{WorkspaceId(who.workspace), UserId(who.user), who.roles, std::nullopt,
                        Timestamp{who.expires_s * 1000}};
  if (!who.device.empty()) caller.device = DeviceId(who.device);
  return server::TokenAuthority(kSecret).Make(caller);
}

void ServerTest::SetUpTestSuite() {
  folder_ = std::make_unique<Folder>();
  server_ = std::make_unique<RunningServer>(folder_->path() + "/data");
}

void ServerTest::TearDownTestSuite() {
  server_.reset();
  folder_.reset();
}

void ServerTest::SetUp() {
  ASSERT_TRUE(server_->ready()) << server_->process().Wait().errors;
  workspace_ = testing::UnitTest::GetInstance()->current_test_info()->name();
  client_ = As("ann", {"staff"});
}

Client ServerTest::As(const std::string& user, const std::vector<std::string>& roles) const {
  return Client(port(), Token(Who{.workspace = workspace_, .user = user, .roles = roles}));
}

std::string OrderBody() {
  return R"({"tableId":"7","items":[{"sku":"burger","name":"Burger","quantity":1,"unitPrice":1250,"station":"grill"},)"
         R"({"sku":"fries","name":"Fries","quantity":2,"unitPrice":450}]})";
}

std::string CommandText(const std::string& id, const std::string& type, const std::string& payload,
                        const std::string& more) {
  return R"({"id":")" + id + R"(","type":")" + type + R"(","payload":)" + payload + more + "}";
}

std::string Ulid(int number) {
  char text[27];
  std::snprintf(text, sizeof text, "01K%023d", number);
  return text;
}

}  // namespace outpost::blackbox
