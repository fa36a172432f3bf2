#include "wasm/session.h"

#include <utility>

#include "wasm/arguments.h"
#include "wasm/operations.h"
#include "wasm/to_json.h"

namespace outpost::wasm {
namespace {

constexpr char kStoreName[] = "store";
// SQLite's page cache lives in the tab's memory.
constexpr int kCacheKib = 8192;
// 16 MB of log: a checkpoint writes each of the few pages that every write changes once, however often they changed.
constexpr int kCheckpointPages = 4000;

std::string Answer(Result<std::string> answer) {
  if (!answer.ok()) return ErrorText(answer.error());
  return "{\"ok\":" + std::move(answer).value() + '}';
}

}  // namespace

std::vector<std::string> Session::Perform(std::span<const Operation> operations, Timestamp now) {
  std::vector<std::string> texts;
  texts.reserve(operations.size() + 1);
  if (vfs_) {
    vfs_->SetNow(now);
    vfs_->BeginGroup();
  }
  for (const Operation& operation : operations) texts.push_back(PerformOne(operation, now));
  if (device_ && std::exchange(wake_, false)) {
    for (engine::Effect& effect : device_->Handle(engine::Wake{}, now)) effects_.push_back(std::move(effect));
  }
  if (vfs_) {
    if (const Status durable = vfs_->EndGroup(); !durable.ok()) Fail(texts, durable.error());
  }
  texts.push_back(Conclude());
  return texts;
}

// Nobody knows what of this group is on the medium: nothing of it was done, as far as anybody is told, and the device
// is not asked again. Keys make it harmless if some of it was.
void Session::Fail(std::vector<std::string>& texts, const Error& error) {
  for (std::string& text : texts) text = ErrorText({ErrorCode::kIo, error.message});
  effects_.clear();
  device_.reset();
}

std::string Session::PerformOne(const Operation& operation, Timestamp now) {
  const auto parsed = ParseJson(operation.text);
  if (!parsed.ok()) return ErrorText(parsed.error());
  if (!parsed.value().is_object()) return ErrorText({ErrorCode::kInvalidArgument, "an operation is an object"});
  const json::object& arguments = parsed.value().get_object();
  const std::string_view name = StringOr(arguments, "do");
  if (name == "open") return Answer(Open(arguments, now));
  if (name == "close") {
    device_.reset();
    return Answer(std::string("null"));
  }
  if (!device_) return ErrorText({ErrorCode::kIo, "the store is not open"});
  const NamedOperation* found = FindOperation(name);
  if (found == nullptr) return ErrorText({ErrorCode::kInvalidArgument, "no operation " + std::string(name)});
  auto answer = found->perform({*device_, arguments, operation.attachment, now, effects_});
  if (answer.ok() && found->afterwards == Afterwards::kWake) wake_ = true;
  return Answer(std::move(answer));
}

Result<std::string> Session::Open(const json::object& arguments, Timestamp now) {
  if (device_) return Error{ErrorCode::kInvalidArgument, "the store is open"};
  OUTPOST_TRY(engine::DeviceOptions options, DeviceOptionsFrom(arguments));
  const auto seed = static_cast<std::uint64_t>(IntegerOr(arguments, "seed", 0));
  random_ = std::make_unique<Random>(seed);
  vfs_.reset();
  vfs_ = std::make_unique<StoreVfs>(storage_, Random(random_->Next()));
  vfs_->SetNow(now);
  options.store.path = kStoreName;
  options.store.vfs = StoreVfs::Name();
  options.store.exclusive_locking = true;
  options.store.cache_kib = kCacheKib;
  options.store.checkpoint_pages = kCheckpointPages;
  OUTPOST_TRY(device_, engine::Device::Open(std::move(options), now, *random_));
  return "{\"device\":\"" + device_->id().value + "\",\"incarnation\":\"" + device_->incarnation().value + "\"}";
}

std::string Session::Conclude() {
  std::string out = "{\"effects\":";
  Append(out, std::exchange(effects_, {}));
  if (device_) {
    out += ",\"status\":";
    Append(out, device_->status());
    out += ",\"incarnation\":";
    AppendJsonString(out, device_->incarnation().value);
  }
  return out + '}';
}

}  // namespace outpost::wasm
