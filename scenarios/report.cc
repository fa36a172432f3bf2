// Plays every story of a folder and prints what was said and counted, for comparison with another player.
#include <cstdio>

#include "scenarios/player.h"

int main(int argc, char** argv) {
  using namespace outpost;
  if (argc != 2) {
    std::fputs("usage: scenarios_report FOLDER\n", stderr);
    return 2;
  }
  const auto files = scenarios::StoryFiles(argv[1]);
  if (!files.ok()) {
    std::fprintf(stderr, "%s\n", files.error().message.c_str());
    return 1;
  }
  for (const std::string& file : files.value()) {
    std::fputs(scenarios::ReportOf(scenarios::PlayFile(file)).c_str(), stdout);
  }
  return 0;
}
