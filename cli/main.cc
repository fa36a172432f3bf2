// `outpost`: one binary for server and tools. Exit codes: 0 done, 1 failed, 2 wrong usage.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <functional>

#include "cli/registry.h"

namespace {

constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;

int Run(int argc, char** argv) {
  CLI::App app("Outpost: keeps an application working when the line is cut, and brings every write home exactly once.",
               "outpost");
  std::function<int()> run;
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string("outpost ") + outpost::cli::kRelease);
  outpost::cli::RegisterAll(app, run);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kWrongUsage;  // help and version are parse "errors" with code 0
  }
  return run ? run() : kWrongUsage;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return Run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "outpost: %s\n", error.what());
    return kFailed;
  }
}
