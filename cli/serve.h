// `outpost serve`: the server process. Prints one line on stdout, "listening on http://ADDRESS:PORT", when it is ready;
// ends with 0 after SIGTERM or SIGINT, having answered what it had accepted.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace outpost::cli {

void RegisterServe(CLI::App& app, std::function<int()>& run);

}  // namespace outpost::cli
