// `outpost queue`: what a device has accepted and nobody has settled, seen and carried from the command line. 0: done;
// 1: failed, told on stderr; 2: wrong usage. The device's own process must not run meanwhile (the store says so).
#pragma once

#include <functional>
#include <string>

#include "base/result.h"

namespace CLI {
class App;
}

namespace outpost::cli {

struct QueueOptions {
  std::string data;  // the device's directory; its store is outpost.db in it
  std::string file;
  std::string workspace, user;  // of an empty store, for import
};

// Prints a line per unsettled command: status, id, type, author, time, reason.
Status ListQueue(const QueueOptions& options);
// Never over a file that is there; on the disk before it returns.
Status ExportQueue(const QueueOptions& options);
Status ImportQueue(const QueueOptions& options);

// Adds `queue`; `run` becomes what it does, its value the exit code.
void RegisterQueue(CLI::App& app, std::function<int()>& run);

}  // namespace outpost::cli
