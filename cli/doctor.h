// `outpost doctor` looks at a data directory and its configuration and says what is wrong. It changes nothing and works
// beside a running server.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace outpost::cli {

void RegisterDoctor(CLI::App& app, std::function<int()>& run);

}  // namespace outpost::cli
