// Who may ask from where and how often, and what an administrator sees: servers with a configuration of their own.
#include <csignal>
#include <cstdlib>
#include <fstream>

#include "http/raw_client.h"
#include "tests/blackbox/server_fixture.h"

namespace outpost::blackbox {
namespace {

class Configured : public testing::Test {
 protected:
  void Start(const std::string& config, std::vector<std::string> more = {}) {
    std::ofstream(folder_.path() + "/outpost.toml") << config;
    more.insert(more.end(), {"--config", folder_.path() + "/outpost.toml"});
    server_ = std::make_unique<RunningServer>(folder_.path() + "/data", more);
    ASSERT_TRUE(server_->ready()) << server_->process().Wait().errors;
    client_ = As("ann");
  }
  Client As(const std::string& user, const std::string& device = "") const {
    return Client(server_->port(), Token(Who{.workspace = "shop", .user = user, .device = device}));
  }

  Folder folder_;
  std::unique_ptr<RunningServer> server_;
  Client client_{0, ""};
};

TEST_F(Configured, ForeignPagesAreLetInByConfigurationOnly) {
  Start("[cors]\norigins = [\"https://app.example\"]\n");
  const HeaderList preflight = {{"Origin", "https://app.example"},
                                {"Access-Control-Request-Method", "POST"},
                                {"Access-Control-Request-Headers", "authorization,idempotency-key"}};
  const Answer allowed = Client(server_->port(), "").Send("OPTIONS", "/pos/orders", "", preflight);
  EXPECT_EQ(allowed.status, 204);
  EXPECT_EQ(allowed.headers.Get("Access-Control-Allow-Origin"), "https://app.example");
  EXPECT_NE(allowed.headers.Get("Access-Control-Allow-Methods").find("POST"), std::string_view::npos);
  for (const char* name : {"Authorization", "Content-Type", "Idempotency-Key", "If-Match", "Last-Event-ID",
                           "Outpost-Device", "traceparent"}) {
    EXPECT_NE(allowed.headers.Get("Access-Control-Allow-Headers").find(name), std::string_view::npos) << name;
  }
  const Answer order = client_.Post("/pos/orders", OrderBody(), {{"Origin", "https://app.example"}});
  EXPECT_EQ(order.headers.Get("Access-Control-Allow-Origin"), "https://app.example");
  for (const char* name : {"ETag", "Location", "Retry-After", "Idempotency-Replayed", "Outpost-Receipt"}) {
    EXPECT_NE(order.headers.Get("Access-Control-Expose-Headers").find(name), std::string_view::npos) << name;
  }
  const Answer refused = Client(server_->port(), "").Get("/pos/orders", {{"Origin", "https://app.example"}});
  EXPECT_EQ(refused.status, 401);
  EXPECT_EQ(refused.headers.Get("Access-Control-Allow-Origin"), "https://app.example")
      << "a page must be able to read why";
  const Answer evil = client_.Get("/pos/orders", {{"Origin", "https://evil.example"}});
  EXPECT_EQ(evil.headers.Find("Access-Control-Allow-Origin"), nullptr);
  EXPECT_EQ(Client(server_->port(), "")
                .Send("OPTIONS", "/pos/orders", "",
                      {{"Origin", "https://evil.example"}, {"Access-Control-Request-Method", "POST"}})
                .status,
            405);
}

TEST_F(Configured, AUserWhoAsksTooOftenIsToldToWait) {
  Start("[limits]\nuser_rate = 0.5\nuser_burst = 3\n");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client_.Get("/pos/orders").status, 200) << i;
  const Answer limited = client_.Get("/pos/orders");
  EXPECT_EQ(limited.status, 429);
  EXPECT_EQ(limited.code(), "RATE_LIMITED");
  EXPECT_GE(std::atoi(std::string(limited.headers.Get("Retry-After")).c_str()), 1);
  EXPECT_EQ(client_.Push({}).status, 429);
  EXPECT_EQ(As("bob").Get("/pos/orders").status, 200) << "one user does not spend another's";
  EXPECT_EQ(client_.Get("/healthz").status, 200);
}

TEST_F(Configured, ADeviceHasALimitOfItsOwn) {
  Start("[limits]\ndevice_rate = 0.5\ndevice_burst = 2\n");
  const Client till = As("ann", "till-1");
  EXPECT_EQ(till.Get("/pos/orders").status, 200);
  EXPECT_EQ(As("bob", "till-1").Get("/pos/orders").status, 200);
  EXPECT_EQ(till.Get("/pos/orders").status, 429);
  EXPECT_EQ(As("ann", "till-2").Get("/pos/orders").status, 200);
  EXPECT_EQ(client_.Get("/pos/orders", {{"Outpost-Device", "till-1 first"}}).status, 429);
}

TEST_F(Configured, EveryAnswerCarriesTheSecurityHeaders) {
  Start("");
  for (const char* path : {"/pos/orders", "/healthz", "/openapi.json", "/nothing"}) {
    const Answer answer = client_.Get(path);
    EXPECT_EQ(answer.headers.Get("X-Content-Type-Options"), "nosniff") << path;
    EXPECT_EQ(answer.headers.Get("X-Frame-Options"), "DENY") << path;
    EXPECT_EQ(answer.headers.Get("Referrer-Policy"), "no-referrer") << path;
    EXPECT_FALSE(answer.headers.Get("Content-Security-Policy").empty()) << path;
    EXPECT_EQ(answer.headers.Find("Server"), nullptr) << path;
  }
}

TEST_F(Configured, SlowClientsAreCut) {
  Start("[limits]\nheader_time = \"300ms\"\nbody_time = \"300ms\"\n");
  http::RawClient head(server_->port());
  head.Send("GET /healthz HTTP/1.1\r\nHost:");
  EXPECT_TRUE(head.IsClosed());
  http::RawClient body(server_->port());
  body.Send("POST /pos/orders HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + client_.token() +
            "\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{");
  EXPECT_TRUE(body.IsClosed());
  EXPECT_EQ(client_.Get("/healthz").status, 200);
}

TEST_F(Configured, JobsAreVisibleAndRunByHand) {
  Start("");
  const Client admin(server_->port(), Token(Who{.workspace = "shop", .user = "eve", .roles = {"admin"}}));
  const Answer before = admin.Get("/admin/jobs");
  ASSERT_EQ(before.status, 200) << before.text;
  EXPECT_EQ(before.At("items.0.name"), "purge");
  EXPECT_EQ(before.At("items.0.lastResult"), "");
  EXPECT_FALSE(before.At("items.0.nextRunAt").empty());
  EXPECT_EQ(admin.Post("/admin/jobs/purge/run", "").status, 200);
  Answer after = admin.Get("/admin/jobs");
  for (int i = 0; i < 1000 && after.At("items.0.lastResult").empty(); ++i) after = admin.Get("/admin/jobs");
  EXPECT_EQ(after.At("items.0.lastResult"), "ok") << after.text;
  EXPECT_EQ(after.At("items.0.runs"), "1");
  EXPECT_EQ(admin.Post("/admin/jobs/dishes/run", "").status, 404);
}

TEST_F(Configured, WhatIsKnownOfAJobOutlivesTheProcess) {
  const auto admin = [&] {
    return Client(server_->port(), Token(Who{.workspace = "shop", .user = "eve", .roles = {"admin"}}));
  };
  Start("");
  ASSERT_EQ(admin().Post("/admin/jobs/purge/run", "").status, 200);
  Answer before = admin().Get("/admin/jobs");
  for (int i = 0; i < 1000 && before.At("items.0.lastResult").empty(); ++i) before = admin().Get("/admin/jobs");
  ASSERT_EQ(before.At("items.0.lastResult"), "ok");
  server_->process().Signal(SIGKILL);
  server_->process().Wait();
  Start("");
  EXPECT_EQ(admin().Get("/admin/jobs").text, before.text);
}

// What is kept for no time at all is gone after a purge: a replay then tells what became of the order.
TEST_F(Configured, AReplayWhoseAnswerWasPurged) {
  Start("[keep]\noutcomes = \"1ms\"\n");
  const Client admin(server_->port(), Token(Who{.workspace = "shop", .user = "eve", .roles = {"admin"}}));
  const HeaderList key = {{"Idempotency-Key", Ulid(1)}};
  const Answer first = client_.Post("/pos/orders", OrderBody(), key);
  ASSERT_EQ(first.status, 201);
  client_.Send("PATCH", "/pos/orders/" + first.At("id"), R"({"tableId":"9"})");
  client_.Post("/pos/orders", OrderBody());  // the row at the head stays
  admin.Post("/admin/jobs/purge/run", "");
  Answer jobs = admin.Get("/admin/jobs");
  for (int i = 0; i < 1000 && jobs.At("items.0.lastResult").empty(); ++i) jobs = admin.Get("/admin/jobs");
  const Answer again = client_.Post("/pos/orders", OrderBody(), key);
  EXPECT_EQ(again.status, 409) << again.text;
  EXPECT_EQ(again.code(), "IDEMPOTENCY_DUPLICATE");
  EXPECT_EQ(again.At("existingResource.id"), first.At("id"));
  EXPECT_EQ(again.At("existingResource.tableId"), "9") << "as it is now";
  const Answer batch = client_.Push({CommandText(Ulid(1), "ORDER_CREATE_V1", OrderBody())});
  EXPECT_EQ(batch.At("results.0.status"), "SUCCEEDED") << batch.text;
  EXPECT_EQ(batch.At("results.0.replayed"), "true");
  EXPECT_EQ(batch.At("results.0.body.tableId"), "9");
  EXPECT_EQ(client_.Get("/pos/orders").body.at("items").as_array().size(), 2u) << "and nothing was made twice";
}

}  // namespace
}  // namespace outpost::blackbox
