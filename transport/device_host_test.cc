// A real device over a real socket; the server is scripted, so that it can lose what a good one would answer.
#include "transport/device_host.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <string>
#include <vector>

#include "protocol/json.h"
#include "protocol/pull.h"
#include "protocol/push.h"
#include "transport/scripted_server.h"

namespace outpost::transport {
namespace {

// Accepts every command. While it is silent, it takes requests in and answers none.
class AgreeableServer {
 public:
  AgreeableServer() : server_([this](const std::string& request) { return Answer(request); }) {}

  std::string url() const { return server_.url(); }
  void BeSilent(bool silent) { silent_ = silent; }
  // Ids of the commands that arrived, as often as they arrived.
  std::vector<std::string> arrived() const {
    const std::lock_guard lock(mutex_);
    return arrived_;
  }
  std::size_t requests() const { return server_.requests().size(); }

 private:
  std::string Answer(const std::string& request) {
    const bool silent = silent_;
    const std::string body = request.substr(request.find("\r\n\r\n") + 4);
    std::string answer = request.starts_with("POST") ? PushAnswer(body) : ToNdjson(Page());
    const char* type = request.starts_with("POST") ? "application/json" : "application/x-ndjson";
    return silent ? std::string() : PlainResponse("200 OK", std::string("Content-Type: ") + type + "\r\n", answer);
  }

  static ChangesPage Page() {
    ChangesPage page;
    page.epoch = Epoch("epoch");
    page.cursor = Cursor("cursor");
    return page;
  }

  std::string PushAnswer(const std::string& body) {
    const auto request = PushRequestFromJson(ParseJson(body).value());
    PushResponse response;
    response.epoch = Epoch("epoch");
    for (const Command& command : std::get<PushRequest>(request).commands) {
      CommandResult result;
      result.id = command.id;
      result.fingerprint = ToHex(FingerprintOf(ParseTypeName(command.type).value().family, command.payload));
      result.status = WireStatus::kSucceeded;
      result.http_status = 201;
      result.seq = Sequence(1);
      result.body = "{}";
      response.results.push_back(result);
      const std::lock_guard lock(mutex_);
      arrived_.push_back(command.id.value);
    }
    return ToJson(response);
  }

  std::atomic<bool> silent_ = false;
  mutable std::mutex mutex_;
  std::vector<std::string> arrived_;
  ScriptedServer server_;
};

class DeviceHostTest : public testing::Test {
 protected:
  DeviceHostTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "device-host-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    engine::DeviceOptions options;
    options.store.path = folder_ + "/outpost.db";
    options.workspace = WorkspaceId("cafe");
    options.user = UserId("ana");
    options.sync.backoff_ms = {0, 10};
    device_ = engine::Device::Open(options, SystemNow(), random_).value();
    transport_ = HttpTransport::Create(server_.url(), [] { return std::string("token"); }).value();
    host_ = std::make_unique<DeviceHost>(*device_, *transport_, DeviceHost::NoticeSink{});
    host_->Start();
  }
  ~DeviceHostTest() override {
    device_.reset();
    std::filesystem::remove_all(folder_);
  }

  std::string CreateOrder() {
    engine::Intent intent;
    intent.type = "ORDER_CREATE_V1";
    intent.payload = {{"items", json::array{{{"sku", "pie"}, {"name", "Pie"}, {"quantity", 1}, {"unitPrice", 300}}}}};
    return host_->Execute(intent).value().id.value;
  }

  // Turns the loop until `done`, at most for as long as no machine is that slow.
  template <class Condition>
  bool RunUntil(Condition done) {
    const Timestamp deadline = SystemNow() + Milliseconds(20'000);
    while (!done() && SystemNow() < deadline) host_->RunOnce(Milliseconds(20));
    return done();
  }
  std::int64_t waiting() const { return device_->status().waiting; }

  AgreeableServer server_;
  std::string folder_;
  Random random_{11};
  std::unique_ptr<engine::Device> device_;
  std::unique_ptr<HttpTransport> transport_;
  std::unique_ptr<DeviceHost> host_;
};

TEST_F(DeviceHostTest, BringsACommandHome) {
  const std::string id = CreateOrder();
  EXPECT_TRUE(RunUntil([&] { return waiting() == 0; }));
  EXPECT_EQ(server_.arrived(), std::vector<std::string>{id});
}

TEST_F(DeviceHostTest, WithTheLineCutNothingLeavesAndNothingIsLost) {
  EXPECT_TRUE(RunUntil([&] { return device_->status().caught_up; }));
  host_->SetLine(Line::kCut);
  const std::size_t before = server_.requests();
  const std::string id = CreateOrder();
  for (int i = 0; i < 10; ++i) host_->RunOnce(Milliseconds(5));
  EXPECT_EQ(server_.requests(), before);
  EXPECT_EQ(waiting(), 1);
  host_->SetLine(Line::kOpen);
  EXPECT_TRUE(RunUntil([&] { return waiting() == 0; }));
  EXPECT_EQ(server_.arrived(), std::vector<std::string>{id});
}

TEST_F(DeviceHostTest, AnAnswerLostWithTheLineMakesTheSameCommandGoAgain) {
  EXPECT_TRUE(RunUntil([&] { return device_->status().caught_up; }));
  server_.BeSilent(true);
  const std::string id = CreateOrder();
  EXPECT_TRUE(RunUntil([&] { return server_.arrived().size() == 1; }));
  host_->SetLine(Line::kCut);
  EXPECT_EQ(waiting(), 1);
  EXPECT_FALSE(device_->status().online);
  server_.BeSilent(false);
  host_->SetLine(Line::kOpen);
  EXPECT_TRUE(RunUntil([&] { return waiting() == 0; }));
  EXPECT_EQ(server_.arrived(), (std::vector<std::string>{id, id}));
}

TEST_F(DeviceHostTest, WhatTheDeviceTellsIsInItsLogWhenTheTurnEnds) {
  auto log = NoticeLog::OpenIn(folder_).value();
  host_->LogTo(log);
  const std::string id = CreateOrder();
  EXPECT_TRUE(RunUntil([&] { return waiting() == 0; }));
  std::ifstream file(folder_ + "/outpost.log");
  std::string told;
  int sent = 0;
  for (std::string text; std::getline(file, text);) {
    const json::object line = ParseJson(text).value().get_object();
    if (StringOr(line, "command") == id) told += std::string(StringOr(line, "event")) + ";";
    sent += StringOr(line, "event") == "sent" ? 1 : 0;
  }
  EXPECT_EQ(told, "settled;");
  EXPECT_EQ(sent, 1);
}

TEST_F(DeviceHostTest, TurnsWithoutWorkWaitAndEnd) {
  EXPECT_TRUE(RunUntil([&] { return device_->status().caught_up; }));
  const std::size_t before = server_.requests();
  for (int i = 0; i < 5; ++i) host_->RunOnce(Milliseconds(2));
  EXPECT_EQ(server_.requests(), before) << "an idle device does not ask again and again";
}

}  // namespace
}  // namespace outpost::transport
