// The player as a WebAssembly module: a story's text in, its report out. Memory that is handed in stays the host's.
#include <cstdlib>
#include <string>

#include "scenarios/player.h"

namespace {

std::string& Report() {
  static std::string report;
  return report;
}

}  // namespace

extern "C" {

__attribute__((export_name("outpost_allocate"))) char* outpost_allocate(std::size_t size) {
  return static_cast<char*>(std::malloc(size));
}

// `crashes`: once for every file operation of its step that says "crashEverywhere". The report ends with a NUL.
__attribute__((export_name("outpost_play"))) const char* outpost_play(const char* name, const char* text, int crashes) {
  using namespace outpost;
  int count = 0;
  Report() = scenarios::ReportOf(crashes != 0 ? scenarios::PlayTextWithCrashes(name, text, count)
                                              : scenarios::PlayText(name, text));
  if (crashes != 0) Report() += "  crashes " + std::to_string(count) + "\n";
  return Report().c_str();
}
}
