// Bad inputs as tables: every field of every command, and every way to ask wrongly over HTTP. Each has its exact status
// and code; afterwards the server still answers and the workspace stands where it stood.
#include <gtest/gtest.h>

#include "tests/blackbox/server_fixture.h"

namespace outpost::blackbox {
namespace {

// A payload that would be taken, and what each field must not be.
struct Family {
  const char* type;
  const char* payload;  // ORDER stands for an order that exists, TICKET for its ticket
  struct Field {
    const char* path;                 // in the payload, "items.0.sku"
    const char* named;                // as the error names it; null: the same, in the protocol's spelling
    std::vector<std::string> values;  // JSON text; "-" leaves the field out
  };
  std::vector<Field> fields;
};

std::string Long(std::size_t length) { return "\"" + std::string(length, 'x') + "\""; }

const std::vector<std::string> kNoId = {"7", "\"\"", "\"a b\"", "\"é\"", "\"a/b\"", "{}", "[]", "true", Long(129)};
std::vector<std::string> Required(std::vector<std::string> values) {
  values.push_back("-");
  values.push_back("null");
  return values;
}
const std::vector<std::string> kNoText = {"7", "{}", "[]", "false", Long(1001)};
const std::vector<std::string> kNoFilledText = {"7", "{}", "[]", "\"\"", Long(1001), "-", "null"};
const std::vector<std::string> kNoNote = {"7", "{}", "[]", Long(2001)};
const std::vector<std::string> kNoQuantity = {"0", "1.5", "\"1\"", "1000000001", "-1000000001", "true", "-", "null"};
const std::vector<std::string> kNoPrice = {"-1", "1.5", "\"1\"", "[]", "-", "null"};
const std::vector<std::string> kUnknown = {"1", "null"};

std::vector<Family> Families() {
  const char* item = R"({"sku":"a","name":"A","quantity":1,"unitPrice":100,"station":"grill","note":"n"})";
  static const std::string create = std::string(R"({"id":"NEW","tableId":"1","items":[)") + item + "]}";
  static const std::string modify = std::string(R"({"id":"ORDER","tableId":"1","items":[)") + item + "]}";
  static const std::string add = std::string(R"({"id":"ORDER","items":[)") + item + "]}";
  const std::vector<Family::Field> item_fields = {
      {"items", nullptr, {"{}", "[]", "7", "\"x\"", "[7]", "[[]]"}},
      {"items.0.sku", nullptr, kNoFilledText},
      {"items.0.name", nullptr, kNoFilledText},
      {"items.0.quantity", nullptr, kNoQuantity},
      {"items.0.unitPrice", nullptr, kNoPrice},
      {"items.0.station", nullptr, kNoText},
      {"items.0.note", nullptr, kNoNote},
      {"items.0.colour", nullptr, kUnknown},
      {"colour", nullptr, kUnknown},
  };
  const auto with = [&](std::vector<Family::Field> fields, bool items_required) {
    for (Family::Field field : item_fields) {
      if (items_required && std::string_view(field.path) == "items") field.values = Required(field.values);
      fields.push_back(std::move(field));
    }
    return fields;
  };
  std::vector<Family> families = {
      {"ORDER_CREATE_V1", create.c_str(), with({{"id", nullptr, kNoId}, {"tableId", nullptr, kNoText}}, true)},
      {"ORDER_MODIFY_V1", modify.c_str(),
       with({{"id", nullptr, Required(kNoId)}, {"tableId", nullptr, kNoText}}, false)},
      {"ORDER_ADD_ITEMS_V1", add.c_str(), with({{"id", nullptr, Required(kNoId)}}, true)},
      {"ORDER_CHANGE_LINE_V1",
       R"({"id":"ORDER","lineId":"LINE","quantity":2,"note":"n","unitPrice":1,"name":"A"})",
       {{"id", nullptr, Required(kNoId)},
        {"lineId", nullptr, Required(kNoId)},
        {"quantity", nullptr, {"0", "1.5", "\"1\"", "1000000001"}},
        {"note", nullptr, kNoNote},
        {"unitPrice", nullptr, {"-1", "1.5", "\"1\""}},
        {"name", nullptr, {"7", "\"\"", Long(1001)}},
        {"colour", nullptr, kUnknown}}},
      {"ORDER_REMOVE_LINE_V1",
       R"({"id":"ORDER","lineId":"LINE"})",
       {{"id", nullptr, Required(kNoId)}, {"lineId", nullptr, Required(kNoId)}, {"colour", nullptr, kUnknown}}},
      {"ORDER_CLOSE_V1",
       R"({"id":"ORDER","payment":{"method":"CASH","amount":100}})",
       {{"id", nullptr, Required(kNoId)},
        {"payment", nullptr, Required({"7", "[]", "\"CASH\""})},
        {"payment.method", nullptr, Required({"7", "\"\"", "\"cash\"", "\"CHEQUE\""})},
        {"payment.amount", nullptr, Required({"1.5", "\"1\"", "{}"})},
        {"payment.colour", nullptr, kUnknown},
        {"colour", nullptr, kUnknown}}},
      {"PRODUCT_PUT_V1",
       R"({"sku":"tea","name":"Tea","price":1,"station":"bar","category":"c","variants":[{"sku":"tea-l","name":"L","price":2}]})",
       {{"sku", nullptr, Required(kNoId)},
        {"name", nullptr, kNoFilledText},
        {"price", nullptr, kNoPrice},
        {"station", nullptr, kNoText},
        {"category", nullptr, kNoText},
        {"variants", nullptr, {"7", "{}", "[7]"}},
        {"variants.0.sku", nullptr, Required(kNoId)},
        {"variants.0.name", nullptr, kNoFilledText},
        {"variants.0.price", nullptr, kNoPrice},
        {"variants.0.colour", nullptr, kUnknown},
        {"colour", nullptr, kUnknown}}},
      {"INVENTORY_ADJUST_V1",
       R"({"sku":"tea","delta":1,"reason":"r"})",
       {{"sku", nullptr, Required(kNoId)},
        {"delta", nullptr, kNoQuantity},
        {"reason", nullptr, Required(kNoNote)},
        {"colour", nullptr, kUnknown}}},
      {"INVENTORY_COUNT_V1",
       R"({"sku":"tea","quantity":1})",
       {{"sku", nullptr, Required(kNoId)},
        {"quantity", nullptr, Required({"-1", "1.5", "\"1\"", "1000000001"})},
        {"colour", nullptr, kUnknown}}},
      {"DOCUMENT_CREATE_V1",
       R"({"collection":"settings","id":"s","doc":{"a":1}})",
       {{"collection", nullptr, Required({"7", "\"\"", "\"a b\"", "\"orders\"", "\"_internal\"", "\"nothing\""})},
        {"id", nullptr, kNoId},
        {"doc", nullptr, Required({"7", "[]", "\"x\""})},
        {"colour", nullptr, kUnknown}}},
      {"DOCUMENT_PUT_V1",
       R"({"collection":"settings","id":"s","doc":{"a":1}})",
       {{"collection", nullptr, Required({"7", "\"ledger\"", "\"nothing\""})},
        {"id", nullptr, Required(kNoId)},
        {"doc", nullptr, Required({"7", "[]", "\"x\""})},
        {"colour", nullptr, kUnknown}}},
      {"DOCUMENT_PATCH_V1",
       R"({"collection":"settings","id":"SETTING","patch":{"a":1},"was":{"a":0}})",
       {{"collection", nullptr, Required({"7", "\"stock\""})},
        {"id", nullptr, Required(kNoId)},
        {"patch", nullptr, Required({"7", "[]", "\"x\""})},
        {"was", nullptr, {"7", "[]", "\"x\""}},
        {"colour", nullptr, kUnknown}}},
      {"DOCUMENT_DELETE_V1",
       R"({"collection":"settings","id":"SETTING"})",
       {{"collection", nullptr, Required({"7", "\"tickets\""})},
        {"id", nullptr, Required(kNoId)},
        {"colour", nullptr, kUnknown}}},
      {"COUNTER_ADD_V1",
       R"({"collection":"settings","id":"SETTING","field":"n","delta":1})",
       {{"collection", nullptr, Required({"7", "\"stock\"", "\"nothing\""})},
        {"id", nullptr, Required(kNoId)},
        {"field", nullptr, Required({"7", "\"\"", "\"version\"", "\"id\""})},
        {"delta", nullptr, Required({"1.5", "\"1\""})},
        {"colour", nullptr, kUnknown}}},
      {"LIST_APPEND_V1",
       R"({"collection":"settings","id":"SETTING","field":"l","values":[1]})",
       {{"collection", nullptr, Required({"7", "\"ledger\""})},
        {"id", nullptr, Required(kNoId)},
        {"field", nullptr, Required({"7", "\"\"", "\"createdBy\""})},
        {"values", nullptr, Required({"7", "{}", "[]"})},
        {"colour", nullptr, kUnknown}}},
      {"COMMAND_DISCARD_V1",
       R"({"id":"01K00000000000000000000009"})",
       {{"id", nullptr, Required(kNoId)}, {"colour", nullptr, kUnknown}}},
  };
  for (const char* type : {"ORDER_SEND_TO_KITCHEN_V1", "ORDER_CANCEL_V1"}) {
    families.push_back({type, R"({"id":"ORDER"})", {{"id", nullptr, Required(kNoId)}, {"colour", nullptr, kUnknown}}});
  }
  for (const char* type : {"TICKET_START_V1", "TICKET_MARK_READY_V1", "TICKET_BUMP_V1"}) {
    families.push_back({type, R"({"id":"TICKET"})", {{"id", nullptr, Required(kNoId)}, {"colour", nullptr, kUnknown}}});
  }
  return families;
}

std::string Replaced(std::string text, const std::string& what, const std::string& with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
  return text;
}

// The payload with one field set, or taken out.
std::string With(const std::string& payload, std::string_view path, const std::string& value) {
  json::value root = json::parse(payload);
  json::value* at = &root;
  while (path.find('.') != std::string_view::npos) {
    const std::string_view step = path.substr(0, path.find('.'));
    at = at->is_array() ? &at->as_array().at(static_cast<std::size_t>(std::atoi(std::string(step).c_str())))
                        : &at->as_object()[step];
    path.remove_prefix(step.size() + 1);
  }
  if (value == "-") {
    at->as_object().erase(path);
  } else {
    at->as_object()[path] = json::parse(value);
  }
  return json::serialize(root);
}

class BadInputs : public ServerTest {
 protected:
  std::string Head() { return client_.Get("/sync/status").At("head"); }
};

TEST_F(BadInputs, EachFieldOfEachCommand) {
  const Answer order = client_.Post("/pos/orders", OrderBody());
  ASSERT_EQ(order.status, 201);
  client_.Post("/pos/orders/" + order.At("id") + "/send-to-kitchen", "");
  const std::string ticket = client_.Get("/kds/queue").At("tickets.0.id");
  ASSERT_EQ(client_.Send("PUT", "/collections/settings/setting", R"({"doc":{"a":0}})").status, 201);
  const std::string head = Head();
  int cases = 0;
  for (const Family& family : Families()) {
    std::string payload = Replaced(family.payload, "ORDER", order.At("id"));
    payload = Replaced(Replaced(payload, "TICKET", ticket), "SETTING", "setting");
    payload = Replaced(Replaced(payload, "LINE", order.At("items.0.lineId")), "NEW", "new-order");
    for (const Family::Field& field : family.fields) {
      for (const std::string& value : field.values) {
        const std::string what = std::string(family.type) + " " + field.path + " = " + value.substr(0, 40);
        const Answer answer =
            client_.Push({CommandText(Ulid(++cases + 1000), family.type, With(payload, field.path, value))});
        ASSERT_EQ(answer.status, 200) << what << " " << answer.text;
        EXPECT_EQ(answer.At("results.0.status"), "FAILED") << what << " " << answer.text;
        EXPECT_EQ(answer.At("results.0.httpStatus"), "422") << what;
        EXPECT_EQ(answer.At("results.0.problem.code"), "VALIDATION_FAILED") << what << " " << answer.text;
        EXPECT_EQ(answer.At("results.0.problem.type"), "/problems/validation-failed") << what;
        EXPECT_FALSE(answer.At("results.0.problem.errors.0.message").empty()) << what;
        const std::string named = answer.At("results.0.problem.errors.0.field");
        const std::string spelt = Replaced(Replaced(field.path, ".0.", "[0]."), "..", ".");
        EXPECT_EQ(named.rfind(spelt, 0), 0u) << what << " named " << named;
      }
    }
  }
  EXPECT_GE(cases, 250);
  EXPECT_EQ(Head(), head) << "a refusal changes nothing";
  RecordProperty("cases", cases);
}

struct BadEntry {
  const char* entry;  // of a batch, the whole entry
  const char* code;
  const char* field;
};

TEST_F(BadInputs, EachFieldOfAnEntry) {
  const std::string head = Head();
  const std::string payload = R"("payload":{"items":[{"sku":"a","name":"A","quantity":1,"unitPrice":1}]})";
  const BadEntry entries[] = {
      {R"("payload":{})", "VALIDATION_FAILED", "type"},
      {R"("type":7,PAYLOAD)", "VALIDATION_FAILED", "type"},
      {R"("type":"NO_SUCH_THING_V1",PAYLOAD)", "UNKNOWN_COMMAND_TYPE", ""},
      {R"("type":"ORDER_CREATE_V2",PAYLOAD)", "UNKNOWN_COMMAND_TYPE", ""},
      {R"("type":"ORDER_CREATE",PAYLOAD)", "UNKNOWN_COMMAND_TYPE", ""},
      {R"("type":"order_create_v1",PAYLOAD)", "UNKNOWN_COMMAND_TYPE", ""},
      {R"("type":"ORDER_CREATE_V1")", "VALIDATION_FAILED", "payload"},
      {R"("type":"ORDER_CREATE_V1","payload":[])", "VALIDATION_FAILED", "payload"},
      {R"("type":"ORDER_CREATE_V1","payload":null)", "VALIDATION_FAILED", "payload"},
      {R"("type":"ORDER_CREATE_V1",PAYLOAD,"n":0)", "VALIDATION_FAILED", "n"},
      {R"("type":"ORDER_CREATE_V1",PAYLOAD,"n":-1)", "VALIDATION_FAILED", "n"},
      {R"("type":"ORDER_CREATE_V1",PAYLOAD,"n":1.5)", "VALIDATION_FAILED", "n"},
      {R"("type":"ORDER_CREATE_V1",PAYLOAD,"n":"1")", "VALIDATION_FAILED", "n"},
      {R"("type":"ORDER_CREATE_V1",PAYLOAD,"author":7)", "VALIDATION_FAILED", "author"},
      {R"("type":"ORDER_CREATE_V1",PAYLOAD,"author":"a b")", "VALIDATION_FAILED", "author"},
      {R"("type":"ORDER_CREATE_V1",PAYLOAD,"author":"bob")", "FORBIDDEN", ""},
      {R"("type":"ORDER_CREATE_V1",PAYLOAD,"key":"")", "VALIDATION_FAILED", "key"},
      {R"("type":"ORDER_CREATE_V1",PAYLOAD,"key":7)", "VALIDATION_FAILED", "key"},
      {R"("type":"ORDER_CREATE_V1",PAYLOAD,"key":"a b")", "VALIDATION_FAILED", "key"},
      {R"("type":"ORDER_CREATE_V1",PAYLOAD,"revision":-1)", "VALIDATION_FAILED", "revision"},
      {R"("type":"ORDER_CREATE_V1",PAYLOAD,"revision":"1")", "VALIDATION_FAILED", "revision"},
      {R"("type":"ORDER_CREATE_V1",PAYLOAD,"expectedVersion":-1)", "VALIDATION_FAILED", "expectedVersion"},
      {R"("type":"ORDER_CREATE_V1",PAYLOAD,"expectedVersion":"3")", "VALIDATION_FAILED", "expectedVersion"},
      {R"("type":"ORDER_CREATE_V1",PAYLOAD,"expectedVersion":{"after":7})", "VALIDATION_FAILED", "expectedVersion"},
      {R"("type":"ORDER_CREATE_V1",PAYLOAD,"dependsOn":"x")", "VALIDATION_FAILED", "dependsOn"},
      {R"("type":"ORDER_CREATE_V1",PAYLOAD,"dependsOn":[7])", "VALIDATION_FAILED", "dependsOn"},
      {R"("type":"ORDER_CREATE_V1",PAYLOAD,"dependsOn":["nobody"])", "DEPENDENCY_FAILED", ""},
      {R"("type":"ORDER_CREATE_V1",PAYLOAD,"expectedVersion":{"after":"nobody"})", "DEPENDENCY_FAILED", ""},
      {R"("type":"ORDER_CREATE_V1",PAYLOAD,"replaces":7)", "VALIDATION_FAILED", "replaces"},
      {R"("type":"ORDER_CREATE_V1",PAYLOAD,"createdAt":7)", "VALIDATION_FAILED", "createdAt"},
      {R"("type":"ORDER_CANCEL_V1","payload":{"id":"nobody"})", "NOT_FOUND", ""},
      {R"("type":"TICKET_START_V1","payload":{"id":"nobody"})", "NOT_FOUND", ""},
      {R"("type":"ORDER_CANCEL_V1","payload":{"id":"local_01K00000000000000000000001"})", "DEPENDENCY_FAILED", ""},
  };
  int number = 0;
  for (const BadEntry& bad : entries) {
    const std::string entry = "{\"id\":\"" + Ulid(++number) + "\"," + Replaced(bad.entry, "PAYLOAD", payload) + "}";
    const Answer answer = client_.Push({entry});
    ASSERT_EQ(answer.status, 200) << entry << answer.text;
    EXPECT_EQ(answer.At("results.0.problem.code"), bad.code) << entry << answer.text;
    const std::string named = answer.At("results.0.problem.errors.0.field");
    EXPECT_EQ(named.rfind(bad.field, 0), 0u) << entry << " named " << named;
  }
  for (const char* whole :
       {R"({"commands":[7]})", R"({"commands":[null]})", R"({"commands":[{}]})", R"({"commands":[{"id":7}]})",
        R"({"commands":[{"id":"a b"}]})", R"({"commands":[{"id":""}]})"}) {
    const Answer answer = client_.Post("/sync/commands", whole);
    EXPECT_EQ(answer.status, 400) << whole << answer.text;
    EXPECT_NE(answer.At("detail").find('0'), std::string::npos) << whole << answer.text;
  }
  for (const char* whole :
       {"{}", "[]", "7", R"({"commands":{}})", R"({"commands":"x"})", R"({"commands":[],"deviceId":7})",
        R"({"commands":[],"deviceId":"a b"})", R"({"commands":[],"epoch":7})"}) {
    const Answer answer = client_.Post("/sync/commands", whole);
    EXPECT_GE(answer.status, 400) << whole << answer.text;
    EXPECT_LT(answer.status, 500) << whole << answer.text;
  }
  EXPECT_EQ(Head(), head);
}

struct BadRequest {
  const char* method;
  const char* path;
  const char* body;
  HeaderList headers;
  int status;
  const char* code;
};

TEST_F(BadInputs, EachWayToAskWrongly) {
  const Answer order = client_.Post("/pos/orders", OrderBody());
  const std::string head = Head();
  const BadRequest requests[] = {
      {"GET", "/nothing", "", {}, 404, "NOT_FOUND"},
      {"GET", "/pos/orders/nobody", "", {}, 404, "NOT_FOUND"},
      {"GET", "/pos/orders/%00", "", {}, 404, "NOT_FOUND"},
      {"GET", "/pos/orders/%zz", "", {}, 404, "NOT_FOUND"},
      {"GET", "/pos/orders/%A5", "", {}, 404, "NOT_FOUND"},
      {"POST", "/admin/jobs/purge%A5/run", "", {}, 404, "NOT_FOUND"},
      {"GET", "/pos/orders/\xA5", "", {}, 400, "INVALID_PARAMETER"},
      {"GET", "/pos/orders?status=%A5", "", {}, 400, "INVALID_PARAMETER"},
      {"DELETE", "/pos/orders", "", {}, 405, "METHOD_NOT_ALLOWED"},
      {"PUT", "/sync/commands", "{}", {}, 405, "METHOD_NOT_ALLOWED"},
      {"POST", "/sync/changes", "{}", {}, 405, "METHOD_NOT_ALLOWED"},
      {"POST", "/healthz", "", {}, 405, "METHOD_NOT_ALLOWED"},
      {"BREW", "/pos/orders", "", {}, 405, "METHOD_NOT_ALLOWED"},
      {"POST",
       "/pos/orders",
       "x=1",
       {{"Content-Type", "application/x-www-form-urlencoded"}},
       415,
       "UNSUPPORTED_MEDIA_TYPE"},
      {"POST",
       "/pos/orders",
       "{}",
       {{"Content-Type", "application/json; x"}, {"Content-Encoding", "br"}},
       415,
       "UNSUPPORTED_MEDIA_TYPE"},
      {"POST", "/pos/orders", "[]", {}, 422, "VALIDATION_FAILED"},
      {"POST", "/pos/orders", "7", {}, 422, "VALIDATION_FAILED"},
      {"POST", "/pos/orders", "\"x\"", {}, 422, "VALIDATION_FAILED"},
      {"POST", "/pos/orders", "{", {}, 400, "MALFORMED_JSON"},
      {"POST", "/pos/orders", "{}", {{"Idempotency-Key", "a b"}}, 400, "IDEMPOTENCY_KEY_INVALID"},
      {"POST", "/pos/orders", "{}", {{"Idempotency-Key", "\"\""}}, 400, "IDEMPOTENCY_KEY_INVALID"},
      {"POST",
       "/pos/orders",
       "{}",
       {{"Idempotency-Key", "a"}, {"Idempotency-Key", "b"}},
       400,
       "IDEMPOTENCY_KEY_INVALID"},
      {"POST", "/pos/orders", R"({"_idempotencyKey":7})", {}, 400, "IDEMPOTENCY_KEY_INVALID"},
      {"POST", "/pos/orders", R"({"clientRequestId":""})", {}, 400, "IDEMPOTENCY_KEY_INVALID"},
      {"POST", "/pos/orders/ORDER/items", "", {}, 422, "VALIDATION_FAILED"},
      {"POST", "/pos/orders/nobody/close", R"({"payment":{"method":"CASH","amount":1}})", {}, 404, "NOT_FOUND"},
      {"POST", "/pos/orders/ORDER/close", "", {}, 422, "VALIDATION_FAILED"},
      {"POST",
       "/pos/orders/ORDER/close",
       R"({"payment":{"method":"MOBILE_MONEY","amount":1}})",
       {},
       503,
       "PAYMENT_UNAVAILABLE"},
      {"POST", "/pos/orders/ORDER/lines/nobody", R"({"quantity":1})", {}, 404, "NOT_FOUND"},
      {"DELETE", "/pos/orders/ORDER/lines/nobody", "", {}, 404, "NOT_FOUND"},
      {"PATCH", "/pos/orders/ORDER", R"({"id":"other"})", {}, 422, "VALIDATION_FAILED"},
      {"PATCH", "/pos/orders/ORDER", "{}", {{"If-Match", "7"}}, 400, "INVALID_PARAMETER"},
      {"PATCH", "/pos/orders/ORDER", "{}", {{"If-Match", "\"x\""}}, 400, "INVALID_PARAMETER"},
      {"PATCH", "/pos/orders/ORDER", R"({"expectedVersion":"x"})", {}, 400, "INVALID_PARAMETER"},
      {"PATCH", "/pos/orders/ORDER", R"({"tableId":"9"})", {{"If-Match", "\"77\""}}, 412, "VERSION_CONFLICT"},
      {"PATCH", "/pos/orders/ORDER", R"({"tableId":"9","expectedVersion":77})", {}, 409, "VERSION_CONFLICT"},
      {"POST",
       "/pos/orders",
       R"({"id":"ORDER","items":[{"sku":"a","name":"A","quantity":1,"unitPrice":1}]})",
       {},
       409,
       "ALREADY_EXISTS"},
      {"POST",
       "/pos/orders",
       R"({"items":[{"sku":"a","name":"A","quantity":1000000000,"unitPrice":9007199254740991}]})",
       {},
       422,
       "VALIDATION_FAILED"},
      {"POST", "/kds/tickets/nobody/start", "", {}, 404, "NOT_FOUND"},
      {"PUT", "/catalog/products/tea", R"({"sku":"coffee","name":"C","price":1})", {}, 422, "VALIDATION_FAILED"},
      {"GET", "/catalog/products/nothing", "", {}, 404, "NOT_FOUND"},
      {"GET", "/inventory/stock?sku=nothing", "", {}, 404, "NOT_FOUND"},
      {"GET", "/pos/orders?limit=0", "", {}, 400, "INVALID_PARAMETER"},
      {"GET", "/pos/orders?limit=10001", "", {}, 400, "INVALID_PARAMETER"},
      {"GET", "/pos/orders?limit=x", "", {}, 400, "INVALID_PARAMETER"},
      {"GET", "/pos/orders?limit=1&limit=2", "", {}, 400, "INVALID_PARAMETER"},
      {"GET", "/pos/orders?cursor=x", "", {}, 400, "CURSOR_INVALID"},
      {"GET", "/sync/changes?limit=-1", "", {}, 400, "INVALID_PARAMETER"},
      {"GET", "/sync/changes?collections=nothing", "", {}, 400, "INVALID_PARAMETER"},
      {"GET", "/sync/changes?collections=orders,", "", {}, 400, "INVALID_PARAMETER"},
      {"GET", "/sync/changes?collections=_variant", "", {}, 400, "INVALID_PARAMETER"},
      {"GET", "/sync/changes?scope=grill", "", {}, 400, "INVALID_PARAMETER"},
      {"GET", "/sync/changes?scope=:grill", "", {}, 400, "INVALID_PARAMETER"},
      {"GET", "/sync/changes?scope=station:", "", {}, 400, "INVALID_PARAMETER"},
      {"GET", "/sync/changes?wait=soon", "", {}, 400, "INVALID_PARAMETER"},
      {"GET", "/sync/changes?wait=-1s", "", {}, 400, "INVALID_PARAMETER"},
      {"GET", "/sync/changes?cursor=x", "", {}, 400, "CURSOR_INVALID"},
      {"GET", "/sync/changes?join=x", "", {}, 400, "CURSOR_INVALID"},
      {"GET", "/sync/changes?cursor=AAAA", "", {}, 400, "CURSOR_INVALID"},
      {"GET", "/sync/changes", "", {{"Outpost-Device", "till"}}, 400, "INVALID_PARAMETER"},
      {"GET", "/sync/changes", "", {{"Outpost-Device", "a b c"}}, 400, "INVALID_PARAMETER"},
      {"GET", "/sync/live?cursor=x", "", {}, 400, "CURSOR_INVALID"},
      {"GET", "/sync/live?collections=nothing", "", {}, 400, "INVALID_PARAMETER"},
      {"GET", "/sync/live?device=nodot", "", {}, 400, "INVALID_PARAMETER"},
      {"GET", "/sync/live?scope=grill", "", {}, 400, "INVALID_PARAMETER"},
      {"GET", "/kds/queue?since=2026-11-20T10:00:00Z", "", {}, 400, "CURSOR_INVALID"},
      {"GET", "/collections/nothing", "", {}, 404, "NOT_FOUND"},
      {"GET", "/collections/settings/nothing", "", {}, 404, "NOT_FOUND"},
      {"POST", "/collections/nothing", R"({"doc":{}})", {}, 404, "NOT_FOUND"},
      {"POST", "/collections/orders", R"({"doc":{}})", {}, 403, "FORBIDDEN"},
      {"POST", "/collections/settings", "{}", {}, 422, "VALIDATION_FAILED"},
      {"PUT", "/collections/settings/a%20b", R"({"doc":{}})", {}, 404, "NOT_FOUND"},
      {"PATCH", "/collections/settings/nothing", R"({"patch":{}})", {}, 404, "NOT_FOUND"},
      {"DELETE", "/collections/settings/nothing", "", {}, 404, "NOT_FOUND"},
      {"POST", "/collections/settings/nothing/counters/n", R"({"delta":1})", {}, 404, "NOT_FOUND"},
      {"POST", "/collections/settings/nothing/lists/n", R"({"values":[1]})", {}, 404, "NOT_FOUND"},
      {"GET", "/admin/devices", "", {}, 403, "FORBIDDEN"},
      {"GET", "/admin/jobs", "", {}, 403, "FORBIDDEN"},
      {"POST", "/admin/jobs/purge/run", "", {}, 403, "FORBIDDEN"},
  };
  for (const BadRequest& bad : requests) {
    const std::string path = Replaced(bad.path, "ORDER", order.At("id"));
    const std::string what = std::string(bad.method) + " " + path + " " + bad.body;
    const Answer answer = client_.Send(bad.method, path, Replaced(bad.body, "ORDER", order.At("id")), bad.headers);
    EXPECT_EQ(answer.status, bad.status) << what << " " << answer.text;
    EXPECT_EQ(answer.code(), bad.code) << what << " " << answer.text;
    if (answer.status == 0) continue;
    EXPECT_EQ(answer.headers.Get("Content-Type"), "application/problem+json") << what;
    EXPECT_EQ(answer.At("status"), std::to_string(bad.status)) << what;
    EXPECT_EQ(answer.At("statusCode"), std::to_string(bad.status)) << what;
    EXPECT_FALSE(answer.At("title").empty() || answer.At("message").empty()) << what;
    EXPECT_FALSE(answer.headers.Get("X-Request-Id").empty()) << what;
    if (bad.status == 409 || bad.status == 412) {
      EXPECT_EQ(answer.At("conflictType"), bad.code) << what;
    }
    if (bad.status == 405) {
      EXPECT_FALSE(answer.headers.Get("Allow").empty()) << what;
    }
  }
  EXPECT_EQ(Head(), head);
  EXPECT_EQ(client_.Get("/healthz").status, 200);
}

}  // namespace
}  // namespace outpost::blackbox
