// Every limit of the protocol from both sides: what just fits is taken, one more is refused with its code.
#include "tests/blackbox/server_fixture.h"

namespace outpost::blackbox {
namespace {

class Limits : public ServerTest {
 protected:
  static void Expect(const Answer& answer, int status, const char* code, const std::string& what) {
    EXPECT_EQ(answer.status, status) << what << " " << answer.text.substr(0, 300);
    EXPECT_EQ(answer.code(), code) << what;
  }
};

constexpr const char* kItem = R"({"sku":"a","name":"A","quantity":1,"unitPrice":1})";

std::string Items(std::size_t count, const std::string& item = kItem) {
  std::string text = R"({"items":[)" + item;
  for (std::size_t i = 1; i < count; ++i) text += "," + item;
  return text + "]}";
}

// The object with blanks before its last brace, so that it has that many bytes.
std::string Padded(std::string object, std::size_t bytes) {
  object.insert(object.size() - 1, bytes - object.size(), ' ');
  return object;
}

// An object of that depth whose only field is unknown: JSON as it should be, but no order.
std::string Nested(std::size_t depth) {
  return "{\"a\":" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
}

TEST_F(Limits, OfABody) {
  constexpr std::size_t kMebibyte = 1u << 20;
  Expect(client_.Post("/pos/orders", Padded(Items(1), kMebibyte)), 201, "", "1 MiB");
  Expect(client_.Post("/pos/orders", Padded(Items(1), kMebibyte + 1)), 413, "BODY_TOO_LARGE", "1 MiB and a byte");
  const std::string empty = R"({"commands":[]})";
  Expect(client_.Post("/sync/commands", Padded(empty, 8 * kMebibyte)), 200, "", "8 MiB");
  Expect(client_.Post("/sync/commands", Padded(empty, 8 * kMebibyte + 1)), 413, "BODY_TOO_LARGE", "8 MiB and a byte");
}

TEST_F(Limits, OfABatch) {
  std::vector<std::string> commands;
  for (int i = 0; i < 1000; ++i) commands.push_back(CommandText(Ulid(i), "NOTHING_V1", "{}"));
  EXPECT_EQ(client_.Push(commands).body.at("results").as_array().size(), 1000u);
  commands.push_back(CommandText(Ulid(1000), "NOTHING_V1", "{}"));
  Expect(client_.Push(commands), 413, "BATCH_TOO_LARGE", "1,001 commands");
}

TEST_F(Limits, OfJson) {
  Expect(client_.Post("/pos/orders", Nested(32)), 422, "VALIDATION_FAILED", "depth 32");
  Expect(client_.Post("/pos/orders", Nested(33)), 400, "MALFORMED_JSON", "depth 33");
  for (const char* number : {"9007199254740991", "-9007199254740991", "1e15", "0.1", "-0"})
    Expect(client_.Post("/pos/orders", std::string("{\"a\":") + number + "}"), 422, "VALIDATION_FAILED", number);
  for (const char* number :
       {"9007199254740992", "-9007199254740992", "9007199254740992.0", "1e17", "1e400", "01", "+1"})
    Expect(client_.Post("/pos/orders", std::string("{\"a\":") + number + "}"), 400, "MALFORMED_JSON", number);
}

TEST_F(Limits, OfAPage) {
  for (const char* path : {"/sync/changes", "/pos/orders", "/catalog/products", "/inventory/stock", "/erp/ledger",
                           "/collections/settings"}) {
    const std::string with = std::string(path) + "?limit=";
    for (const char* good : {"1", "10000"}) Expect(client_.Get(with + good), 200, "", with + good);
    for (const char* bad : {"0", "10001", "-1", "1.0", "x"})
      Expect(client_.Get(with + bad), 400, "INVALID_PARAMETER", with + bad);
  }
}

TEST_F(Limits, OfAnIdAndAKey) {
  const auto with_id = [this](const std::string& id) {
    return client_.Post("/pos/orders", R"({"id":")" + id + R"(",)" + Items(1).substr(1));
  };
  Expect(with_id(std::string(128, 'x')), 201, "", "128");
  Expect(with_id("A.b:c-d_9"), 201, "", "every kind of character");
  Expect(with_id(std::string(129, 'x')), 422, "VALIDATION_FAILED", "129");
  for (const char* field : {"_idempotencyKey", "clientRequestId"}) {
    const auto with_key = [&](std::size_t length) {
      return client_.Post("/pos/orders", "{\"" + std::string(field) + "\":\"" + std::string(length, field[0]) + "\"," +
                                             Items(1).substr(1));
    };
    Expect(with_key(255), 201, "", field);
    Expect(with_key(256), 400, "IDEMPOTENCY_KEY_INVALID", field);
  }
  Expect(client_.Post("/pos/orders", Items(1), {{"Idempotency-Key", std::string(255, 'h')}}), 201, "",
         "a header's key");
}

TEST_F(Limits, OfAnOrder) {
  Expect(client_.Post("/pos/orders", Items(1000)), 201, "", "1,000 items");
  Expect(client_.Post("/pos/orders", Items(1001)), 422, "VALIDATION_FAILED", "1,001 items");
  const Answer twice = client_.Post("/pos/orders", Items(2));
  ASSERT_EQ(twice.body.at("items").as_array().size(), 2u) << "one article twice is two lines";
  EXPECT_NE(twice.At("items.0.lineId"), twice.At("items.1.lineId"));
  const auto priced = [](const char* quantity, const char* price) {
    return Items(1, std::string(R"({"sku":"a","name":"A","quantity":)") + quantity + R"(,"unitPrice":)" + price + "}");
  };
  Expect(client_.Post("/pos/orders", priced("1", "9007199254740991")), 201, "", "the largest total");
  Expect(client_.Post("/pos/orders", priced("-1", "9007199254740991")), 201, "", "the smallest total");
  Expect(client_.Post("/pos/orders", priced("2", "4503599627370496")), 422, "VALIDATION_FAILED", "a total too large");
  Expect(client_.Post("/pos/orders", priced("1", "0")), 201, "", "free");
  Expect(client_.Post("/pos/orders", priced("0", "1")), 422, "VALIDATION_FAILED", "none");
  Expect(client_.Post("/pos/orders", priced("1", "-1")), 422, "VALIDATION_FAILED", "a negative price");
}

// Order of checks: authentication, limits, JSON, key, authorisation, target, schema, version, state. Each request is
// wrong in every way that comes later, too.
TEST_F(Limits, AreCheckedInTheirOrder) {
  const HeaderList no_key = {{"Idempotency-Key", "a b"}};
  const HeaderList stale = {{"If-Match", "\"77\""}};
  const std::string id = client_.Post("/pos/orders", Items(1)).At("id");
  client_.Post("/pos/orders/" + id + "/cancel", "");
  const std::string order = "/pos/orders/" + id;
  const Client kitchen = As("kit", {"kitchen"});
  const std::string large = "{" + std::string(1u << 20, ' ');
  Expect(Client(port(), "").Post("/pos/orders", large, no_key), 401, "UNAUTHENTICATED", "no token");
  Expect(kitchen.Post("/pos/orders", large, no_key), 413, "BODY_TOO_LARGE", "too large");
  Expect(kitchen.Post("/pos/orders", "{", no_key), 400, "MALFORMED_JSON", "no JSON");
  Expect(kitchen.Post("/pos/orders/nobody/close", "{}", no_key), 400, "IDEMPOTENCY_KEY_INVALID", "no key");
  Expect(kitchen.Post("/pos/orders/nobody/close", "{}"), 403, "FORBIDDEN", "not allowed");
  Expect(client_.Post("/pos/orders/nobody/close", "{}"), 404, "NOT_FOUND", "no target");
  Expect(client_.Send("PATCH", order, R"({"tableId":7})", stale), 422, "VALIDATION_FAILED", "not as the schema says");
  Expect(client_.Send("PATCH", order, R"({"tableId":"7"})", stale), 412, "VERSION_CONFLICT", "another version");
  Expect(client_.Send("PATCH", order, R"({"tableId":"7"})", {{"If-Match", "\"2\""}}), 409, "INVALID_STATE_TRANSITION",
         "not in this state");
}

}  // namespace
}  // namespace outpost::blackbox
