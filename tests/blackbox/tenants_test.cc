// Tenant isolation as a property: two workspaces and every role, random requests of each against every route of the
// server, naming everything the other has. Whatever comes back, in answers, errors, replays, streams and metrics,
// carries nothing of the other workspace, and the other workspace does not move.
#include <random>

#include "tests/blackbox/live_client.h"
#include "tests/blackbox/server_fixture.h"

namespace outpost::blackbox {
namespace {

constexpr int kRequests = 800;

class Tenants : public ServerTest {};

std::vector<std::string> RoutesOf(const Answer& document) {
  std::vector<std::string> routes;
  for (const auto& path : document.body.at("paths").as_object()) {
    for (const auto& method : path.value().as_object()) {
      std::string name(method.key());
      for (char& c : name) c = static_cast<char>(std::toupper(c));
      routes.push_back(name + " " + std::string(path.key()));
    }
  }
  return routes;
}

const std::vector<std::vector<std::string>> kRoles = {{"admin"}, {"staff"}, {"kitchen"}, {"guest"}, {"terminal"}, {}};
const std::vector<std::string> kBodies = {"",
                                          "{}",
                                          R"({"tableId":"x"})",
                                          R"({"items":[{"sku":"SKU","name":"n","quantity":1,"unitPrice":1}]})",
                                          R"({"payment":{"method":"CASH","amount":1}})",
                                          R"({"doc":{"a":1}})",
                                          R"({"patch":{"v":"x"}})",
                                          R"({"delta":1})",
                                          R"({"values":[1]})",
                                          R"({"sku":"SKU","delta":1,"reason":"r"})",
                                          R"({"sku":"SKU","quantity":1})",
                                          R"({"quantity":2})"};

// A workspace with something of everything, each thing carrying the workspace's mark.
struct Tenant {
  std::string workspace;
  std::string mark;
  std::vector<std::string> ids;
  std::vector<std::string> cursors;

  Client As(std::uint16_t port, const std::string& user, const std::vector<std::string>& roles) const {
    return Client(port, Token(Who{.workspace = workspace, .user = user, .roles = roles}));
  }
};

Tenant MakeTenant(std::uint16_t port, const std::string& name) {
  Tenant made{"ws-" + name, "mark-of-" + name, {}, {}};
  const Client owner = made.As(port, made.mark + "-owner", {"staff"});
  const std::string sku = made.mark + "-sku", order_id = made.mark + "-order";
  const Answer order = owner.Post("/pos/orders",
                                  R"({"id":")" + order_id + R"(","items":[{"sku":")" + sku + R"(","name":")" +
                                      made.mark + R"(","quantity":1,"unitPrice":1,"station":"grill"}]})",
                                  {{"Idempotency-Key", made.mark + "-key"}});
  owner.Post("/pos/orders/" + order_id + "/send-to-kitchen", "");
  owner.Send("PUT", "/catalog/products/" + sku, R"({"name":")" + made.mark + R"(","price":1})");
  owner.Post("/inventory/counts", R"({"sku":")" + sku + R"(","quantity":3})");
  owner.Send("PUT", "/collections/settings/" + made.mark, R"({"doc":{"v":")" + made.mark + "\"}}");
  owner.Push({CommandText(made.mark + "-command", "INVENTORY_ADJUST_V1",
                          R"({"sku":")" + sku + R"(","delta":1,"reason":")" + made.mark + "\"}", ",\"n\":1")},
             R"(,"deviceId":")" + made.mark + R"(-till","incarnation":"i")");
  const std::string ticket = owner.Get("/kds/queue").At("tickets.0.id");
  made.ids = {order_id,
              sku,
              made.mark,
              made.mark + "-key",
              made.mark + "-command",
              made.mark + "-till",
              order.At("items.0.lineId"),
              ticket};
  made.cursors = {owner.Get("/sync/changes?limit=1").At("cursor"), owner.Get("/sync/status").At("head"),
                  owner.Get("/pos/orders?limit=1").At("cursor"), owner.Get("/kds/queue").At("cursor")};
  return made;
}

// The feed and the head: whatever a workspace holds.
std::string StandOf(std::uint16_t port, const Tenant& tenant) {
  const Client owner = tenant.As(port, "looks", {"admin"});
  return owner.Get("/sync/changes").text + owner.Get("/sync/status").At("head");
}

class Attack {
 public:
  Attack(std::uint16_t port, std::vector<std::string> routes) : port_(port), routes_(std::move(routes)) {}

  // One random request of `from` about what `to` has.
  void Try(const Tenant& from, const Tenant& to) {
    const std::string& route = Pick(routes_);
    const std::string method = route.substr(0, route.find(' '));
    std::string path = Filled(route.substr(route.find(' ') + 1), to);
    if (path == "/sync/live") return;  // goes on for ever: Watch has it
    if (method == "GET" && random_() % 2 == 0)
      path +=
          "?cursor=" + Pick(to.cursors) + "&since=" + Pick(to.cursors) + "&sku=" + to.ids[1] + "&deviceId=" + to.ids[5];
    HeaderList headers;
    if (random_() % 2 == 0) headers.push_back({"Idempotency-Key", Pick(to.ids)});
    if (random_() % 4 == 0) headers.push_back({"Outpost-Device", to.ids[5] + " i"});
    std::string body = method == "GET" ? "" : WithSku(Pick(kBodies), to);
    if (path == "/sync/commands") body = Commands(to);
    const Answer answer = from.As(port_, "mallory", Pick(kRoles)).Send(method, path, body, headers);
    ASSERT_NE(answer.status, 0) << method << " " << path;
    EXPECT_LT(answer.status, 500) << method << " " << path << " " << body << " " << answer.text;
    ExpectNothingOf(to, answer, method + " " + path + " " + body);
  }

  // Ids that the asker named itself may come back as an echo; what only the other workspace holds may not.
  void ExpectNothingOf(const Tenant& to, const Answer& answer, const std::string& what) {
    for (const std::string& secret : {R"("name":")" + to.mark, R"("v":")" + to.mark, to.mark + "-owner"})
      EXPECT_EQ(answer.text.find(secret), std::string::npos) << secret << " in " << what << ": " << answer.text;
  }

 private:
  template <class T>
  const T& Pick(const std::vector<T>& list) {
    return list[random_() % list.size()];
  }
  std::string Filled(std::string path, const Tenant& to) {
    for (std::size_t open = path.find('{'); open != std::string::npos; open = path.find('{')) {
      const std::size_t close = path.find('}', open);
      const bool collection = path.substr(open, close - open) == "{collection";
      path.replace(open, close - open + 1, collection ? std::string("settings") : Pick(to.ids));
    }
    return path;
  }
  static std::string WithSku(std::string body, const Tenant& to) {
    if (const std::size_t at = body.find("SKU"); at != std::string::npos) body.replace(at, 3, to.ids[1]);
    return body;
  }
  std::string Commands(const Tenant& to) {
    return R"({"commands":[)" + CommandText(Pick(to.ids), "ORDER_CANCEL_V1", R"({"id":")" + to.ids[0] + "\"}") + "," +
           CommandText(Ulid(++made_), "COMMAND_DISCARD_V1", R"({"id":")" + Pick(to.ids) + "\"}") + "]}";
  }

  std::uint16_t port_;
  std::vector<std::string> routes_;
  std::mt19937 random_{20261120};
  int made_ = 0;
};

TEST_F(Tenants, NothingCrosses) {
  const Tenant tenants[] = {MakeTenant(port(), "north"), MakeTenant(port(), "south")};
  const std::vector<std::string> routes = RoutesOf(client_.Get("/openapi.json"));
  ASSERT_GT(routes.size(), 30u);
  Attack attack(port(), routes);
  for (int i = 0; i < 2 && !HasFailure(); ++i) {
    const Tenant& from = tenants[i];
    const Tenant& to = tenants[1 - i];
    const std::string stand = StandOf(port(), to);
    for (int request = 0; request < kRequests / 2 && !HasFailure(); ++request) attack.Try(from, to);
    EXPECT_EQ(StandOf(port(), to), stand) << "the other workspace has moved";
    for (const std::string& cursor : to.cursors) {
      if (cursor.empty()) continue;
      const Answer answer = from.As(port(), "eve", {"admin"}).Get("/sync/changes?cursor=" + cursor);
      EXPECT_EQ(answer.code(), "CURSOR_INVALID") << answer.text;
    }
  }
  const std::string metrics = client_.Get("/metrics").text;
  for (const Tenant& tenant : tenants) {
    EXPECT_EQ(metrics.find(tenant.workspace), std::string::npos);
    EXPECT_EQ(metrics.find(tenant.mark), std::string::npos);
  }
}

// Streams and long polls of every role, open while the other workspace writes: they say nothing, and end with what
// their own workspace writes next.
TEST_F(Tenants, StreamsTellOnlyOfTheirOwnWorkspace) {
  const Tenant other = MakeTenant(port(), "busy");
  const Tenant own = MakeTenant(port(), "calm");
  std::vector<std::unique_ptr<EventStream>> streams;
  for (const auto& roles : kRoles) {
    for (const std::string query : {"", "?collections=orders", "?collections=tickets&scope=station:grill"}) {
      streams.push_back(std::make_unique<EventStream>(own.As(port(), "listens", roles), query));
      ASSERT_EQ(streams.back()->status(), 200) << query;
    }
  }
  WebSocketClient socket(port(), "", own.As(port(), "listens", {"staff"}).token(), true);
  ASSERT_EQ(socket.status(), 101);
  const Client busy = other.As(port(), "writes", {"staff"});
  const auto sell = [](const Client& client, const std::string& mark) {
    const Answer order = client.Post("/pos/orders", R"({"items":[{"sku":"a","name":")" + mark +
                                                        R"(","quantity":1,"unitPrice":1,"station":"grill"}]})");
    client.Post("/pos/orders/" + order.At("id") + "/send-to-kitchen", "");
  };
  for (int i = 0; i < 20; ++i) sell(busy, "not-for-you");
  sell(own.As(port(), "sells", {"staff"}), "for-you");
  for (const std::size_t listener : {0u, 1u, 2u, 3u, 4u, 5u, 6u, 7u, 8u}) {  // admin, staff, kitchen
    const auto event = streams[listener]->Next();
    ASSERT_TRUE(event.has_value()) << listener;
    EXPECT_EQ(json::serialize(event->data).find("not-for-you"), std::string::npos) << listener;
  }
  const auto message = socket.Next();
  ASSERT_TRUE(message.has_value());
  EXPECT_NE(message->payload.find("for-you"), std::string::npos);
  EXPECT_EQ(message->payload.find("not-for-you"), std::string::npos);
}

// Each role against each row: what the protocol gives it, and nothing beyond.
TEST_F(Tenants, RolesReadWhatTheyMay) {
  ASSERT_EQ(client_.Post("/pos/orders", OrderBody()).status, 201);
  struct Row {
    const char* path;
    const char* allowed;  // roles
  };
  const Row rows[] = {
      {"/pos/orders", "admin staff terminal kitchen"},
      {"/kds/queue", "admin staff terminal kitchen"},
      {"/catalog/products", "admin staff terminal kitchen"},
      {"/inventory/stock", "admin staff terminal"},
      {"/erp/ledger", "admin staff terminal"},
      {"/collections/settings", "admin staff terminal"},
      {"/collections/reservations", "admin staff terminal guest"},
      {"/admin/devices", "admin"},
      {"/admin/jobs", "admin"},
      {"/sync/changes", "admin staff terminal kitchen guest none"},
  };
  for (const Row& row : rows) {
    for (const std::string role : {"admin", "staff", "terminal", "kitchen", "guest", "none"}) {
      const std::vector<std::string> roles =
          role == "none" ? std::vector<std::string>() : std::vector<std::string>{role};
      const Answer answer = As("someone", roles).Get(row.path);
      const bool allowed = std::string_view(row.allowed).find(role) != std::string_view::npos;
      EXPECT_EQ(answer.status, allowed ? 200 : 403) << role << " " << row.path << " " << answer.text;
    }
  }
  EXPECT_EQ(As("gil", {"guest"}).Get("/sync/changes").At("changes"), "[]");
  EXPECT_EQ(As("kit", {"kitchen"}).Post("/pos/orders", OrderBody()).code(), "FORBIDDEN");
  EXPECT_EQ(As("gil", {"guest"}).Post("/pos/orders", OrderBody()).code(), "FORBIDDEN");
}

}  // namespace
}  // namespace outpost::blackbox
