#include "cli/replay.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include "cli/client_token.h"
#include "cli/network_trace.h"
#include "cli/order_book.h"
#include "cli/replay_count.h"
#include "cli/replay_device.h"
#include "cli/replay_fleet.h"
#include "cli/replay_progress.h"
#include "cli/replay_run.h"
#include "cli/replay_summary.h"
#include "cli/stop_signals.h"

namespace outpost::cli {
namespace {

using Steady = std::chrono::steady_clock;

constexpr Milliseconds kFleetTurn{100};

// Everything a replay needs before the first device starts.
struct Prepared {
  FolderLock lock;
  OrderBook book;  // cut to the limit
  ReplayRun run;
  std::unique_ptr<transport::HttpTransport> transport;
};

Result<Prepared> Prepare(const ReplayOptions& options) {
  OUTPOST_TRY(const ClientToken token, ReadClientToken(options.token_file));
  OUTPOST_TRY(auto transport, transport::HttpTransport::Create(options.server, [text = token.text] { return text; }));
  if (!options.trace.empty()) {
    OUTPOST_TRY([[maybe_unused]] const auto trace, ReadNetworkTrace(options.trace));
  }
  OUTPOST_TRY(OrderBook book, ReadOrderBook(options.orders));
  const auto timed = [](const BookOrder& order) { return order.at.has_value(); };
  if (options.speed && std::none_of(book.orders.begin(), book.orders.end(), timed)) {
    return Error{ErrorCode::kInvalidArgument, "the orders have no recorded times: --speed needs date and time"};
  }
  OUTPOST_TRY(FolderLock lock, FolderLock::Take(options.data, Milliseconds(0)));
  OUTPOST_TRY(ReplayRun run, OpenReplayRun(options, book.digest, transport::SystemNow()));
  const auto limit = static_cast<std::size_t>(options.limit.value_or(static_cast<std::int64_t>(book.orders.size())));
  if (limit < book.orders.size())
    book.orders.erase(book.orders.begin() + static_cast<std::ptrdiff_t>(limit), book.orders.end());
  return Prepared{std::move(lock), std::move(book), std::move(run), std::move(transport)};
}

ExpectedOrders ExpectationOf(const Prepared& prepared) {
  ExpectedOrders expected;
  for (std::size_t i = 0; i < prepared.book.orders.size(); ++i) {
    const BookOrder& order = prepared.book.orders[i];
    expected[OrderIdOf(prepared.run, i)] = {static_cast<std::int64_t>(order.lines.size()), order.items, order.total};
  }
  return expected;
}

class Replay {
 public:
  Replay(const ReplayOptions& options, Prepared prepared) : options_(options), prepared_(std::move(prepared)) {}

  Result<ReplaySummary> Run();

 private:
  Status Play();
  Status Count();

  const ReplayOptions& options_;
  Prepared prepared_;
  StopSignals stop_;
  ReplaySummary summary_;
};

Result<ReplaySummary> Replay::Run() {
  summary_.played = TotalsOf(prepared_.book.orders);
  summary_.skipped_lines = static_cast<std::int64_t>(prepared_.book.skipped.size());
  OUTPOST_CHECK(Play());
  const Status counted = Count();
  if (!counted.ok()) {
    std::fprintf(stderr, "outpost replay: %s\n", counted.error().message.c_str());
    summary_.complete = false;
  }
  return summary_;
}

Status Replay::Play() {
  const Steady::time_point start = Steady::now();
  ReplayFleet fleet(options_);
  ReplayProgress progress(summary_.played.orders);
  OUTPOST_CHECK(fleet.Start());
  while (fleet.running()) {
    if (stop_.Stopped()) {
      fleet.Stop();
      return Error{ErrorCode::kBusy, "stopped; the same command goes on from here"};
    }
    OUTPOST_CHECK(fleet.RunOnce(kFleetTurn, stop_.fd()));
    progress.Show(Sum(fleet.progress()));
  }
  const FleetProgress sum = Sum(fleet.progress());
  summary_.complete = !fleet.failed();
  summary_.waiting = sum.waiting;
  summary_.refused = sum.refused;
  summary_.seconds = std::chrono::duration<double>(Steady::now() - start).count();
  const std::int64_t settled = std::max<std::int64_t>(sum.acknowledged() - sum.settled_before, 0);
  if (summary_.seconds > 0) summary_.commands_per_second = static_cast<double>(settled) / summary_.seconds;
  return {};
}

Status Replay::Count() {
  const ExpectedOrders expected = ExpectationOf(prepared_);
  OUTPOST_TRY(summary_.server, CountOnServer(*prepared_.transport, expected, [this] { return stop_.Stopped(); }));
  return {};
}

int Complain(const Error& error) {
  std::fprintf(stderr, "outpost replay: %s\n", error.message.c_str());
  return error.code == ErrorCode::kInvalidArgument || error.code == ErrorCode::kNotFound ? 2 : 1;
}

void AddOptions(CLI::App& command, ReplayOptions& options) {
  command.add_option("--server", options.server, "Address of the server, e.g. http://127.0.0.1:8080")->required();
  command.add_option("--data", options.data, "Folder for the run and the devices' stores")->required();
  command.add_option("--orders", options.orders, "Folder with orders.csv, order_details.csv and products.csv")
      ->required();
  command.add_option("--devices", options.devices, "Number of device processes")
      ->required()
      ->check(CLI::Range(1, kReplayDevicesMax));
  auto* offline =
      command.add_option("--offline", options.offline_percent, "Share of time with the line cut, in percent")
          ->check(CLI::Range(0.0, 100.0));
  command
      .add_option("--trace", options.trace, "Recorded line: JSON array of {duration_ms, bandwidth_kbps, latency_ms}")
      ->excludes(offline);
  command.add_option("--speed", options.speed, "Times the recorded tempo; without it as fast as it goes")
      ->check(CLI::Range(1e-6, 1e12));
  command.add_option("--limit", options.limit, "Play only the first orders")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 40));
  command.add_option("--seed", options.seed, "Seed of the line's turns");
  command.add_option("--token-file", options.token_file, "File with the token; without it OUTPOST_TOKEN");
}

}  // namespace

int RunReplay(const ReplayOptions& options) {
  auto prepared = Prepare(options);
  if (!prepared.ok()) return Complain(prepared.error());
  for (const SkippedLine& skipped : prepared.value().book.skipped) {
    std::fprintf(stderr, "%s:%lld: skipped: %s\n", skipped.file.c_str(), static_cast<long long>(skipped.line),
                 skipped.reason.c_str());
  }
  const auto summary = Replay(options, std::move(prepared).value()).Run();
  if (!summary.ok()) {
    Complain(summary.error());
    return 1;
  }
  std::fputs(ToTable(summary.value()).c_str(), options.json ? stderr : stdout);
  if (options.json) std::printf("%s\n", ToJson(summary.value()).c_str());
  std::fflush(stdout);
  return summary.value().agrees() ? 0 : 1;
}

void RegisterReplay(CLI::App& app, std::function<int()>& run) {
  CLI::App* replay =
      app.add_subcommand("replay", "Play recorded orders through devices with a line that comes and goes");
  auto options = std::make_shared<ReplayOptions>();
  AddOptions(*replay, *options);
  replay->add_flag("--json", options->json, "End with one line of JSON");
  replay->callback([options, &run] { run = [options] { return RunReplay(*options); }; });

  CLI::App* device = app.add_subcommand("replay-device", "One device of a replay")->group("");
  auto arguments = std::make_shared<ReplayDeviceArguments>();
  AddOptions(*device, arguments->options);
  device->add_option("--index", arguments->index)->required();
  device->add_option("--report-fd", arguments->report_fd)->required();
  device->callback([arguments, &run] { run = [arguments] { return RunReplayDevice(*arguments); }; });
}

}  // namespace outpost::cli
