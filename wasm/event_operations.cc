// What happened, told to the device; what it wants done goes into the call's effects.
#include <utility>

#include "wasm/arguments.h"
#include "wasm/operations.h"

namespace outpost::wasm {
namespace {

Result<std::string> Tell(const Call& call, const engine::Event& event) {
  for (engine::Effect& effect : call.device.Handle(event, call.now)) call.effects.push_back(std::move(effect));
  return std::string("null");
}

Result<std::string> Start(const Call& call) { return Tell(call, engine::Start{}); }
Result<std::string> Wake(const Call& call) { return Tell(call, engine::Wake{}); }
Result<std::string> TokenChanged(const Call& call) { return Tell(call, engine::TokenChanged{}); }
Result<std::string> SyncNow(const Call& call) { return Tell(call, engine::SyncNow{}); }

Result<std::string> Network(const Call& call) {
  const json::value* up = Find(call.arguments, "up");
  return Tell(call, engine::NetworkChanged{up != nullptr && up->is_bool() && up->get_bool()});
}

Result<std::string> HttpDone(const Call& call) {
  OUTPOST_TRY(engine::HttpDone done, HttpDoneFrom(call.arguments, call.attachment));
  return Tell(call, std::move(done));
}

constexpr NamedOperation kOperations[] = {
    {"start", Afterwards::kNothing, Start},     {"wake", Afterwards::kNothing, Wake},
    {"network", Afterwards::kNothing, Network}, {"tokenChanged", Afterwards::kNothing, TokenChanged},
    {"syncNow", Afterwards::kNothing, SyncNow}, {"httpDone", Afterwards::kNothing, HttpDone},
};

}  // namespace

std::span<const NamedOperation> EventOperations() { return kOperations; }

}  // namespace outpost::wasm
