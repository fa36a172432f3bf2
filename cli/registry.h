// Every subcommand of `outpost` is a pair of files with one Register function; this is the one list of them.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace outpost::cli {

inline constexpr const char* kRelease = "1.0.0";

// Adds all subcommands; `run` becomes what the chosen one does, its value the exit code: 0 done, 1 failed, 2 wrong
// usage.
void RegisterAll(CLI::App& app, std::function<int()>& run);

}  // namespace outpost::cli
