// One device of a replay: its own process, its own store. Executes the orders dealt to it over a line that comes and
// goes, then lets the queue drain with the line open. May be killed at any moment and started again: orders that its
// store shows closed are passed over, and what is executed twice is the same operation (keys of replay_run.h).
#pragma once

#include "cli/replay_options.h"

namespace outpost::cli {

struct ReplayDeviceArguments {
  ReplayOptions options;
  int index = 0;
  int report_fd = -1;  // lines of replay_report.h
};

// The process's exit code: 0 when it has told its last state, drained or not; 1 when it could not go on.
int RunReplayDevice(const ReplayDeviceArguments& arguments);

}  // namespace outpost::cli
