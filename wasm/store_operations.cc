// The store as a whole: what it holds, whose it is, and the queue as a file.
#include <utility>

#include "wasm/arguments.h"
#include "wasm/json_fields.h"
#include "wasm/operations.h"
#include "wasm/to_json.h"

namespace outpost::wasm {
namespace {

Result<std::string> Subscribe(const Call& call) {
  OUTPOST_TRY(engine::Subscription subscription, SubscriptionFrom(call.arguments));
  OUTPOST_CHECK(call.device.Subscribe(std::move(subscription), call.now));
  for (engine::Effect& effect : call.device.Handle(engine::SyncNow{}, call.now)) {
    call.effects.push_back(std::move(effect));
  }
  return std::string("null");
}

std::string Exported(const engine::ExportedQueue& exported) {
  std::string out;
  {
    JsonFields fields(out);
    fields.Text("file", exported.text);
    fields.Text("digest", exported.digest);
    fields.Number("commands", exported.commands);
  }
  return out;
}

Result<std::string> ExportQueue(const Call& call) {
  OUTPOST_TRY(const engine::ExportedQueue exported, call.device.ExportQueue(call.now));
  return Exported(exported);
}

Result<std::string> ImportQueue(const Call& call) {
  OUTPOST_TRY(const engine::ImportedQueue imported, call.device.ImportQueue(call.attachment, call.now));
  return "{\"taken\":" + std::to_string(imported.taken) + ",\"known\":" + std::to_string(imported.known) + '}';
}

Result<std::string> SignIn(const Call& call) {
  std::optional<std::vector<CollectionName>> may_read;
  if (Find(call.arguments, "mayRead") != nullptr) {
    OUTPOST_TRY(may_read, CollectionsFrom(call.arguments, "mayRead"));
  }
  OUTPOST_CHECK(call.device.SignIn(UserId(std::string(StringOr(call.arguments, "user"))), std::move(may_read)));
  return std::string("null");
}

Result<engine::Logout> HowFrom(std::string_view how) {
  if (how == "ifNothingWaits") return engine::Logout::kIfNothingWaits;
  if (how == "exported") return engine::Logout::kExported;
  if (how == "keep") return engine::Logout::kKeep;
  return Error{ErrorCode::kInvalidArgument, "how: is ifNothingWaits, exported or keep"};
}

Result<std::string> SignOut(const Call& call) {
  OUTPOST_TRY(const engine::Logout how, HowFrom(StringOr(call.arguments, "how")));
  OUTPOST_CHECK(call.device.SignOut(how, StringOr(call.arguments, "digest"), call.now));
  return std::string("null");
}

Result<std::string> CheckOverlays(const Call& call) {
  OUTPOST_CHECK(call.device.CheckOverlays());
  return std::string("null");
}

Result<std::string> Work(const Call& call) { return Text(call.device.work()); }

constexpr NamedOperation kOperations[] = {
    {"subscribe", Afterwards::kNothing, Subscribe},
    {"exportQueue", Afterwards::kNothing, ExportQueue},
    {"importQueue", Afterwards::kWake, ImportQueue},
    {"signIn", Afterwards::kNothing, SignIn},
    {"signOut", Afterwards::kNothing, SignOut},
    {"checkOverlays", Afterwards::kNothing, CheckOverlays},
    {"work", Afterwards::kNothing, Work},
};

}  // namespace

std::span<const NamedOperation> StoreOperations() { return kOperations; }

}  // namespace outpost::wasm
