// What every part of one run shares: virtual time, the trace, the counters and the list of broken laws. Owned by World.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/counters.h"
#include "sim/scheduler.h"
#include "sim/trace.h"

namespace outpost::sim {

class Environment {
 public:
  Environment(Timestamp start, Trace initial) : scheduler(start), trace(std::move(initial)) {}

  Timestamp now() const { return scheduler.now(); }
  void Log(std::string_view who, std::string_view what) { trace.Line(scheduler.elapsed(), who, what); }
  // A fault or an outcome that happened: into the trace and the table.
  void Count(std::string_view name) { counters.Add(name); }
  // A law is broken: the run ends after the present event.
  void Fail(std::string_view who, std::string what) {
    Log(who, "BROKEN: " + what);
    broken.push_back(std::move(what));
  }
  bool failed() const { return !broken.empty(); }

  Scheduler scheduler;
  Trace trace;
  Counters counters;
  std::vector<std::string> broken;
};

}  // namespace outpost::sim
