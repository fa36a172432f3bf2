// `outpost backup` copies a store while it is served; `outpost restore` puts a copy in place of one that is not. A
// restored store gets a new epoch: its devices notice, resync, and offer again what the copy does not know.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace outpost::cli {

void RegisterBackup(CLI::App& app, std::function<int()>& run);
void RegisterRestore(CLI::App& app, std::function<int()>& run);

}  // namespace outpost::cli
