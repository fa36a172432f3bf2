// What can be asked of a session, by name. Each is a thin translation of one call of engine::Device; its arguments and
// answers are that call's, in JSON, in camelCase (web/client/src/engine/operations.ts has their types).
//
//   events     start, wake, network {up}, tokenChanged, syncNow,
//              httpDone {exchange, status, contentType, retryAfterMs} + body, or {exchange, failure, timedOut}
//   writing    execute {type, payload, key, author, expectedVersion, dependsOn, traceparent, localRefusal}
//   reading    get {collection, id}, find {query}, count {query}, watch {query}, unwatch {id}, dataSets
//   queue      queue {status, resource, limit}, command {id}, audit {command, limit}, retry {id}, retryAll, latest
//   {id},
//              force {id}, edit {id, …execute}, discardPlan {id}, discard {id}
//   store      subscribe {collections, scope, scoped}, exportQueue, importQueue + file, signIn {user, mayRead},
//              signOut {how, digest}, checkOverlays, work
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/device/device.h"

namespace outpost::wasm {

struct Call {
  engine::Device& device;
  const json::object& arguments;
  std::string_view attachment;
  Timestamp now;
  std::vector<engine::Effect>& effects;
};

enum class Afterwards { kNothing, kWake };  // kWake: something may have become ready to be sent

// JSON text of the answer. Null: no such operation.
struct NamedOperation {
  std::string_view name;
  Afterwards afterwards;
  Result<std::string> (*perform)(const Call& call);
};
const NamedOperation* FindOperation(std::string_view name);

// The groups they are defined in.
std::span<const NamedOperation> EventOperations();
std::span<const NamedOperation> DocumentOperations();
std::span<const NamedOperation> QueueOperations();
std::span<const NamedOperation> StoreOperations();

}  // namespace outpost::wasm
