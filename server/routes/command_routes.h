// The table "route → command" of protocol.md, as rows of the route table.
#pragma once

#include <vector>

#include "server/routes/route.h"
#include "server/routes/services.h"

namespace outpost::server {

std::vector<Route> CommandRoutes(Services& services);

}  // namespace outpost::server
