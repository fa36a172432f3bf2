#include "engine/store/query_store.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "engine/store/device_store.h"

namespace outpost::engine {
namespace {

const CollectionName kOrders("orders");

class QueryStoreTest : public ::testing::Test {
 protected:
  QueryStoreTest() {
    folder_ = std::filesystem::temp_directory_path() / ("outpost-query-" + std::to_string(::getpid()));
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    options_.path = (folder_ / "device.db").string();
    Open();
  }
  ~QueryStoreTest() override {
    store_.reset();
    std::filesystem::remove_all(folder_);
  }

  void Open() {
    store_.reset();
    auto opened = DeviceStore::Open(options_);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    store_ = std::move(opened).value();
  }
  void Base(const std::string& id, const std::string& body) {
    const Change change{Sequence(++seq_), {kOrders, DocumentId(id)}, Version(1), body, ""};
    ASSERT_TRUE(store_->documents().StoreBase(change, 1).ok());
  }
  void Overlay(const std::string& id, std::optional<std::string> body) {
    ASSERT_TRUE(store_->documents().PutOverlay({{kOrders, DocumentId(id)}, Version(2), std::move(body)}).ok());
  }
  Status Declare(const std::vector<IndexDeclaration>& indexes) { return store_->queries().KeepIndexes(indexes); }
  std::string Ids(const Query& query) {
    const auto rows = store_->queries().Find(query);
    if (!rows.ok()) return rows.error().message;
    std::string ids;
    for (const QueryRow& found : rows.value()) ids += (ids.empty() ? "" : " ") + found.row.key.id.value;
    return ids;
  }
  static Query Where(std::string field, Comparison comparison, FieldValue value) {
    return {kOrders, {{std::move(field), comparison, std::move(value)}}, std::nullopt, 0};
  }

  std::filesystem::path folder_;
  StoreOptions options_;
  std::unique_ptr<DeviceStore> store_;
  std::int64_t seq_ = 0;
};

TEST_F(QueryStoreTest, OverlaysCountInsteadOfBase) {
  Base("a", R"({"status":"NEW"})");
  Base("b", R"({"status":"NEW"})");
  Base("c", R"({"status":"SENT"})");
  Overlay("b", R"({"status":"SENT"})");
  Overlay("c", std::nullopt);
  Overlay("d", R"({"status":"NEW"})");
  const Query fresh = Where("status", Comparison::kEqual, std::string("NEW"));
  EXPECT_EQ(Ids(fresh), "a d");
  EXPECT_EQ(store_->queries().Count(fresh).value(), 2);
  EXPECT_EQ(Ids(Where("status", Comparison::kEqual, std::string("SENT"))), "b");
  EXPECT_TRUE(store_->queries().FindOne(fresh, DocumentId("d")).value()->row.pending);
  EXPECT_FALSE(store_->queries().FindOne(fresh, DocumentId("b")).value().has_value());
}

TEST_F(QueryStoreTest, KindsDoNotMixAndAbsentIsNull) {
  Base("absent", "{}");
  Base("five", R"({"x":5})");
  Base("half", R"({"x":5.5})");
  Base("null", R"({"x":null})");
  Base("text", R"({"x":"5"})");
  Base("true", R"({"x":true})");
  EXPECT_EQ(Ids(Where("x", Comparison::kEqual, std::monostate())), "absent null");
  EXPECT_EQ(Ids(Where("x", Comparison::kEqual, std::int64_t{5})), "five");
  EXPECT_EQ(Ids(Where("x", Comparison::kEqual, std::string("5"))), "text");
  EXPECT_EQ(Ids(Where("x", Comparison::kEqual, true)), "true");
  EXPECT_EQ(Ids(Where("x", Comparison::kGreaterOrEqual, 5.0)), "five half");
  EXPECT_EQ(Ids(Where("x", Comparison::kLess, std::string("6"))), "text");
  EXPECT_EQ(Ids(Where("x", Comparison::kLess, std::int64_t{5})), "true");
  Query all{kOrders, {}, Order{"x", Direction::kAscending}, 0};
  EXPECT_EQ(Ids(all), "absent null true five half text");
  all.order->direction = Direction::kDescending;
  EXPECT_EQ(Ids(all), "text half five true null absent");
}

TEST_F(QueryStoreTest, PathsReachIntoObjectsAndLimitsCutTheOrderedResult) {
  for (int i = 0; i < 5; ++i) {
    Base("o" + std::to_string(i), R"({"payment":{"amount":)" + std::to_string(100 - i) + "}}");
  }
  Overlay("o4", R"({"payment":{"amount":500}})");
  EXPECT_EQ(Ids({kOrders, {}, Order{"payment.amount", Direction::kAscending}, 2}), "o3 o2");
  EXPECT_EQ(Ids({kOrders, {}, Order{"payment.amount", Direction::kDescending}, 2}), "o4 o0");
  EXPECT_EQ(Ids({kOrders, {}, Order{"id", Direction::kDescending}, 1}), "o4");
}

TEST_F(QueryStoreTest, ADeclaredIndexIsUsedOnBothTablesAndNothingIsSorted) {
  const Query query{
      kOrders, {{"status", Comparison::kEqual, std::string("NEW")}}, Order{"createdAt", Direction::kDescending}, 10};
  EXPECT_NE(store_->queries().Explain(query).value().find("USE TEMP B-TREE"), std::string::npos);
  ASSERT_TRUE(Declare({{kOrders, {"status", "createdAt"}}}).ok());
  const std::string plan = store_->queries().Explain(query).value();
  EXPECT_NE(plan.find("by:document:orders/status/createdAt"), std::string::npos) << plan;
  EXPECT_NE(plan.find("by:overlay:orders/status/createdAt"), std::string::npos) << plan;
  EXPECT_EQ(plan.find("USE TEMP B-TREE"), std::string::npos) << plan;
  EXPECT_EQ(plan.find("SCAN d"), std::string::npos) << plan;
}

TEST_F(QueryStoreTest, ChangedDeclarationsChangeAnExistingStoreAndItsAnswersStay) {
  ASSERT_TRUE(Declare({{kOrders, {"status"}}}).ok());
  Base("a", R"({"status":"NEW","total":3})");
  Base("b", R"({"status":"NEW","total":2})");
  Open();
  ASSERT_TRUE(Declare({{kOrders, {"total"}}}).ok());
  Base("c", R"({"status":"NEW","total":1})");
  const Query by_total{kOrders, {}, Order{"total", Direction::kAscending}, 0};
  EXPECT_EQ(Ids(by_total), "c b a");
  EXPECT_EQ(store_->queries().Explain(by_total).value().find("TEMP B-TREE"), std::string::npos);
  const Query by_status = Where("status", Comparison::kEqual, std::string("NEW"));
  EXPECT_EQ(Ids(by_status), "a b c");
  EXPECT_EQ(store_->queries().Explain(by_status).value().find("orders/status"), std::string::npos);
}

TEST_F(QueryStoreTest, NamesThatAreNoneAreRefusedAndValuesAreOnlyValues) {
  Base("a", R"({"status":"x' OR '1'='1"})");
  EXPECT_EQ(Ids(Where("status", Comparison::kEqual, std::string("' OR '1'='1"))), "");
  EXPECT_EQ(Ids(Where("status", Comparison::kEqual, std::string("x' OR '1'='1"))), "a");
  for (const char* field : {"", "a'b", "a\"b", "a..b", ".a", "a.", "a b", "$.a", "a[0]"}) {
    const auto refused = store_->queries().Find(Where(field, Comparison::kEqual, true));
    ASSERT_FALSE(refused.ok()) << field;
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
    EXPECT_FALSE(Declare({{kOrders, {field}}}).ok()) << field;
  }
  EXPECT_FALSE(store_->queries().Find({CollectionName("a'b"), {}, std::nullopt, 0}).ok());
  EXPECT_FALSE(store_->queries().Find(Where("x", Comparison::kLess, std::monostate())).ok());
}

TEST_F(QueryStoreTest, HiddenDocumentsAreFoundByNobody) {
  Base("a", R"({"status":"NEW"})");
  Overlay("a", R"({"status":"SENT"})");
  ASSERT_TRUE(store_->documents().HideBase({kOrders, DocumentId("a")}, Sequence(50), 1).value());
  Overlay("a", R"({"status":"SENT"})");
  EXPECT_EQ(Ids({kOrders, {}, std::nullopt, 0}), "");
  EXPECT_FALSE(store_->documents().Visible({kOrders, DocumentId("a")}).value().has_value());
  EXPECT_TRUE(store_->documents().Current({kOrders, DocumentId("a")}).value().has_value());
  seq_ = 60;
  Base("a", R"({"status":"NEW"})");
  Overlay("a", R"({"status":"SENT"})");
  EXPECT_EQ(Ids({kOrders, {}, std::nullopt, 0}), "a");
}

}  // namespace
}  // namespace outpost::engine
