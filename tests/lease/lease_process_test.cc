// O11 with real processes: the holder is stopped past its lease while commands flow, again and again. Nothing has its
// effect twice, nothing is lost, numbers have no gaps.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "engine/device/naive_server.h"
#include "sqlite/connection.h"
#include "tests/lease/sharing_process.h"

namespace outpost::lease {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::int64_t kTtlMs = 400;
constexpr int kCommandsShort = 3000;

int Commands() {
  const char* wanted = std::getenv("OUTPOST_LEASE_COMMANDS");
  return wanted == nullptr ? kCommandsShort : std::atoi(wanted);
}

class Parent {
 public:
  explicit Parent(engine::DeviceOptions options) : options_(std::move(options)) {
    for (int i = 0; i < 2; ++i)
      children_.push_back(Fork({options_, Commands() / 2, static_cast<std::uint64_t>(i + 1)}));
  }
  ~Parent() {
    for (SharingProcess& child : children_) {
      kill(child.pid, SIGKILL);
      waitpid(child.pid, nullptr, 0);
    }
  }

  // Until everything was executed and applied and a lease went from one to the other at least once; stops the holder
  // now and then, also when only polls are left to do. False: it took too long.
  bool Run(milliseconds most) {
    const auto end = Clock::now() + most;
    while (Clock::now() < end) {
      for (std::size_t i = 0; i < children_.size(); ++i) Serve(i);
      if (stopped_) {
        MaybeContinue();
      } else {
        MaybeStop();
      }
      if (server.applied() >= Commands() && !stopped_ && taken_over > 0) return true;
    }
    return false;
  }
  int stops = 0;
  int taken_over = 0;
  engine::NaiveServer server;

 private:
  void Serve(std::size_t index) {
    Channel& channel = children_[index].channel;
    channel.Pump(1);
    while (!channel.received.empty()) {
      const Frame frame = std::move(channel.received.front());
      channel.received.pop_front();
      if (frame.kind == "lease" && frame.body == "1") Holds(index);
      if (frame.kind != "request") continue;
      const engine::HttpResponse response = server.Handle({frame.method, frame.target, {}, frame.body});
      channel.Send({frame.exchange, "response", "", "", response.body, response.content_type, response.status});
    }
  }
  void Holds(std::size_t index) {
    if (stopped_ && *stopped_ != index) ++taken_over;
    holder_ = index;
  }
  void MaybeStop() {
    // A few stops whatever the length, each while both are busy.
    if (!holder_ || server.applied() < (taken_over + 1) * Commands() / 16) return;
    kill(children_[*holder_].pid, SIGSTOP);
    if (SomebodyWrites()) {  // stopped inside a transaction, nobody could take over: tried again in a moment
      kill(children_[*holder_].pid, SIGCONT);
      return;
    }
    stopped_ = *holder_;
    stopped_at_ = Clock::now();
    taken_before_ = taken_over;
    ++stops;
  }
  bool SomebodyWrites() {
    sqlite::OpenOptions store;
    store.path = options_.store.path;
    store.busy_timeout_ms = 0;
    auto connection = sqlite::Connection::Open(store);
    return !connection.ok() || !connection.value().Execute("BEGIN IMMEDIATE").ok();
  }
  // Past its lease, and after the other one has taken over and sent (unless it had the lease already).
  void MaybeContinue() {
    const auto since = Clock::now() - stopped_at_;
    const bool over = since > milliseconds(3 * kTtlMs) && taken_over > taken_before_;
    if (!over && since < milliseconds(2000)) return;
    // Nobody took over: the other one had the lease already, and the word of it was on its way.
    if (!over) holder_ = 1 - *stopped_;
    kill(children_[*stopped_].pid, SIGCONT);
    stopped_.reset();
  }

  engine::DeviceOptions options_;
  std::vector<SharingProcess> children_;
  std::optional<std::size_t> holder_, stopped_;
  Clock::time_point stopped_at_;
  int taken_before_ = 0;
};

TEST(LeaseProcesses, AStoppedHolderCostsNothingAndDoublesNothing) {
  const auto folder = std::filesystem::temp_directory_path() / ("outpost-lease-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  engine::DeviceOptions options;
  options.store.path = (folder / "device.db").string();
  options.workspace = WorkspaceId("w");
  options.user = UserId("anna");
  options.lease_ttl_ms = kTtlMs;
  options.sync.pull_interval_ms = 500;
  options.history_rows_max = 1000000;
  Random random(99);
  static_cast<void>(engine::Device::Open(options, Timestamp{0}, random));  // made once, before both open it
  const int wanted = Commands();
  {
    Parent parent(options);
    ASSERT_TRUE(parent.Run(std::chrono::minutes(wanted > kCommandsShort ? 60 : 4)));
    EXPECT_GE(parent.stops, 1);
    EXPECT_GE(parent.taken_over, 1);
    EXPECT_EQ(parent.server.applied(), wanted);
    const DocumentKey tea{CollectionName("stock"), DocumentId("tea")};
    EXPECT_EQ(ParseJson(parent.server.Document(tea)).value().get_object().at("onHand").as_int64(), -wanted);
    std::printf("%d commands, the holder stopped %d times, taken over %d times\n", wanted, parent.stops,
                parent.taken_over);
  }
  auto device = engine::Device::Open(options, Timestamp{0}, random);
  ASSERT_TRUE(device.ok()) << device.error().message;
  std::set<std::int64_t> numbers;
  const auto queue = device.value()->Queue().value();
  for (const engine::CommandRecord& command : queue) numbers.insert(command.n.value);
  EXPECT_EQ(queue.size(), static_cast<std::size_t>(wanted));
  EXPECT_EQ(numbers.size(), static_cast<std::size_t>(wanted));
  EXPECT_EQ(*numbers.begin(), 1);
  EXPECT_EQ(*numbers.rbegin(), wanted);
  EXPECT_EQ(device.value()->status().quarantined, 0);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace outpost::lease
