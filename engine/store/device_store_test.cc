#include "engine/store/device_store.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "engine/store/first_release_schema.h"
#include "engine/store/schema.h"

namespace outpost::engine {
namespace {

class DeviceStoreTest : public ::testing::Test {
 protected:
  DeviceStoreTest() {
    folder_ = std::filesystem::temp_directory_path() / ("outpost-store-" + std::to_string(::getpid()));
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    options_.path = (folder_ / "device.db").string();
  }
  ~DeviceStoreTest() override { std::filesystem::remove_all(folder_); }

  std::unique_ptr<DeviceStore> Open() {
    auto opened = DeviceStore::Open(options_);
    EXPECT_TRUE(opened.ok()) << opened.error().message;
    return std::move(opened).value();
  }
  static CommandRecord Record(std::int64_t position) {
    CommandRecord record;
    record.position = Position(position);
    record.id = CommandId("c" + std::to_string(position));
    record.n = CommandNumber(position);
    record.incarnation = Incarnation("i");
    record.author = UserId("anna");
    record.type = "ORDER_CREATE_V1";
    record.payload = R"({"id":"o"})";
    record.key = IdempotencyKey(record.id.value);
    record.depends_on = {CommandId("a"), CommandId("b")};
    record.expected_version = AfterCommand{CommandId("before")};
    return record;
  }

  std::filesystem::path folder_;
  StoreOptions options_;
};

const DocumentKey kTea{CollectionName("products"), DocumentId("tea")};

TEST_F(DeviceStoreTest, ACommandComesBackAsItWasPutIn) {
  auto store = Open();
  const std::vector<Touch> touches = {{kTea, rules::Access::kReads}};
  ASSERT_TRUE(store->Run("test", Durability::kFull, [&] { return store->outbox().Insert(Record(1), touches); }).ok());
  const auto entry = store->outbox().Load(Position(1)).value();
  ASSERT_TRUE(entry.has_value());
  EXPECT_EQ(entry->command.payload, R"({"id":"o"})");
  EXPECT_EQ(entry->command.depends_on, (std::vector<CommandId>{CommandId("a"), CommandId("b")}));
  EXPECT_EQ(std::get<AfterCommand>(entry->command.expected_version).id, CommandId("before"));
  EXPECT_EQ(entry->touches, touches);
  EXPECT_EQ(store->outbox().LastNumber(Incarnation("i")).value(), CommandNumber(1));
}

TEST_F(DeviceStoreTest, AFailedOperationLeavesNothingBehind) {
  auto store = Open();
  const auto failed = store->Run("test", Durability::kFull, [&]() -> Status {
    OUTPOST_CHECK(store->outbox().Insert(Record(1), {}));
    return Error{ErrorCode::kRefused, "no"};
  });
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().message, "test: no");
  EXPECT_EQ(store->outbox().LastPosition().value(), Position(0));
}

TEST_F(DeviceStoreTest, BaseNeverGoesBackwardsExceptIntoANewGeneration) {
  auto store = Open();
  Documents& documents = store->documents();
  EXPECT_TRUE(documents.StoreBase({Sequence(5), kTea, Version(2), "{\"v\":2}", ""}, 1).value());
  EXPECT_FALSE(documents.StoreBase({Sequence(4), kTea, Version(1), "{\"v\":1}", ""}, 1).value());
  EXPECT_FALSE(documents.RemoveBase(kTea, Sequence(5), 1).value());
  EXPECT_EQ(documents.Base(kTea).value()->body, "{\"v\":2}");
  EXPECT_TRUE(documents.StoreBase({Sequence(1), kTea, Version(1), "{\"v\":1}", ""}, 2).value());
  EXPECT_TRUE(documents.OlderThan(2).value().empty());
}

TEST_F(DeviceStoreTest, OverlayHidesBaseAlsoWhenItDeletes) {
  auto store = Open();
  Documents& documents = store->documents();
  ASSERT_TRUE(documents.StoreBase({Sequence(5), kTea, Version(2), "{}", ""}, 1).ok());
  ASSERT_TRUE(documents.PutOverlay({kTea, Version(3), "{\"mine\":1}"}).ok());
  EXPECT_TRUE(documents.Visible(kTea).value()->pending);
  EXPECT_EQ(documents.ListVisible(kTea.collection, 0).value().size(), 1u);
  ASSERT_TRUE(documents.PutOverlay({kTea, Version(3), std::nullopt}).ok());
  EXPECT_FALSE(documents.Visible(kTea).value().has_value());
  EXPECT_TRUE(documents.ListVisible(kTea.collection, 0).value().empty());
}

TEST_F(DeviceStoreTest, AForeignOrDamagedFileIsRefusedAndLeftAlone) {
  std::ofstream(options_.path) << "this is no database, but it is somebody's file";
  EXPECT_EQ(DeviceStore::Open(options_).error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(std::filesystem::file_size(options_.path), 46u);
}

TEST_F(DeviceStoreTest, AStoreOfANewerReleaseIsRefused) {
  Open();
  sqlite::OpenOptions open;
  open.path = options_.path;
  auto connection = sqlite::Connection::Open(open);
  ASSERT_TRUE(connection.value().Execute("PRAGMA user_version=99").ok());
  const auto refused = DeviceStore::Open(options_);
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().message.find("newer release"), std::string::npos);
}

TEST_F(DeviceStoreTest, AStoreOfTheFirstReleaseIsBroughtUpToDateWithWhatWaitsInIt) {
  {
    sqlite::OpenOptions open;
    open.path = options_.path;
    auto connection = std::move(sqlite::Connection::Open(open)).value();
    ASSERT_TRUE(connection.Execute(kFirstReleaseSchema).ok());
    ASSERT_TRUE(connection.Execute(("PRAGMA application_id=" + std::to_string(kApplicationId)).c_str()).ok());
    ASSERT_TRUE(connection.Execute("PRAGMA user_version=1").ok());
    ASSERT_TRUE(connection
                    .Execute("INSERT INTO command(position,id,incarnation,n,author,type,payload,key,fingerprint,"
                             "created_at,touched,updated_at) VALUES(7,'c7','i',7,'anna','ORDER_CREATE_V1','{\"id\":1}',"
                             "'k7',zeroblob(32),5,'orders'||char(31)||'o'||char(31)||'0'||char(30),5)")
                    .ok());
    ASSERT_TRUE(connection.Execute("INSERT INTO document VALUES('products','tea',1,1,1,'{}')").ok());
    ASSERT_TRUE(connection.Execute("INSERT INTO overlay VALUES('orders','o',1,'{}')").ok());
  }
  auto store = Open();
  const auto entry = store->outbox().Load(Position(7)).value();
  ASSERT_TRUE(entry.has_value());
  EXPECT_EQ(entry->command.payload, "{\"id\":1}");
  EXPECT_EQ(entry->command.key, IdempotencyKey("k7"));
  EXPECT_EQ(entry->touches.size(), 1u);
  EXPECT_TRUE(store->documents().Visible(kTea).value().has_value());
  EXPECT_TRUE(store->documents().Visible({CollectionName("orders"), DocumentId("o")}).value()->pending);
}

}  // namespace
}  // namespace outpost::engine
