// What the routes share, put together once by Server. References: everything outlives every call.
#pragma once

#include <atomic>
#include <cstddef>
#include <string>

#include "server/core/store.h"
#include "server/routes/access_log.h"
#include "server/routes/auth.h"
#include "server/routes/clock.h"
#include "server/routes/group_committer.h"
#include "server/routes/long_polls.h"
#include "server/routes/metrics.h"
#include "server/routes/reader_pool.h"

namespace outpost::server {

struct Services {
  Store& store;
  GroupCommitter& writer;
  ReaderPool& readers;
  LongPolls& polls;
  Metrics& metrics;
  const TokenAuthority& tokens;
  IdSource& ids;
  Log& log;
  Clock clock;
  std::function<std::size_t()> connections;
};

}  // namespace outpost::server
