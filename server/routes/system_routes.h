// What operators and tools ask: health, readiness, metrics. Open to all; nothing here names a workspace or a user.
#pragma once

#include <vector>

#include "server/routes/route.h"
#include "server/routes/services.h"

namespace outpost::server {

std::vector<Route> SystemRoutes(Services& services);
// A row that serves a document that does not change while the server runs.
Route DocumentRoute(std::string pattern, std::string summary, std::string content_type,
                    std::shared_ptr<const std::string> body);

}  // namespace outpost::server
