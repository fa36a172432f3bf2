// The demo's status page: one HTML document without a framework. It polls /demo/state once a second and shows only
// text.
#pragma once

#include <string>

namespace outpost::server {

std::string StatusPage();

}  // namespace outpost::server
