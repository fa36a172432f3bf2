// Execute, and reading what is visible.
#include "wasm/arguments.h"
#include "wasm/json_fields.h"
#include "wasm/operations.h"
#include "wasm/to_json.h"

namespace outpost::wasm {
namespace {

Result<std::string> Execute(const Call& call) {
  OUTPOST_TRY(const engine::Intent intent, IntentFrom(call.arguments));
  OUTPOST_TRY(const engine::Accepted accepted, call.device.Execute(intent, call.now));
  return Text(accepted);
}

Result<std::string> Get(const Call& call) {
  OUTPOST_TRY(const DocumentKey key, DocumentKeyFrom(call.arguments));
  OUTPOST_TRY(const auto document, call.device.Get(key));
  return document ? Text(*document) : std::string("null");
}

Result<std::string> FindDocuments(const Call& call) {
  OUTPOST_TRY(const engine::Query query, QueryFrom(call.arguments));
  OUTPOST_TRY(const auto documents, call.device.Find(query));
  return Text(documents);
}

Result<std::string> Count(const Call& call) {
  OUTPOST_TRY(const engine::Query query, QueryFrom(call.arguments));
  OUTPOST_TRY(const std::int64_t count, call.device.Count(query));
  return std::to_string(count);
}

Result<std::string> Watch(const Call& call) {
  OUTPOST_TRY(const engine::Query query, QueryFrom(call.arguments));
  OUTPOST_TRY(const engine::Watched watched, call.device.Watch(query));
  std::string text = "{\"id\":" + std::to_string(watched.id.value) + ",\"documents\":";
  Append(text, watched.documents);
  return text + '}';
}

Result<std::string> Unwatch(const Call& call) {
  call.device.Unwatch(engine::QueryId(IntegerOr(call.arguments, "id", 0)));
  return std::string("null");
}

Result<std::string> DataSets(const Call& call) {
  OUTPOST_TRY(const auto sets, call.device.DataSets());
  return Text(sets);
}

constexpr NamedOperation kOperations[] = {
    {"execute", Afterwards::kWake, Execute},       {"get", Afterwards::kNothing, Get},
    {"find", Afterwards::kNothing, FindDocuments}, {"count", Afterwards::kNothing, Count},
    {"watch", Afterwards::kNothing, Watch},        {"unwatch", Afterwards::kNothing, Unwatch},
    {"dataSets", Afterwards::kNothing, DataSets},
};

}  // namespace

std::span<const NamedOperation> DocumentOperations() { return kOperations; }

}  // namespace outpost::wasm
