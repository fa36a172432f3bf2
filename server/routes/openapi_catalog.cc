#include "server/routes/openapi_catalog.h"

#include <array>

namespace outpost::server {
namespace {

constexpr const char* kSchemas = R"json({
"Id":{"type":"string","minLength":1,"maxLength":128,"example":"01K9XQ2V3W4X5Y6Z7A8B9C0D1E"},
"Time":{"type":"string","format":"date-time","example":"2026-11-20T15:17:58.123Z"},
"Problem":{"type":"object","description":"RFC 9457, with the fields older clients know",
  "required":["type","title","status","code","statusCode","message"],
  "properties":{"type":{"type":"string","example":"/problems/version-conflict"},"title":{"type":"string"},
    "status":{"type":"integer","example":409},"detail":{"type":"string"},"code":{"type":"string","example":"VERSION_CONFLICT"},
    "statusCode":{"type":"integer"},"message":{"type":"string"},"conflictType":{"type":"string"},
    "errors":{"type":"array","items":{"$ref":"#/components/schemas/FieldError"}},
    "currentState":{"type":["object","null"]},"currentVersion":{"type":"integer"},
    "diff":{"type":"array","items":{"$ref":"#/components/schemas/Difference"}},"existingResource":{"type":["object","null"]},
    "blockedBy":{"type":"array","items":{"type":"string"}}}},
"FieldError":{"type":"object","required":["field","message"],
  "properties":{"field":{"type":"string","example":"items[0].quantity"},"message":{"type":"string"}}},
"Difference":{"type":"object","required":["field","yours","theirs"],"properties":{"field":{"type":"string"},"yours":{},"theirs":{}}},
"Resource":{"type":"object","required":["id","version","createdAt","updatedAt","createdBy"],
  "properties":{"id":{"$ref":"#/components/schemas/Id"},"version":{"type":"integer","minimum":1},
    "createdAt":{"$ref":"#/components/schemas/Time"},"updatedAt":{"$ref":"#/components/schemas/Time"},"createdBy":{"type":"string"}}},
"Line":{"type":"object","required":["lineId","sku","name","quantity","unitPrice"],
  "properties":{"lineId":{"type":"string"},"sku":{"type":"string"},"name":{"type":"string"},"quantity":{"type":"integer"},
    "unitPrice":{"type":"integer","minimum":0},"station":{"type":["string","null"]},"note":{"type":["string","null"]},"sent":{"type":"boolean"}}},
"Order":{"allOf":[{"$ref":"#/components/schemas/Resource"},{"type":"object",
  "required":["number","status","items","total","currency"],
  "properties":{"number":{"type":"string","example":"7G2K"},"tableId":{"type":["string","null"]},
    "status":{"enum":["NEW","SENT","CLOSED","CANCELLED"]},"items":{"type":"array","items":{"$ref":"#/components/schemas/Line"}},
    "total":{"type":"integer"},"currency":{"type":"string"},"paid":{"type":"integer"},"balanceDue":{"type":"integer"},
    "change":{"type":"integer"}}}]},
"Ticket":{"allOf":[{"$ref":"#/components/schemas/Resource"},{"type":"object",
  "required":["orderId","number","station","status","items","sentAt"],
  "properties":{"orderId":{"type":"string"},"number":{"type":"string"},"station":{"type":"string"},
    "status":{"enum":["QUEUED","IN_PROGRESS","READY","BUMPED","CANCELLED"]},"items":{"type":"array"},
    "waiterName":{"type":"string"},"sentAt":{"$ref":"#/components/schemas/Time"}}}]},
"Product":{"allOf":[{"$ref":"#/components/schemas/Resource"},{"type":"object","required":["sku","name","price"],
  "properties":{"sku":{"type":"string"},"name":{"type":"string"},"price":{"type":"integer","minimum":0},"station":{"type":"string"},
    "category":{"type":"string"},"variants":{"type":"array"}}}]},
"Stock":{"allOf":[{"$ref":"#/components/schemas/Resource"},{"type":"object","required":["sku","onHand","oversold"],
  "properties":{"sku":{"type":"string"},"onHand":{"type":"integer"},"oversold":{"type":"integer","minimum":0},
    "wasted":{"type":"integer","minimum":0}}}]},
"StockOrList":{"anyOf":[{"$ref":"#/components/schemas/Stock"},{"$ref":"#/components/schemas/List"}]},
"LedgerEntry":{"allOf":[{"$ref":"#/components/schemas/Resource"},{"type":"object","required":["lines","postedAt"],
  "properties":{"orderId":{"type":"string"},"postedAt":{"$ref":"#/components/schemas/Time"},"lines":{"type":"array","items":{"type":"object",
    "required":["account","debit","credit"],"properties":{"account":{"type":"string"},"debit":{"type":"integer","minimum":0},
    "credit":{"type":"integer","minimum":0}}}}}}]},
"Deleted":{"type":"object","required":["id","version"],"properties":{"id":{"type":"string"},"version":{"type":"integer"}}},
"List":{"type":"object","required":["items","cursor","more"],
  "properties":{"items":{"type":"array","items":{"type":"object"}},"cursor":{"type":["string","null"]},"more":{"type":"boolean"}}},
"OrderList":{"allOf":[{"$ref":"#/components/schemas/List"},{"properties":{"items":{"items":{"$ref":"#/components/schemas/Order"}}}}]},
"ProductList":{"allOf":[{"$ref":"#/components/schemas/List"},{"properties":{"items":{"items":{"$ref":"#/components/schemas/Product"}}}}]},
"LedgerList":{"allOf":[{"$ref":"#/components/schemas/List"},{"properties":{"items":{"items":{"$ref":"#/components/schemas/LedgerEntry"}}}}]},
"ResourceList":{"allOf":[{"$ref":"#/components/schemas/List"},{"properties":{"items":{"items":{"$ref":"#/components/schemas/Resource"}}}}]},
"KitchenQueue":{"type":"object","required":["tickets","cursor"],
  "properties":{"tickets":{"type":"array","items":{"$ref":"#/components/schemas/Ticket"}},"cursor":{"type":"string"}}},
"Device":{"type":"object","required":["id","incarnation","highestN","acknowledged","refused","lastSeen","waiting","quarantined"],
  "properties":{"id":{"type":"string"},"incarnation":{"type":"string"},"lastCommandId":{"type":["string","null"]},
    "highestN":{"type":"integer"},"acknowledged":{"type":"integer"},"refused":{"type":"integer"},
    "lastSeen":{"$ref":"#/components/schemas/Time"},"waiting":{"type":"integer"},"oldestCreatedAt":{"type":["string","null"]},
    "quarantined":{"type":"integer"},"clockSkewMs":{"type":["integer","null"]},"release":{"type":["string","null"]}}},
"DeviceList":{"allOf":[{"$ref":"#/components/schemas/List"},{"properties":{"items":{"items":{"$ref":"#/components/schemas/Device"}}}}]},
"Job":{"type":"object","required":["name","running","lastStartedAt","lastFinishedAt","lastResult","steps","runs","nextRunAt"],
  "properties":{"name":{"type":"string","example":"purge"},"running":{"type":"boolean"},"lastStartedAt":{"type":["string","null"]},
    "lastFinishedAt":{"type":["string","null"]},"lastResult":{"type":["string","null"]},"steps":{"type":"integer"},
    "runs":{"type":"integer"},"nextRunAt":{"$ref":"#/components/schemas/Time"}}},
"JobList":{"allOf":[{"$ref":"#/components/schemas/List"},{"properties":{"items":{"items":{"$ref":"#/components/schemas/Job"}}}}]},
"Collection":{"type":"object","required":["name","strategy","schema","states","scope","sensitive"],
  "properties":{"name":{"type":"string"},"strategy":{"enum":["reject","last-write-wins","merge","append-only","counters"]},
    "schema":{"type":"object"},"states":{"type":["object","null"]},"scope":{"type":["string","null"]},"sensitive":{"type":"boolean"},
    "sensitiveFields":{"type":"array","items":{"type":"string"}}}},
"CollectionList":{"allOf":[{"$ref":"#/components/schemas/List"},{"properties":{"items":{"items":{"$ref":"#/components/schemas/Collection"}}}}]},
"Change":{"type":"object","required":["seq","collection","id","version","doc"],
  "properties":{"seq":{"type":"integer"},"collection":{"type":"string"},"id":{"type":"string"},"version":{"type":"integer"},
    "doc":{"type":["object","null"]},"reason":{"enum":["deleted","left"]}}},
"OwnCommand":{"type":"object","required":["id","seq","fingerprint"],
  "properties":{"id":{"type":"string"},"seq":{"type":"integer"},"fingerprint":{"type":"string"}}},
"ChangesPage":{"type":"object","required":["epoch","changes","cursor","more","own"],
  "properties":{"epoch":{"type":"string"},"changes":{"type":"array","items":{"$ref":"#/components/schemas/Change"}},
    "cursor":{"type":"string"},"more":{"type":"boolean"},"own":{"type":"array","items":{"$ref":"#/components/schemas/OwnCommand"}}}},
"SyncStatus":{"type":"object","required":["epoch","head","serverTime"],
  "properties":{"epoch":{"type":"string"},"head":{"type":"string"},"serverTime":{"$ref":"#/components/schemas/Time"},
    "device":{"type":["object","null"]}}},
"Command":{"type":"object","required":["id","type","payload"],
  "properties":{"id":{"$ref":"#/components/schemas/Id"},"n":{"type":"integer","minimum":1},"author":{"type":"string"},
    "type":{"type":"string","example":"ORDER_CREATE_V1"},"payload":{"type":"object"},"key":{"type":"string","maxLength":255},
    "idempotencyKey":{"type":"string"},"revision":{"type":"integer","minimum":0},
    "expectedVersion":{"anyOf":[{"type":"integer"},{"type":"object","required":["after"]}]},
    "dependsOn":{"type":"array","items":{"type":"string"}},"replaces":{"type":"string"},"createdAt":{"type":"string"},
    "traceparent":{"type":"string"}}},
"PushRequest":{"type":"object","required":["commands"],
  "properties":{"deviceId":{"type":"string"},"incarnation":{"type":"string"},"epoch":{"type":"string"},"report":{"type":"object"},
    "commands":{"type":"array","maxItems":1000,"items":{"$ref":"#/components/schemas/Command"}}},
  "example":{"deviceId":"till-1","incarnation":"01K9XQ2V3W4X5Y6Z7A8B9C0D1E","commands":[{"id":"01K9XQ3A000000000000000000","n":17,
    "type":"ORDER_CREATE_V1","payload":{"tableId":"7","items":[{"sku":"tea","name":"Tea","quantity":1,"unitPrice":250}]}}]}},
"CommandResult":{"type":"object","required":["id","fingerprint","status","httpStatus"],
  "properties":{"id":{"type":"string"},"fingerprint":{"type":"string"},"traceId":{"type":"string"},
    "status":{"enum":["SUCCEEDED","CONFLICT","FAILED","BLOCKED","RETRY"]},"httpStatus":{"type":"integer"},"replayed":{"type":"boolean"},
    "redacted":{"type":"boolean"},"seq":{"type":["integer","null"]},"body":{"type":["object","null"]},
    "changes":{"type":"array","items":{"$ref":"#/components/schemas/Change"}},"ids":{"type":"object"},
    "problem":{"$ref":"#/components/schemas/Problem"},"blockedBy":{"type":"array"},"retryAfterMs":{"type":"integer"}}},
"PushResponse":{"type":"object","required":["epoch","results"],
  "properties":{"epoch":{"type":"string"},"head":{"type":"string"},"highestN":{"type":"integer"},
    "results":{"type":"array","items":{"$ref":"#/components/schemas/CommandResult"}}}}
})json";

constexpr const char* kPayloads = R"json({
"ORDER_CREATE_V1":{"required":["items"],"properties":{"id":{"type":"string"},"tableId":{"type":"string"},"items":{"type":"array","minItems":1,"maxItems":1000}},
  "example":{"tableId":"7","items":[{"sku":"tea","name":"Tea","quantity":2,"unitPrice":250,"station":"bar"}]}},
"ORDER_MODIFY_V1":{"required":["id"],"properties":{"id":{"type":"string"},"tableId":{"type":"string"},"items":{"type":"array"}},"example":{"tableId":"8"}},
"ORDER_ADD_ITEMS_V1":{"required":["id","items"],"properties":{"id":{"type":"string"},"items":{"type":"array","minItems":1}},
  "example":{"items":[{"sku":"cola","name":"Cola","quantity":1,"unitPrice":300}]}},
"ORDER_CHANGE_LINE_V1":{"required":["id","lineId"],"properties":{"id":{"type":"string"},"lineId":{"type":"string"},"quantity":{"type":"integer"},
  "note":{"type":"string"},"unitPrice":{"type":"integer"},"name":{"type":"string"}},"example":{"quantity":3}},
"ORDER_REMOVE_LINE_V1":{"required":["id","lineId"],"properties":{"id":{"type":"string"},"lineId":{"type":"string"}}},
"ORDER_SEND_TO_KITCHEN_V1":{"required":["id"],"properties":{"id":{"type":"string"}}},
"ORDER_CLOSE_V1":{"required":["id","payment"],"properties":{"id":{"type":"string"},"payment":{"type":"object","required":["method","amount"],
  "properties":{"method":{"enum":["CASH","CARD","MOBILE_MONEY"]},"amount":{"type":"integer"},"receipt":{"type":"string"}}}},"example":{"payment":{"method":"CASH","amount":1000}}},
"ORDER_CANCEL_V1":{"required":["id"],"properties":{"id":{"type":"string"},"reason":{"type":"string"}},"example":{"reason":"guest left"}},
"TICKET_START_V1":{"required":["id"],"properties":{"id":{"type":"string"}}},
"TICKET_MARK_READY_V1":{"required":["id"],"properties":{"id":{"type":"string"}}},
"TICKET_BUMP_V1":{"required":["id"],"properties":{"id":{"type":"string"}}},
"PRODUCT_PUT_V1":{"required":["sku","name","price"],"properties":{"sku":{"type":"string"},"name":{"type":"string"},"price":{"type":"integer","minimum":0},
  "station":{"type":"string"},"category":{"type":"string"},"variants":{"type":"array"}},"example":{"sku":"tea","name":"Tea","price":250,"station":"bar"}},
"INVENTORY_ADJUST_V1":{"required":["sku","delta","reason"],"properties":{"sku":{"type":"string"},"delta":{"type":"integer"},"reason":{"type":"string"}},
  "example":{"sku":"tea","delta":-2,"reason":"broken"}},
"INVENTORY_COUNT_V1":{"required":["sku","quantity"],"properties":{"sku":{"type":"string"},"quantity":{"type":"integer","minimum":0}},
  "example":{"sku":"tea","quantity":40}},
"DOCUMENT_CREATE_V1":{"required":["collection","doc"],"properties":{"collection":{"type":"string"},"id":{"type":"string"},"doc":{"type":"object"}},
  "example":{"doc":{"title":"Sweep the floor"}}},
"DOCUMENT_PUT_V1":{"required":["collection","id","doc"],"properties":{"collection":{"type":"string"},"id":{"type":"string"},"doc":{"type":"object"}},
  "example":{"doc":{"rate":10}}},
"DOCUMENT_PATCH_V1":{"required":["collection","id","patch"],"properties":{"collection":{"type":"string"},"id":{"type":"string"},
  "patch":{"type":"object"},"was":{"type":"object"}},"example":{"patch":{"title":"Mop"},"was":{"title":"Sweep"}}},
"DOCUMENT_DELETE_V1":{"required":["collection","id"],"properties":{"collection":{"type":"string"},"id":{"type":"string"}}},
"COUNTER_ADD_V1":{"required":["collection","id","field","delta"],"properties":{"collection":{"type":"string"},"id":{"type":"string"},
  "field":{"type":"string"},"delta":{"type":"integer"}},"example":{"delta":1}},
"LIST_APPEND_V1":{"required":["collection","id","field","values"],"properties":{"collection":{"type":"string"},"id":{"type":"string"},
  "field":{"type":"string"},"values":{"type":"array","minItems":1}},"example":{"values":["mopped"]}}
})json";

struct AnswerRow {
  std::string_view route;  // "GET /pos/orders", or the beginning of a command type
  std::string_view schema;
};

constexpr std::array<AnswerRow, 22> kAnswers = {{{"POST /sync/commands", "PushResponse"},
                                                 {"GET /sync/changes", "ChangesPage"},
                                                 {"GET /sync/status", "SyncStatus"},
                                                 {"GET /pos/orders", "OrderList"},
                                                 {"GET /pos/orders/{id}", "Order"},
                                                 {"GET /kds/queue", "KitchenQueue"},
                                                 {"GET /kds/tickets/{id}", "Ticket"},
                                                 {"GET /catalog/products", "ProductList"},
                                                 {"GET /catalog/products/{sku}", "Product"},
                                                 {"GET /inventory/stock", "StockOrList"},
                                                 {"GET /erp/ledger", "LedgerList"},
                                                 {"GET /collections", "CollectionList"},
                                                 {"GET /collections/{collection}", "ResourceList"},
                                                 {"GET /collections/{collection}/{id}", "Resource"},
                                                 {"GET /admin/devices", "DeviceList"},
                                                 {"GET /admin/jobs", "JobList"},
                                                 {"POST /admin/jobs/{job}/run", "Job"},
                                                 {"ORDER_", "Order"},
                                                 {"TICKET_", "Ticket"},
                                                 {"PRODUCT_", "Product"},
                                                 {"INVENTORY_", "Stock"},
                                                 {"DOCUMENT_DELETE", "Deleted"}}};

}  // namespace

json::object OpenApiSchemas() { return json::parse(kSchemas).as_object(); }

json::object PayloadSchema(const std::string& command_type) {
  json::value all = json::parse(kPayloads);
  json::value* schema = all.as_object().if_contains(command_type);
  return schema == nullptr ? json::object() : std::move(schema->as_object());
}

std::string AnswerSchema(const Route& route) {
  const std::string operation = route.method + " " + route.pattern;
  for (const AnswerRow& row : kAnswers) {
    const bool by_command = row.route.find(' ') == std::string_view::npos;
    if (by_command ? !route.command_type.empty() && route.command_type.starts_with(row.route)
                   : row.route == operation) {
      return std::string(row.schema);
    }
  }
  return route.command_type.empty() ? "" : "Resource";
}

}  // namespace outpost::server
