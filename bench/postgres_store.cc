// Commands a second through the command service on PostgreSQL, without HTTP: how far one primary goes by the number of
// writing connections and of workspaces. For bench/postgres.py.
//   postgres_store --url URL --schema NAME [--writers 2] [--workspaces 1] [--batch 500] [--seconds 5]
#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <thread>
#include <vector>

#include "base/ulid.h"
#include "bench/orders.h"
#include "server/core/command_service.h"
#include "server/postgres/postgres_store.h"

namespace outpost {
namespace {

using Steady = std::chrono::steady_clock;

struct Options {
  std::string url;
  std::string schema;
  int writers = 2;
  int workspaces = 1;
  int batch = 500;
  double seconds = 5;
};

Timestamp Now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<Milliseconds>(now).count()};
}

// One writing connection: groups of orders for the workspaces that fall to it, one after the other.
class Writer {
 public:
  Writer(const Options& options, int index) : options_(options), random_(static_cast<std::uint64_t>(index) + Now().ms) {
    server::PostgresStoreOptions store;
    store.connection.url = options.url;
    store.connection.schema = options.schema;
    store_ = server::PostgresStore::Open(store, random_).value();
    service_ = std::make_unique<server::CommandService>(*store_, server::ServiceSettings());
    for (int i = index; i < options.workspaces; i += options.writers) shops_.push_back("shop" + std::to_string(i));
  }

  void Run(Steady::time_point until) {
    for (std::size_t turn = 0; !shops_.empty() && Steady::now() < until; ++turn) {
      std::vector<server::Submission> group;
      group.push_back(Orders(shops_[turn % shops_.size()]));
      const auto answers = service_->ExecuteGroup(group, Now());
      const auto* response = std::get_if<PushResponse>(&answers.front());
      if (response == nullptr) continue;
      for (const CommandResult& result : response->results) {
        if (result.status == WireStatus::kSucceeded) ++done_;
      }
    }
  }
  std::int64_t done() const { return done_; }
  std::uint64_t round_trips() const { return store_->counters().round_trips; }

 private:
  server::Submission Orders(const std::string& shop) {
    server::Submission submission;
    submission.caller = {WorkspaceId(shop), UserId("anna"), {"staff"}, std::nullopt, {}};
    UlidGenerator ulids(random_);
    for (int i = 0; i < options_.batch; ++i) {
      Command command;
      command.id = CommandId(ulids.Next(Now()));
      command.key = IdempotencyKey(command.id.value);
      command.type = "ORDER_CREATE_V1";
      command.payload = bench::OrderPayload(command.id.value);
      submission.request.commands.push_back(std::move(command));
    }
    return submission;
  }

  const Options& options_;
  Random random_;
  std::unique_ptr<server::PostgresStore> store_;
  std::unique_ptr<server::CommandService> service_;
  std::vector<std::string> shops_;
  std::int64_t done_ = 0;
};

int Run(const Options& options) {
  std::vector<std::unique_ptr<Writer>> writers;
  for (int i = 0; i < options.writers; ++i) writers.push_back(std::make_unique<Writer>(options, i));
  const auto start = Steady::now();
  const auto until =
      start + std::chrono::duration_cast<Steady::duration>(std::chrono::duration<double>(options.seconds));
  std::vector<std::thread> threads;
  for (const auto& writer : writers) threads.emplace_back([&writer, until] { writer->Run(until); });
  for (std::thread& thread : threads) thread.join();
  const double seconds = std::chrono::duration<double>(Steady::now() - start).count();
  std::int64_t done = 0;
  for (const auto& writer : writers) done += writer->done();
  std::printf("{\"commands\":%lld,\"per_s\":%.0f,\"round_trips\":%llu}\n", static_cast<long long>(done),
              static_cast<double>(done) / seconds, static_cast<unsigned long long>(writers.front()->round_trips()));
  return 0;
}

}  // namespace
}  // namespace outpost

int main(int argc, char** argv) {
  CLI::App app("Commands a second through the command service on PostgreSQL");
  outpost::Options options;
  app.add_option("--url", options.url)->required();
  app.add_option("--schema", options.schema)->required();
  app.add_option("--writers", options.writers);
  app.add_option("--workspaces", options.workspaces);
  app.add_option("--batch", options.batch);
  app.add_option("--seconds", options.seconds);
  CLI11_PARSE(app, argc, argv);
  return outpost::Run(options);
}
