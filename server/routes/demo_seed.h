// What a demo starts with: a small menu with stations and some counted stock in workspace "demo", written through the
// ordinary commands with fixed keys, so that a second start changes nothing.
#pragma once

#include "base/result.h"
#include "server/routes/services.h"

namespace outpost::server {

inline constexpr const char* kDemoWorkspace = "demo";
inline constexpr const char* kDemoUser = "demo";

Status SeedDemo(Services& services);

}  // namespace outpost::server
