// The web applications under /apps/, for anybody: they hold no data, each asks for a token before it shows any. Every
// answer carries a Content-Security-Policy that lets the pages load only what this server serves.
#pragma once

#include <memory>
#include <vector>

#include "http/message.h"
#include "server/routes/route.h"
#include "server/routes/web_files.h"

namespace outpost::server {

// GET /apps/{path...}
std::vector<Route> AppRoutes(std::shared_ptr<const WebFiles> files);
// An application's page at another path: the demo's start page at "/".
http::Response AppAnswer(const WebFile& file, const http::Request& request);

}  // namespace outpost::server
