// The parts of a replay that need no process: ids and keys, reports, the count and the summary.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/base64url.h"
#include "base/ulid.h"
#include "cli/client_token.h"
#include "cli/replay_count.h"
#include "cli/replay_report.h"
#include "cli/replay_run.h"
#include "cli/replay_summary.h"
#include "protocol/json.h"

namespace outpost::cli {
namespace {

class RunFolder : public testing::Test {
 protected:
  RunFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "replay-run-XXXXXX").string();
    options_.data = mkdtemp(pattern.data());
    options_.devices = 3;
  }
  ~RunFolder() override { std::filesystem::remove_all(options_.data); }

  ReplayOptions options_;
};

TEST_F(RunFolder, TheSameFolderIsTheSameRun) {
  const auto first = OpenReplayRun(options_, "digest", Timestamp{1'700'000'000'000});
  ASSERT_TRUE(first.ok());
  EXPECT_TRUE(IsUlid(first.value().id));
  const auto second = OpenReplayRun(options_, "digest", Timestamp{1'800'000'000'000});
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(first.value().id, second.value().id);
  EXPECT_EQ(OrderIdOf(first.value(), 16), OrderIdOf(second.value(), 16));
}

TEST_F(RunFolder, OtherOrdersOrAnotherNumberOfDevicesAreRefused) {
  ASSERT_TRUE(OpenReplayRun(options_, "digest", Timestamp{1}).ok());
  EXPECT_EQ(OpenReplayRun(options_, "other", Timestamp{1}).error().code, ErrorCode::kInvalidArgument);
  options_.devices = 4;
  EXPECT_EQ(OpenReplayRun(options_, "digest", Timestamp{1}).error().code, ErrorCode::kInvalidArgument);
}

TEST_F(RunFolder, ADamagedRunFileIsNotOverwritten) {
  std::ofstream(options_.data + "/run.json") << "{\"run\":";
  EXPECT_EQ(OpenReplayRun(options_, "digest", Timestamp{1}).error().code, ErrorCode::kCorrupt);
}

TEST_F(RunFolder, OnlyOneWorksInAFolder) {
  {
    const auto first = FolderLock::Take(options_.data, Milliseconds(0));
    ASSERT_TRUE(first.ok());
    EXPECT_EQ(FolderLock::Take(options_.data, Milliseconds(0)).error().code, ErrorCode::kBusy);
  }
  EXPECT_TRUE(FolderLock::Take(options_.data, Milliseconds(0)).ok());
}

BookOrder OrderOf(std::size_t lines) {
  BookOrder order;
  order.id = "17";
  for (std::size_t i = 0; i < lines; ++i) order.lines.push_back({"pie", "Pie", i == 0 ? "oven" : "", 2, 150});
  order.items = static_cast<std::int64_t>(2 * lines);
  order.total = static_cast<std::int64_t>(300 * lines);
  return order;
}

TEST(ReplayIntents, CreateSendAndCloseWithTheWholeTotal) {
  const DocumentId id = OrderIdOf({"01ARZ3NDEKTSV4RRFFQ69G5FAV", "digest", 3}, 16);
  EXPECT_TRUE(IsValidId(id.value));
  const auto intents = IntentsOf(OrderOf(2), id);
  ASSERT_EQ(intents.size(), 3u);
  EXPECT_EQ(intents[0].type, "ORDER_CREATE_V1");
  EXPECT_EQ(CanonicalJson(intents[0].payload),
            R"({"id":")" + id.value +
                R"(","items":[{"name":"Pie","quantity":2,"sku":"pie","station":"oven","unitPrice":150},)"
                R"({"name":"Pie","quantity":2,"sku":"pie","unitPrice":150}]})");
  EXPECT_EQ(intents[1].type, "ORDER_SEND_TO_KITCHEN_V1");
  EXPECT_EQ(intents[2].type, "ORDER_CLOSE_V1");
  EXPECT_EQ(CanonicalJson(intents[2].payload),
            R"({"id":")" + id.value + R"(","payment":{"amount":600,"method":"CASH"}})");
  for (const auto& intent : intents) EXPECT_TRUE(IsValidKey(intent.key.value().value));
  EXPECT_NE(intents[0].key.value(), intents[1].key.value());
}

TEST(ReplayIntents, LinesBeyondOneCommandAreAdded) {
  const auto intents = IntentsOf(OrderOf(2001), DocumentId("o"));
  ASSERT_EQ(intents.size(), 5u);
  EXPECT_EQ(intents[0].payload.at("items").as_array().size(), 1000u);
  EXPECT_EQ(intents[2].type, "ORDER_ADD_ITEMS_V1");
  EXPECT_EQ(intents[2].payload.at("items").as_array().size(), 1u);
  EXPECT_NE(intents[1].key.value(), intents[2].key.value());
}

TEST(ReplayReport, SurvivesThePipe) {
  const DeviceProgress progress = {12, 36, 3, 5, 1, true, true};
  const std::string line = ToJsonLine(progress);
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  const auto read = DeviceProgressFromJson(line.substr(0, line.size() - 1));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(ToJsonLine(read.value()), line);
  EXPECT_FALSE(DeviceProgressFromJson(line.substr(0, 20)).ok());
}

TEST(ClientToken, NamesWorkspaceAndUser) {
  const auto token = ParseClientToken("h." + ToBase64Url(R"({"ws":"cafe","sub":"ana","exp":1})") + ".s");
  ASSERT_TRUE(token.ok());
  EXPECT_EQ(token.value().workspace.value, "cafe");
  EXPECT_EQ(token.value().user.value, "ana");
}

TEST(ClientToken, WhatIsNoTokenIsRefusedWithoutBeingShown) {
  for (const std::string& text : {std::string("secret"), std::string("secret.secret.secret"),
                                  "secret." + ToBase64Url(R"({"sub":"ana"})") + ".secret", std::string()}) {
    const auto token = ParseClientToken(text);
    ASSERT_FALSE(token.ok());
    EXPECT_EQ(token.error().message.find("secret"), std::string::npos);
  }
}

Change OrderChange(const std::string& id, const std::string& doc) {
  return {Sequence(1), {CollectionName("orders"), DocumentId(id)}, Version(3), doc, ""};
}

const ExpectedOrders kExpected = {{DocumentId("a"), {1, 2, 300}}, {DocumentId("b"), {1, 1, 100}}};
constexpr char kOrderA[] =
    R"({"items":[{"quantity":2}],"total":300,"status":"CLOSED","balanceDue":0,"payments":[{"amount":300}]})";

ServerCount Count(const std::vector<Change>& changes) {
  OrderCounter counter(kExpected);
  for (const Change& change : changes) EXPECT_TRUE(counter.Take(change).ok());
  return counter.Finish();
}

TEST(OrderCounter, CountsOnlyTheOrdersOfTheRun) {
  const ServerCount count = Count({OrderChange("a", kOrderA), OrderChange("stranger", kOrderA)});
  EXPECT_EQ(count.orders, 1);
  EXPECT_EQ(count.items, 2);
  EXPECT_EQ(count.amount, 300);
  EXPECT_EQ(count.missing, 1);
  EXPECT_EQ(count.differing, 0);
  EXPECT_EQ(count.duplicates, 0);
}

TEST(OrderCounter, AnOrderThatComesTwiceIsADuplicateAndCountsOnce) {
  const ServerCount count = Count({OrderChange("a", kOrderA), OrderChange("a", kOrderA)});
  EXPECT_EQ(count.orders, 1);
  EXPECT_EQ(count.duplicates, 1);
}

TEST(OrderCounter, ALineOrAPaymentTooManyIsADuplicate) {
  EXPECT_EQ(Count({OrderChange("a", R"({"items":[{"quantity":1},{"quantity":1}],"total":300,"status":"CLOSED"})")})
                .duplicates,
            1);
  EXPECT_EQ(Count({OrderChange("a", R"({"items":[{"quantity":2}],"total":300,"status":"CLOSED","balanceDue":-300,
                                        "payments":[{"amount":300},{"amount":300}]})")})
                .duplicates,
            1);
}

TEST(OrderCounter, WhatIsNotAsPlayedDiffers) {
  EXPECT_EQ(Count({OrderChange("a", R"({"items":[{"quantity":3}],"total":300,"status":"CLOSED"})")}).differing, 1);
  EXPECT_EQ(Count({OrderChange("a", R"({"items":[{"quantity":2}],"total":299,"status":"CLOSED"})")}).differing, 1);
  EXPECT_EQ(Count({OrderChange("a", R"({"items":[{"quantity":2}],"total":300,"status":"SENT"})")}).differing, 1);
}

ReplaySummary Agreeing() {
  ReplaySummary summary;
  summary.played = {2, 3, 5, 123456};
  summary.server.orders = 2;
  summary.server.items = 5;
  summary.server.amount = 123456;
  summary.skipped_lines = 2;
  summary.seconds = 12.5;
  summary.commands_per_second = 5000.04;
  summary.complete = true;
  return summary;
}

TEST(ReplaySummary, JsonHasTheFieldsOfTheProtocol) {
  EXPECT_EQ(
      ToJson(Agreeing()),
      R"({"orders":2,"lines":3,"items":5,"amount":123456,"ordersOnServer":2,"itemsOnServer":5,"amountOnServer":123456,)"
      R"("duplicates":0,"waiting":0,"refused":0,"skippedLines":2,"seconds":12.500,"commandsPerSecond":5000.0})");
}

TEST(ReplaySummary, AgreesOnlyWhenNothingIsLeftOpen) {
  EXPECT_TRUE(Agreeing().agrees());
  const auto spoilt = [](auto spoil) {
    ReplaySummary summary = Agreeing();
    spoil(summary);
    return !summary.agrees();
  };
  EXPECT_TRUE(spoilt([](ReplaySummary& s) { s.server.orders = 1; }));
  EXPECT_TRUE(spoilt([](ReplaySummary& s) { s.server.items = 4; }));
  EXPECT_TRUE(spoilt([](ReplaySummary& s) { s.server.amount = 1; }));
  EXPECT_TRUE(spoilt([](ReplaySummary& s) { s.server.duplicates = 1; }));
  EXPECT_TRUE(spoilt([](ReplaySummary& s) { s.server.differing = 1; }));
  EXPECT_TRUE(spoilt([](ReplaySummary& s) { s.waiting = 1; }));
  EXPECT_TRUE(spoilt([](ReplaySummary& s) { s.refused = 1; }));
  EXPECT_TRUE(spoilt([](ReplaySummary& s) { s.complete = false; }));
}

TEST(ReplaySummary, TableShowsBothSidesGrouped) {
  ReplaySummary summary = Agreeing();
  summary.server.amount = -99;
  const std::string table = ToTable(summary);
  EXPECT_NE(table.find("1,234.56"), std::string::npos);
  EXPECT_NE(table.find("-0.99   differs"), std::string::npos);
}

}  // namespace
}  // namespace outpost::cli
