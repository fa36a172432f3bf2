// `outpost token`: prints a JWT for a workspace and a user, signed with the data directory's secret or
// OUTPOST_JWT_SECRET. Works beside a running server and before its first start.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace outpost::cli {

void RegisterToken(CLI::App& app, std::function<int()>& run);

}  // namespace outpost::cli
