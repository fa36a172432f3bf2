// `outpost replay`: plays a folder of recorded orders through device processes, then counts both sides.
#pragma once

#include <functional>

#include "cli/replay_options.h"

namespace CLI {
class App;
}

namespace outpost::cli {

// Adds `replay` and the hidden `replay-device`; `run` becomes what the chosen one does, its value the exit code.
void RegisterReplay(CLI::App& app, std::function<int()>& run);

// 0: both sides agree, nothing waits, nothing was refused. 1: not so, or it could not be played. 2: wrong usage.
int RunReplay(const ReplayOptions& options);

}  // namespace outpost::cli
