// What a command costs when there is more of everything: orders through the command service in groups, on stores of
// different sizes, with the checkpoints a running server makes. Changed are orders of the last day or two, as in a
// shop; once more with an old read snapshot held open, and once more with changes to any order of the whole history.
//   growth --folder DIR --sizes 10000,1000000        one JSON line per size
//   growth --fill FILE --documents N                 only a store of that size
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <thread>

#include "base/ulid.h"
#include "bench/orders.h"
#include "server/core/command_service.h"
#include "server/sqlite/sqlite_store.h"

namespace outpost::bench {
namespace {

using namespace outpost::server;
using Clock = std::chrono::steady_clock;

constexpr int kFillCommands = 500;  // in a group while filling
constexpr int kGroupCommands = 64;  // in a group that is measured: 64 clients, one command each
constexpr int kMeasuredGroups = 600;
constexpr std::size_t kLatestOrders = 10'000;
constexpr Milliseconds kBetweenFills{7'200'000};  // 6,000 orders a day
constexpr std::chrono::milliseconds kCheckpointInterval{20};

double MillisecondsSince(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

// As the server's housekeeping does it.
class Checkpoints {
 public:
  explicit Checkpoints(SqliteStore& store)
      : thread_([this, &store] {
          while (!over_) {
            std::this_thread::sleep_for(kCheckpointInterval);
            static_cast<void>(store.Checkpoint());
          }
        }) {}
  ~Checkpoints() {
    over_ = true;
    thread_.join();
  }

 private:
  std::atomic<bool> over_{false};
  std::thread thread_;
};

class Growth {
 public:
  explicit Growth(const std::string& file) : file_(file) {
    SqliteStoreOptions options;
    options.path = file;
    auto opened = SqliteStore::Open(options, random_);
    OUTPOST_ASSERT(opened.ok());
    store_ = std::move(opened).value();
    service_ = std::make_unique<CommandService>(*store_, ServiceSettings{});
    checkpoints_ = std::make_unique<Checkpoints>(*store_);
  }

  void FillTo(std::int64_t documents) {
    while (static_cast<std::int64_t>(orders_.size()) < documents) {
      Execute(NewGroup(1, kFillCommands, 0));
      now_ = now_ + kBetweenFills;
    }
    static_cast<void>(store_->Checkpoint());
    ::sync();  // what filling left to the disk is not measured
  }

  enum class Kind { kLatest, kLatestBesideSnapshot, kAny };

  void Measure(Kind kind) {
    const bool snapshot = kind == Kind::kLatestBesideSnapshot;
    const auto held = snapshot ? store_->BeginRead() : Result<std::unique_ptr<ReadTransaction>>(nullptr);
    if (snapshot) OUTPOST_ASSERT(held.value()->Head(kShop).ok());
    changed_max_ = kind == Kind::kAny ? orders_.size() : kLatestOrders;
    const auto documents = static_cast<std::int64_t>(orders_.size());
    std::vector<double> groups_ms;
    double total_ms = 0;
    for (int i = 0; i < kMeasuredGroups; ++i) {
      const std::vector<Submission> group = NewGroup(kGroupCommands, 1, 2);
      const auto start = Clock::now();
      Execute(group);
      groups_ms.push_back(MillisecondsSince(start));
      total_ms += groups_ms.back();
    }
    std::sort(groups_ms.begin(), groups_ms.end());
    const auto at = [&](double share) {
      return groups_ms[static_cast<std::size_t>(share * static_cast<double>(groups_ms.size() - 1))];
    };
    std::error_code error;
    const auto wal = std::filesystem::file_size(file_ + "-wal", error);
    std::printf(R"({"documents":%lld,"snapshot":%s,"any":%s,"us_per_command":%.2f,"group_p50_ms":%.2f,)"
                R"("group_p99_ms":%.2f,"group_max_ms":%.2f,"wal_mb":%.1f})"
                "\n",
                static_cast<long long>(documents), snapshot ? "true" : "false", kind == Kind::kAny ? "true" : "false",
                total_ms * 1000 / (kMeasuredGroups * kGroupCommands), at(0.5), at(0.99), groups_ms.back(),
                error ? 0.0 : static_cast<double>(wal) / 1e6);
    std::fflush(stdout);
  }

 private:
  inline static const WorkspaceId kShop{"bench"};

  // Of every `1 + updates` commands one creates an order, the others change one there is.
  std::vector<Submission> NewGroup(int submissions, int commands, int updates) {
    std::vector<Submission> group;
    for (int s = 0; s < submissions; ++s) {
      Submission submission{{kShop, UserId("anna"), {"staff"}, std::nullopt, now_ + Milliseconds(3'600'000)}, {}};
      for (int c = 0; c < commands; ++c) {
        const bool update =
            updates > 0 && !orders_.empty() && random_.Below(1 + static_cast<std::uint64_t>(updates)) > 0;
        submission.request.commands.push_back(update ? Update() : Create());
      }
      group.push_back(std::move(submission));
    }
    now_ = now_ + Milliseconds(2);
    return group;
  }
  Command Create() {
    Command command = New("ORDER_CREATE_V1");
    command.payload = OrderPayload(command.id.value);
    orders_.push_back(command.id.value);
    return command;
  }
  Command Update() {
    Command command = New("ORDER_MODIFY_V1");
    const std::size_t latest = std::min(orders_.size(), changed_max_);
    command.payload = {{"id", orders_[orders_.size() - 1 - random_.Below(latest)]},
                       {"tableId", "table-" + std::to_string(random_.Below(90))}};
    return command;
  }
  Command New(const char* type) {
    Command command;
    command.id = CommandId(ulids_.Next(now_));
    command.key = IdempotencyKey(command.id.value);
    command.type = type;
    return command;
  }
  void Execute(const std::vector<Submission>& group) {
    for (const SubmissionResult& result : service_->ExecuteGroup(group, now_)) {
      const auto* answer = std::get_if<PushResponse>(&result);
      OUTPOST_ASSERT(answer != nullptr && answer->results.front().status == WireStatus::kSucceeded);
    }
  }

  std::string file_;
  Random random_{1};
  UlidGenerator ulids_{random_};
  Timestamp now_{1'790'000'000'000};
  std::unique_ptr<SqliteStore> store_;
  std::unique_ptr<CommandService> service_;
  std::unique_ptr<Checkpoints> checkpoints_;
  std::vector<std::string> orders_;
  std::size_t changed_max_ = kLatestOrders;
};

}  // namespace
}  // namespace outpost::bench

int main(int count, char** arguments) {
  using namespace outpost::bench;
  CLI::App app("Cost of a command as the store grows");
  std::string folder = ".", fill;
  std::vector<std::int64_t> sizes = {10'000, 1'000'000};
  std::int64_t documents = 1'000'000;
  app.add_option("--folder", folder, "where the store is made");
  app.add_option("--sizes", sizes, "documents, ascending")->delimiter(',');
  app.add_option("--fill", fill, "a store to be filled, nothing measured");
  app.add_option("--documents", documents, "how many --fill makes");
  CLI11_PARSE(app, count, arguments);
  if (!fill.empty()) {
    Growth(fill).FillTo(documents);
    return 0;
  }
  Growth growth(folder + "/outpost.db");
  for (const std::int64_t size : sizes) {
    growth.FillTo(size);
    for (const auto kind : {Growth::Kind::kLatest, Growth::Kind::kLatestBesideSnapshot, Growth::Kind::kAny})
      growth.Measure(kind);
  }
  return 0;
}
