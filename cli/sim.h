// `outpost sim`: whole fleets in one process, by seed. 0: every law held; 1: one was broken, told with its trace and
// the command that runs it again; 2: wrong usage.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace outpost::cli {

// Adds `sim`; `run` becomes what it does, its value the exit code.
void RegisterSim(CLI::App& app, std::function<int()>& run);

}  // namespace outpost::cli
