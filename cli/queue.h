// `outpost queue`: what a device has accepted and nobody has settled, seen, carried and decided about from the command
// line. 0: done; 1: failed, told on stderr; 2: wrong usage.
#pragma once

#include <functional>

#include "cli/queue_store.h"

namespace CLI {
class App;
}

namespace outpost::cli {

// Prints a line per unsettled command: status, id, type, author, time, reason.
Status ListQueue(const QueueOptions& options);
// Prints everything known of one operation, and its trail, as JSON.
Status ShowOperation(const QueueOptions& options);
// Never over a file that is there; on the disk before it returns.
Status ExportQueue(const QueueOptions& options);
Status ImportQueue(const QueueOptions& options);

// Adds `queue`; `run` becomes what it does, its value the exit code.
void RegisterQueue(CLI::App& app, std::function<int()>& run);

}  // namespace outpost::cli
