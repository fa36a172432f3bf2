// The reads of declared collections: what there is, the documents of one, one document.
#pragma once

#include <vector>

#include "server/routes/route.h"
#include "server/routes/services.h"

namespace outpost::server {

std::vector<Route> CollectionRoutes(Services& services);

}  // namespace outpost::server
