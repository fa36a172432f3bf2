// Each implementation of the Store port links its own definition into the shared suites (store_contract.h,
// command_service_test.cc, feed_test.cc): one suite, many stores.
#pragma once

#include <memory>

#include "server/core/store.h"

namespace outpost::server {

// A new, empty store.
std::unique_ptr<Store> MakeStoreForTest();
// Another server's on what is in `store`, which soon gives up waiting for a lock; null where a store belongs to one
// process.
std::unique_ptr<Store> MakeSecondStoreForTest(Store& store);

}  // namespace outpost::server
