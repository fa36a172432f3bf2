// What only admins see: the fleet of devices, and the server's jobs, which can be run by hand.
#pragma once

#include <vector>

#include "server/routes/route.h"
#include "server/routes/services.h"

namespace outpost::server {

std::vector<Route> AdminRoutes(Services& services);

}  // namespace outpost::server
