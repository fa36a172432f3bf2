#include "cli/registry.h"

#include <CLI/CLI.hpp>
#include <cstdio>

#include "cli/backup.h"
#include "cli/doctor.h"
#include "cli/migrate.h"
#include "cli/serve.h"
#include "cli/token.h"
#if OUTPOST_HAS_QUEUE
#include "cli/queue.h"
#endif
#if OUTPOST_HAS_REPLAY
#include "cli/replay.h"
#endif
#if OUTPOST_HAS_SIM
#include "cli/sim.h"
#endif

namespace outpost::cli {
namespace {

void RegisterVersion(CLI::App& app, std::function<int()>& run) {
  app.add_subcommand("version", "Print the version")->callback([&run] {
    run = [] {
      std::printf("outpost %s\n", kRelease);
      return 0;
    };
  });
}

void RegisterHelp(CLI::App& app, std::function<int()>& run) {
  app.add_subcommand("help", "Print this help")->callback([&app, &run] {
    run = [&app] {
      // app.help() would print the help of the subcommand that was chosen: this one.
      std::fputs(app.get_formatter()->make_help(&app, app.get_name(), CLI::AppFormatMode::Normal).c_str(), stdout);
      return 0;
    };
  });
}

}  // namespace

void RegisterAll(CLI::App& app, std::function<int()>& run) {
  RegisterServe(app, run);
  RegisterToken(app, run);
  RegisterBackup(app, run);
  RegisterRestore(app, run);
  RegisterDoctor(app, run);
  RegisterMigrate(app, run);
#if OUTPOST_HAS_QUEUE
  RegisterQueue(app, run);
#endif
#if OUTPOST_HAS_REPLAY
  RegisterReplay(app, run);
#endif
#if OUTPOST_HAS_SIM
  RegisterSim(app, run);
#endif
  RegisterVersion(app, run);
  RegisterHelp(app, run);
}

}  // namespace outpost::cli
