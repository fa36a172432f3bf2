// What only a demo on loopback has: a status page without a token, its data, and tokens for the asking. The Host header
// must name loopback, so that no foreign page can reach these through a name that resolves to 127.0.0.1.
#pragma once

#include <vector>

#include "server/routes/route.h"
#include "server/routes/services.h"

namespace outpost::server {

std::vector<Route> DemoRoutes(Services& services);

}  // namespace outpost::server
