// A device behind a border that only texts cross: what the browser's worker talks to. One session = one store.
//
// Perform takes operations {"do": name, …arguments} and gives a text for each: {"ok": …} or {"error": {"code",
// "message"}}; and a last one that says what is to be done now: {"effects": […], "status": {…}}. The operations of one
// call are one group: their commits are on the medium before it returns, together. What they are is in operations.h.
//
// Law 9 holds here too: the time is an argument, and the seed of the random numbers comes with "open".
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/device/device.h"
#include "wasm/store_vfs.h"

namespace outpost::wasm {

inline constexpr std::size_t kOperationsMax = 1024;

struct Operation {
  std::string_view text;        // the JSON object
  std::string_view attachment;  // a body that is no part of it: an HTTP answer, a queue file
};

class Session {
 public:
  explicit Session(Storage& storage) : storage_(storage) {}

  std::vector<std::string> Perform(std::span<const Operation> operations, Timestamp now);

 private:
  std::string PerformOne(const Operation& operation, Timestamp now);
  Result<std::string> Open(const json::object& arguments, Timestamp now);
  std::string Conclude();
  void Fail(std::vector<std::string>& texts, const Error& error);

  Storage& storage_;
  std::unique_ptr<Random> random_;
  std::unique_ptr<StoreVfs> vfs_;
  std::unique_ptr<engine::Device> device_;
  std::vector<engine::Effect> effects_;
  bool wake_ = false;  // something may have become ready to be sent
};

}  // namespace outpost::wasm
