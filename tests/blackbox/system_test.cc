// What operators and tools ask, and what every answer carries.
#include <set>

#include "tests/blackbox/server_fixture.h"

namespace outpost::blackbox {
namespace {

class System : public ServerTest {
 protected:
  Client Nobody() const { return Client(port(), ""); }
};

TEST_F(System, HealthNeedsNoToken) {
  EXPECT_EQ(Nobody().Get("/healthz").status, 200);
  EXPECT_EQ(Nobody().Get("/readyz").status, 200);
  EXPECT_EQ(Nobody().Send("HEAD", "/healthz", "").status, 200);
}

TEST_F(System, MetricsCountAndNameNoTenant) {
  client_.Post("/pos/orders", OrderBody());
  const Answer answer = Nobody().Get("/metrics");
  EXPECT_EQ(answer.status, 200);
  EXPECT_NE(answer.text.find("outpost_http_requests_total{status=\"2xx\"}"), std::string::npos);
  EXPECT_NE(answer.text.find("outpost_commands_total{outcome=\"succeeded\"}"), std::string::npos);
  EXPECT_NE(answer.text.find("outpost_http_request_seconds_bucket"), std::string::npos);
  EXPECT_EQ(answer.text.find(workspace()), std::string::npos);
  EXPECT_EQ(answer.text.find("ann"), std::string::npos);
}

TEST_F(System, TheOpenApiDocumentListsWhatIsAnswered) {
  const Answer answer = Nobody().Get("/openapi.json");
  ASSERT_EQ(answer.status, 200);
  EXPECT_EQ(answer.At("openapi"), "3.1.0");
  const json::object& paths = answer.body.at("paths").as_object();
  for (const char* path : {"/sync/commands", "/sync/changes", "/sync/status", "/pos/orders", "/pos/orders/{id}",
                           "/kds/queue", "/openapi.json"}) {
    EXPECT_TRUE(paths.contains(path)) << path;
  }
  EXPECT_EQ(paths.at("/pos/orders").at("post").at("x-outpost-command").as_string(), "ORDER_CREATE_V1");
}

TEST_F(System, TheDemoIsNotThereUnlessAskedFor) {
  EXPECT_EQ(Nobody().Get("/").status, 404);
  EXPECT_EQ(Nobody().Post("/auth/demo-token", "{}").status, 404);
}

TEST_F(System, ARequestIdGoesInAndOut) {
  EXPECT_EQ(client_.Get("/sync/status", {{"X-Request-Id", "req-1"}}).headers.Get("X-Request-Id"), "req-1");
  EXPECT_EQ(client_.Get("/sync/status").headers.Get("X-Request-Id").size(), 26u);
  const Answer hostile = client_.Get("/sync/status", {{"X-Request-Id", "a b\"{}"}});
  EXPECT_EQ(hostile.headers.Get("X-Request-Id").size(), 26u);
}

TEST_F(System, AnswersAreNeitherSniffedNorStored) {
  for (const char* path : {"/sync/status", "/nothing"}) {
    const Answer answer = client_.Get(path);
    EXPECT_EQ(answer.headers.Get("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(answer.headers.Get("Cache-Control"), "no-store");
  }
}

TEST_F(System, EveryListHasItemsCursorAndMore) {
  const Client admin = As("root", {"admin"});
  for (const char* path : {"/pos/orders", "/catalog/products", "/inventory/stock", "/erp/ledger", "/collections",
                           "/collections/settings", "/admin/devices", "/admin/jobs"}) {
    const Answer answer = admin.Get(path);
    ASSERT_EQ(answer.status, 200) << path;
    const json::object& list = answer.body.as_object();
    EXPECT_TRUE(list.at("items").is_array()) << path;
    EXPECT_TRUE(list.contains("cursor")) << path;
    EXPECT_EQ(list.at("more"), json::value(false)) << path;
  }
}

TEST_F(System, EveryResourceSaysWhoseAndWhenAndWhichVersion) {
  const std::string order = "/pos/orders/" + client_.Post("/pos/orders", OrderBody()).At("id");
  client_.Post(order + "/send-to-kitchen", "");
  client_.Post(order + "/close", R"({"payment":{"method":"CASH","amount":2150}})");
  client_.Send("PUT", "/catalog/products/tea", R"({"name":"Tea","price":1})");
  client_.Send("PUT", "/collections/settings/a", R"({"doc":{}})");
  const Answer page = client_.Get("/sync/changes");
  std::set<std::string> collections;
  for (const json::value& change : page.body.at("changes").as_array()) {
    const json::object& doc = change.at("doc").as_object();
    collections.emplace(change.at("collection").as_string());
    EXPECT_EQ(doc.at("id"), change.at("id"));
    EXPECT_EQ(doc.at("version"), change.at("version"));
    EXPECT_EQ(doc.at("createdBy"), json::value("ann"));
    for (const char* time : {"createdAt", "updatedAt"}) {
      const std::string text(doc.at(time).as_string());  // 2026-11-20T10:00:00.000Z
      EXPECT_EQ(text.size(), 24u) << text;
      EXPECT_EQ(text.substr(19, 1) + text.substr(23), ".Z") << text;
    }
  }
  EXPECT_EQ(collections, (std::set<std::string>{"ledger", "orders", "products", "settings", "stock", "tickets"}));
  EXPECT_EQ(client_.Get(order).headers.Get("ETag"), "\"3\"");
}

TEST_F(System, StatusKnowsADeviceByItsLastCommand) {
  const std::string create = CommandText(Ulid(1), "ORDER_CREATE_V1", OrderBody(), R"(,"n":1)");
  EXPECT_EQ(
      client_
          .Push({create},
                R"("deviceId":"till-1","incarnation":"i1","report":{"waiting":3,"quarantined":1,"release":"1.0.0"},)")
          .status,
      200);
  const Answer status = client_.Get("/sync/status?deviceId=till-1");
  ASSERT_EQ(status.status, 200) << status.text;
  EXPECT_EQ(status.At("device.id"), "till-1");
  EXPECT_EQ(status.At("device.highestN"), "1");
  EXPECT_EQ(status.At("device.lastCommandId"), Ulid(1));
  EXPECT_EQ(status.At("device.acknowledged"), "1");
  EXPECT_FALSE(status.At("epoch").empty());
  EXPECT_FALSE(status.At("head").empty());
  EXPECT_FALSE(status.At("serverTime").empty());
  EXPECT_EQ(status.At("device.refused"), "0");
  EXPECT_EQ(client_.Get("/sync/status").body.as_object().count("device"), 0u) << "of none when none is named";
  EXPECT_TRUE(client_.Get("/sync/status?deviceId=unheard").body.at("device").is_null());
  const Answer fleet = As("root", {"admin"}).Get("/admin/devices");
  EXPECT_EQ(fleet.At("items.0.id"), "till-1") << fleet.text;
  EXPECT_EQ(fleet.At("items.0.waiting"), "3");
  EXPECT_EQ(fleet.At("items.0.quarantined"), "1");
}

}  // namespace
}  // namespace outpost::blackbox
