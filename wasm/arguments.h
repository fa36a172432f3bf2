// Arguments of operations, read from JSON into the engine's values. kInvalidArgument names the member that is wrong;
// absent ones are the engine's defaults.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "engine/device/device.h"

namespace outpost::wasm {

Result<engine::DeviceOptions> DeviceOptionsFrom(const json::object& arguments);
Result<engine::Subscription> SubscriptionFrom(const json::object& arguments);
Result<engine::Query> QueryFrom(const json::object& arguments);
Result<engine::Intent> IntentFrom(const json::object& arguments);
Result<engine::HttpDone> HttpDoneFrom(const json::object& arguments, std::string_view body);

Result<CommandId> CommandIdFrom(const json::object& arguments, std::string_view name = "id");
Result<DocumentKey> DocumentKeyFrom(const json::object& arguments);
Result<std::vector<engine::CommandStatus>> StatusesFrom(const json::object& arguments);
Result<std::vector<CollectionName>> CollectionsFrom(const json::object& arguments, std::string_view name);
std::size_t LimitFrom(const json::object& arguments, std::size_t fallback);

// The member, which has to be an object.
Result<const json::object*> ObjectAt(const json::object& arguments, std::string_view name);

}  // namespace outpost::wasm
