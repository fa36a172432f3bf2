// The reads of the business: orders, tickets, products, stock, ledger.
#pragma once

#include <vector>

#include "server/routes/route.h"
#include "server/routes/services.h"

namespace outpost::server {

std::vector<Route> BusinessRoutes(Services& services);

}  // namespace outpost::server
