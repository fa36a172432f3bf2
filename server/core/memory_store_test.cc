#include "server/core/memory_store.h"

#include "server/core/store_contract.h"

namespace outpost::server {

std::unique_ptr<Store> MakeStoreForTest() { return std::make_unique<MemoryStore>(Epoch("memory-epoch")); }

}  // namespace outpost::server
