// `outpost queue sync`: sends what waits and fetches what is new, once, for a device whose own program does not run (or
// beside it: then whichever holds the store's lease does the work). What happens is told on stdout and kept in the
// rotating log outpost.log beside the store (O13).
#pragma once

#include <string>

#include "base/time.h"
#include "cli/queue_store.h"

namespace outpost::cli {

struct SyncOptions {
  QueueOptions queue;
  std::string server;
  std::string token_file;  // empty: OUTPOST_TOKEN
  Milliseconds patience{60'000};
};

// kUnavailable: something still waits when the patience ends; kRefused: the server does not accept the token.
Status SyncQueue(const SyncOptions& options);

}  // namespace outpost::cli
