// What only a demo on loopback has: a start page that leads into the web applications, a status page without a token,
// its data, and tokens for the asking. The Host header must name loopback, so that no foreign page can reach these
// through a name that resolves to 127.0.0.1.
#pragma once

#include <memory>
#include <vector>

#include "server/routes/route.h"
#include "server/routes/services.h"
#include "server/routes/web_files.h"

namespace outpost::server {

// Without the applications, or without their start page, "/" is the status page.
std::vector<Route> DemoRoutes(Services& services, const std::shared_ptr<const WebFiles>& apps);

}  // namespace outpost::server
