#include "wasm/operations.h"

namespace outpost::wasm {

const NamedOperation* FindOperation(std::string_view name) {
  for (const auto group : {EventOperations(), DocumentOperations(), QueueOperations(), StoreOperations()}) {
    for (const NamedOperation& operation : group) {
      if (operation.name == name) return &operation;
    }
  }
  return nullptr;
}

}  // namespace outpost::wasm
