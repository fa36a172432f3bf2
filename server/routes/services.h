// What the routes share, put together once by Server. References: everything outlives every call.
#pragma once

#include <atomic>
#include <cstddef>
#include <string>

#include "server/core/store.h"
#include "server/routes/access_log.h"
#include "server/routes/auth.h"
#include "server/routes/clock.h"
#include "server/routes/housekeeping.h"
#include "server/routes/http_policy.h"
#include "server/routes/live_hub.h"
#include "server/routes/long_polls.h"
#include "server/routes/metrics.h"
#include "server/routes/reader_pool.h"
#include "server/routes/running_keys.h"
#include "server/routes/writers.h"

namespace outpost::server {

struct Services {
  Store& store;
  Writers& writer;
  ReaderPool& readers;
  LongPolls& polls;
  LiveHub& live;
  Metrics& metrics;
  const TokenAuthority& tokens;
  IdSource& ids;
  Log& log;
  Clock clock;
  std::function<std::size_t()> connections;
  std::shared_ptr<const Collections> collections = Collections::BuiltIn();
  HttpPolicy policy = {};
  std::function<Housekeeping&()> housekeeping = {};
  std::function<std::uint64_t()> log_bytes = {};  // of the store's write-ahead log; may be empty
  RunningKeys running_keys;
};

}  // namespace outpost::server
