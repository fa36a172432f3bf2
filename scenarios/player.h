// Plays stories: one, or every one of a folder, and says what did not hold and where.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "sim/counters.h"
#include "sim/world.h"

namespace outpost::scenarios {

struct Played {
  std::string file;
  std::string title;
  std::string broken;      // empty: everything held
  sim::Counters counters;  // what happened in it
  std::string digest;      // of everything that was said on the wire: the same wherever it is played (law 9)
};

Played PlayText(const std::string& file, const std::string& text,
                const sim::ServerNode::OpenStore& open_store = sim::OpenSqliteStore);
// Every *.jsonl in the folder, by name.
Result<std::vector<std::string>> StoryFiles(const std::string& folder);
Played PlayFile(const std::string& path, const sim::ServerNode::OpenStore& open_store = sim::OpenSqliteStore);
// The story once for every file operation of its step that says "crashEverywhere", with the power going at that one,
// and what unsynced writes leave behind drawn several times. `crashes`: how often it went.
Played PlayFileWithCrashes(const std::string& path, int& crashes);
Played PlayTextWithCrashes(const std::string& file, const std::string& text, int& crashes);
// What was played, as lines: two players of one story are compared by it.
std::string ReportOf(const Played& played);

}  // namespace outpost::scenarios
