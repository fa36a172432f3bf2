// GET /sync/live: changes as they happen, as server-sent events or over a WebSocket.
#pragma once

#include <vector>

#include "server/routes/route.h"
#include "server/routes/services.h"

namespace outpost::server {

std::vector<Route> LiveRoutes(Services& services);

}  // namespace outpost::server
