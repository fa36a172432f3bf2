#include "server/core/memory_store.h"

#include "server/core/store_contract.h"

namespace outpost::server {

std::unique_ptr<Store> MakeStoreForTest() { return std::make_unique<MemoryStore>(Epoch("memory-epoch")); }

std::unique_ptr<Store> MakeSecondStoreForTest(Store&) { return nullptr; }

}  // namespace outpost::server
