// What devices speak: POST /sync/commands, GET /sync/changes, GET /sync/status.
#pragma once

#include <vector>

#include "server/routes/route.h"
#include "server/routes/services.h"

namespace outpost::server {

// A body above this is parsed on a reader thread: a millisecond on the I/O thread is a millisecond for everybody.
inline constexpr std::size_t kParseInlineBytesMax = 64 * 1024;
// The same for writing the answer to a batch.
inline constexpr std::size_t kAnswerInlineCommandsMax = 50;

std::vector<Route> SyncRoutes(Services& services);

}  // namespace outpost::server
