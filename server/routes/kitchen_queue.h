// GET /kds/queue: the open tickets of a station, oldest first; with `since`, what changed after that cursor, bumped and
// cancelled tickets included.
#pragma once

#include "server/routes/call.h"

namespace outpost::server {

http::Response KitchenQueue(Services& services, Call& call);

}  // namespace outpost::server
