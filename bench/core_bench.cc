// The server's core on a real disk: orders through the command service alone and in groups, and pages of the feed.
#include <benchmark/benchmark.h>

#include "base/ulid.h"
#include "bench/orders.h"
#include "bench/scratch.h"
#include "server/core/command_service.h"
#include "server/core/feed.h"
#include "server/sqlite/sqlite_store.h"

namespace outpost::server {
namespace {

constexpr Timestamp kNow{1'790'000'000'000};

class Middle {
 public:
  explicit Middle(const std::string& name) : scratch_(name) {
    SqliteStoreOptions options;
    options.path = scratch_.File("outpost.db");
    auto opened = SqliteStore::Open(options, random_);
    OUTPOST_ASSERT(opened.ok());
    store_ = std::move(opened).value();
    service_ = std::make_unique<CommandService>(*store_, ServiceSettings{});
    caller_ = {WorkspaceId("bench"), UserId("anna"), {"staff"}, std::nullopt, kNow + Milliseconds(3600000)};
  }

  // One group of `requests` requests with `commands` orders each.
  void CreateOrders(std::int64_t requests, std::int64_t commands) {
    std::vector<Submission> group;
    for (std::int64_t r = 0; r < requests; ++r) {
      PushRequest request;
      for (std::int64_t c = 0; c < commands; ++c) request.commands.push_back(NewOrder());
      group.push_back({caller_, std::move(request)});
    }
    for (const SubmissionResult& result : service_->ExecuteGroup(group, kNow)) {
      const auto* answer = std::get_if<PushResponse>(&result);
      OUTPOST_ASSERT(answer != nullptr && answer->results.front().status == WireStatus::kSucceeded);
    }
  }
  Store& store() { return *store_; }
  const Caller& caller() const { return caller_; }

 private:
  Command NewOrder() {
    Command command;
    command.id = CommandId(ulids_.Next(kNow));
    command.type = "ORDER_CREATE_V1";
    command.payload = bench::OrderPayload(command.id.value);
    command.key = IdempotencyKey(command.id.value);
    return command;
  }

  bench::Scratch scratch_;
  Random random_{1};
  UlidGenerator ulids_{random_};
  std::unique_ptr<SqliteStore> store_;
  std::unique_ptr<CommandService> service_;
  Caller caller_;
};

// Range: requests in a group, commands in a request. One commit per group.
void ExecuteOrders(benchmark::State& state) {
  Middle middle("server");
  for (auto _ : state) middle.CreateOrders(state.range(0), state.range(1));
  state.SetItemsProcessed(state.iterations() * state.range(0) * state.range(1));
}
BENCHMARK(ExecuteOrders)
    ->Args({1, 1})
    ->Args({64, 1})
    ->Args({1, 100})
    ->Args({8, 50})
    ->Unit(benchmark::kMicrosecond)
    ->MinTime(2)
    ->UseRealTime();

// A first sync of 10,000 orders in pages of a thousand.
void ReadFeed(benchmark::State& state) {
  Middle middle("feed");
  for (int i = 0; i < 20; ++i) middle.CreateOrders(1, 500);
  std::int64_t documents = 0;
  for (auto _ : state) {
    PullRequest request;
    for (bool more = true; more;) {
      const PullResult result = ReadChanges(middle.store(), middle.caller(), request);
      const auto* page = std::get_if<ChangesPage>(&result);
      OUTPOST_ASSERT(page != nullptr);
      documents += static_cast<std::int64_t>(page->changes.size());
      benchmark::DoNotOptimize(ToJson(*page).size());
      request.cursor = page->cursor;
      more = page->more;
    }
  }
  state.SetItemsProcessed(documents);
}
BENCHMARK(ReadFeed)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace outpost::server
