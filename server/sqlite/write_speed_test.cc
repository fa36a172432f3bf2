// How fast the write path is: ORDER_CREATE through the command service into a SQLite file, in groups. Disabled as a
// test (it proves nothing); run with --gtest_also_run_disabled_tests on a release build, it prints processor time per
// command.
#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>

#include "base/ulid.h"
#include "server/core/command_service.h"
#include "server/sqlite/sqlite_store.h"

namespace outpost::server {
namespace {

json::object OrderPayload(std::uint64_t n) {
  json::array items;
  for (int i = 0; i < 3; ++i) {
    items.push_back(json::object{{"sku", "pizza-" + std::to_string((n + i) % 32)},
                                 {"name", "Pizza number " + std::to_string((n + i) % 32)},
                                 {"quantity", 1 + static_cast<int>((n + i) % 3)},
                                 {"unitPrice", 1250},
                                 {"station", i == 0 ? "grill" : "oven"}});
  }
  return {{"tableId", "table-" + std::to_string(n % 40)}, {"items", std::move(items)}};
}

int Setting(const char* name, int fallback) {
  const char* text = std::getenv(name);
  return text == nullptr ? fallback : std::atoi(text);
}

TEST(WriteSpeed, DISABLED_OrderCreateInGroups) {
  const auto folder = std::filesystem::temp_directory_path() / "outpost-write-speed";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  Random random(1);
  SqliteStoreOptions options;
  options.path = (folder / "outpost.db").string();
  options.page_size_bytes = Setting("PAGE", options.page_size_bytes);
  auto store = SqliteStore::Open(options, random);
  ASSERT_TRUE(store.ok()) << store.error().message;
  CommandService service(*store.value(), {});
  UlidGenerator ulids(random);

  const int submissions = Setting("SUBMISSIONS", 50), per_submission = Setting("COMMANDS", 10),
            groups = Setting("ROUNDS", 100);
  Timestamp now{1'795'000'000'000};
  std::int64_t n = 0;
  double seconds = 0;
  for (int g = 0; g < groups; ++g) {
    std::vector<Submission> group;
    for (int s = 0; s < submissions; ++s) {
      Submission submission;
      submission.caller = {WorkspaceId("shop"), UserId("ann"), {"staff"}, std::nullopt, {}};
      submission.request.device = DeviceId("till-" + std::to_string(s));
      submission.request.incarnation = Incarnation("first");
      for (int c = 0; c < per_submission; ++c) {
        Command command;
        command.id = CommandId(ulids.Next(now));
        command.key = IdempotencyKey(command.id.value);
        command.type = "ORDER_CREATE_V1";
        command.n = CommandNumber(g * per_submission + c + 1);
        command.payload = OrderPayload(static_cast<std::uint64_t>(n++));
        submission.request.commands.push_back(std::move(command));
      }
      group.push_back(std::move(submission));
    }
    now = now + Milliseconds(10);
    const std::clock_t start = std::clock();  // processor time: other programs on the machine do not count
    const auto answers = service.ExecuteGroup(group, now);
    seconds += static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    ASSERT_EQ(answers.size(), group.size());
  }
  ASSERT_EQ(service.counters().succeeded, service.counters().commands);
  std::printf("%lld commands, %.2f us of processor time per command, %llu checkpoints, %lld bytes\n",
              static_cast<long long>(n), seconds * 1e6 / static_cast<double>(n),
              static_cast<unsigned long long>(store.value()->counters().checkpoints),
              static_cast<long long>(std::filesystem::file_size(options.path)));
  store.value().reset();
  if (Setting("KEEP", 0) == 0) std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace outpost::server
