#include "cli/doctor.h"

#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "cli/config.h"
#include "cli/data_directory.h"
#include "cli/environment.h"
#include "server/routes/secret.h"
#include "server/sqlite/schema.h"
#include "sqlite/connection.h"

namespace outpost::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kDiskBytesMin = 256u << 20;
constexpr std::uintmax_t kLogBytesMax = 512u << 20;
constexpr std::int64_t kEarliestClockMs = 1'700'000'000'000;

struct DoctorOptions {
  std::string data;
  std::string config;
};

// Prints one line per check and remembers whether any found something.
class Report {
 public:
  void Good(const std::string& what) { std::printf("ok       %s\n", what.c_str()); }
  void Notice(const std::string& what) { std::printf("notice   %s\n", what.c_str()); }
  void Bad(const std::string& what) {
    std::printf("PROBLEM  %s\n", what.c_str());
    ++problems_;
  }
  void Check(const std::string& what, const Status& status) {
    status.ok() ? Good(what) : Bad(what + ": " + status.error().message);
  }
  int problems() const { return problems_; }

 private:
  int problems_ = 0;
};

void CheckConfig(const std::string& path, Report& report) {
  for (const std::string& unknown : UnknownVariables(VariablesWith(kVariablePrefix))) report.Notice(unknown);
  if (path.empty()) return;
  auto config = ReadConfig(path);
  report.Check("configuration " + path, config.ok() ? ApplyEnvironment(config.value(), Environment) : config.error());
}

// Only the owner may read what holds keys and people's data.
void CheckPrivate(const std::string& path, Report& report) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return report.Bad(path + " cannot be looked at");
  if ((info.st_mode & 077) != 0) return report.Bad(path + " can be read by others: chmod go= " + path);
  report.Good(path + " belongs to its owner alone");
}

void CheckSpace(const std::string& data, Report& report) {
  std::error_code error;
  const fs::space_info space = fs::space(data, error);
  if (error) return report.Bad("cannot tell the free space of " + data);
  const std::string free = std::to_string(space.available >> 20) + " MiB free";
  space.available < kDiskBytesMin ? report.Bad(free + "; writes stop when the disk is full") : report.Good(free);
}

void CheckHolder(const std::string& data, Report& report) {
  const auto lock = DirectoryLock::Take(data);
  if (lock.ok()) return report.Good("no server runs on it");
  lock.error().code == ErrorCode::kBusy ? report.Good(lock.error().message) : report.Bad(lock.error().message);
}

Status CheckPages(sqlite::Connection& connection) {
  OUTPOST_TRY(auto check, connection.Prepare("PRAGMA quick_check(1)"));
  OUTPOST_TRY(const bool row, check.Step());
  if (row && check.Text(0) == "ok") return {};
  return Error{ErrorCode::kCorrupt, row ? std::string(check.Text(0)) : "no answer"};
}

// Every head must be the last command that wrote: what devices' cursors are checked against.
Status CheckHeads(sqlite::Connection& connection) {
  OUTPOST_TRY(
      const std::int64_t beyond,
      connection.QueryInteger("SELECT count(*) FROM workspace w WHERE EXISTS (SELECT 1 FROM document d WHERE "
                              "(d.position >> 45) = w.workspace AND ((d.position >> 12) & 8589934591) > w.head)"));
  if (beyond == 0) return {};
  return Error{ErrorCode::kCorrupt, std::to_string(beyond) + " workspaces have documents beyond their head"};
}

// Sequences are given out without a gap; what the purge took lies below all that is left.
Status CheckSequences(sqlite::Connection& connection) {
  OUTPOST_TRY(
      const std::int64_t broken,
      connection.QueryInteger("SELECT count(*) FROM workspace w WHERE w.head > 0 AND EXISTS ("
                              "SELECT 1 FROM (SELECT count(*) AS kept, min(place) AS first FROM command "
                              "WHERE place > (w.workspace << 40) AND place < (w.workspace << 40) + 549755813888) "
                              "WHERE kept > 0 AND kept != w.head - (first & 549755813887) + 1)"));
  if (broken == 0) return {};
  return Error{ErrorCode::kCorrupt, std::to_string(broken) + " workspaces have gaps in their sequence"};
}

void CheckStore(const std::string& data, Report& report) {
  const std::string path = data + "/" + kStoreFile;
  std::error_code error;
  if (!fs::exists(path, error)) return report.Good("no store yet; the first `serve` makes it");
  const Status ours = server::CheckFileIsOurs(path);
  report.Check("store " + path, ours);
  if (!ours.ok()) return;
  auto connection = OpenBeside(path);
  if (!connection.ok()) return report.Bad("the store cannot be opened: " + connection.error().message);
  report.Check("pages and indexes are whole", CheckPages(connection.value()));
  report.Check("heads cover their documents", CheckHeads(connection.value()));
  report.Check("the sequence has no gaps", CheckSequences(connection.value()));
  const auto log = fs::file_size(path + "-wal", error);
  if (!error && log > kLogBytesMax) report.Bad("the write-ahead log has " + std::to_string(log >> 20) + " MiB");
}

int Examine(const DoctorOptions& options) {
  Report report;
  std::error_code error;
  CheckConfig(options.config, report);
  if (SystemNow().ms < kEarliestClockMs) report.Bad("the clock is years behind: tokens will not fit");
  if (!fs::is_directory(options.data, error)) {
    report.Bad(options.data + " is not a directory");
    return 1;
  }
  CheckPrivate(options.data, report);
  const std::string secret = options.data + "/" + server::kSecretFile;
  if (fs::exists(secret, error)) {
    CheckPrivate(secret, report);
    const auto read = server::ReadSecretFile(secret);
    report.Check("secret " + secret, read.ok() ? Status() : Status(read.error()));
  }
  CheckSpace(options.data, report);
  CheckHolder(options.data, report);
  CheckStore(options.data, report);
  return report.problems() == 0 ? 0 : 1;
}

}  // namespace

void RegisterDoctor(CLI::App& app, std::function<int()>& run) {
  auto options = std::make_shared<DoctorOptions>();
  CLI::App* doctor = app.add_subcommand("doctor", "Look at a data directory and say what is wrong");
  doctor->add_option("--data", options->data, "The server's data directory")->required();
  doctor->add_option("--config", options->config, "Configuration file to check as well");
  doctor->callback([options, &run] { run = [options] { return Examine(*options); }; });
}

}  // namespace outpost::cli
