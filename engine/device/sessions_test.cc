#include "engine/device/device_fixture.h"
#include "engine/device/queue_file.h"

namespace outpost::engine {
namespace {

constexpr Timestamp kNow{1760000000000};

class SessionsTest : public DeviceFixture {
 protected:
  // Another device of the same workspace, on a file of its own.
  std::unique_ptr<Device> Another(const std::string& name) {
    DeviceOptions other = options;
    other.store.path += "-" + name;
    auto opened = Device::Open(other, kNow, other_random_);
    EXPECT_TRUE(opened.ok()) << opened.error().message;
    return std::move(opened).value();
  }
  // Everything the device sends reaches the server, until it is quiet.
  void Drain(Device& other) {
    std::deque<HttpSend> sends;
    const auto tell = [&](const Event& event) {
      for (Effect& effect : other.Handle(event, kNow)) {
        if (auto* send = std::get_if<HttpSend>(&effect)) sends.push_back(std::move(*send));
      }
    };
    tell(Start{});
    while (!sends.empty()) {
      const HttpSend send = sends.front();
      sends.pop_front();
      tell(HttpDone{send.exchange, server.Handle(send.request)});
    }
  }
  std::string Export() { return device->ExportQueue(kNow).value().text; }
  static json::object Adjust(std::int64_t delta) { return {{"sku", "espresso"}, {"delta", delta}, {"reason", "sale"}}; }

  Random other_random_{99};
};

TEST_F(SessionsTest, AnExportedQueueIsAppliedOnceWhoeverBringsItAndHoweverOften) {
  Settle();
  Do("ORDER_CREATE_V1", OrderOf("o1", "espresso", 1, 250));
  Do("ORDER_CLOSE_V1", CashFor("o1", 250));
  wire.clear();
  const std::string file = Export();
  auto other = Another("other");
  const auto imported = other->ImportQueue(file, kNow);
  ASSERT_TRUE(imported.ok()) << imported.error().message;
  EXPECT_EQ(imported.value().taken, 2);
  EXPECT_EQ(other->ImportQueue(file, kNow).value().known, 2);
  EXPECT_EQ(other->status().waiting, 2);
  Drain(*other);
  EXPECT_EQ(other->status().waiting, 0);
  EXPECT_EQ(server.applied(), 2);
  // The first device comes back after all: replays, and nothing twice.
  Reopen();
  Settle();
  EXPECT_EQ(server.applied(), 2);
  EXPECT_EQ(Visible("stock", "espresso").at("onHand").as_int64(), -1);
  EXPECT_EQ(device->status().waiting, 0);
  EXPECT_TRUE(other->CheckOverlays().ok());
}

TEST_F(SessionsTest, ImportedCommandsKeepWhatTheyAreAndShowTheirEffect) {
  Intent intent;
  intent.key = IdempotencyKey("tap-7");
  intent.author = UserId("ben");
  const CommandId id = Do("ORDER_CREATE_V1", OrderOf("o1", "espresso", 2, 250), intent);
  auto other = Another("other");
  ASSERT_TRUE(other->ImportQueue(Export(), kNow).ok());
  const auto before = device->FindCommand(id).value();
  const auto after = other->FindCommand(id).value();
  ASSERT_TRUE(after.has_value());
  EXPECT_EQ(after->key, before->key);
  EXPECT_EQ(after->author, UserId("ben"));
  EXPECT_EQ(after->payload, before->payload);
  EXPECT_EQ(after->created_at, before->created_at);
  EXPECT_EQ(after->fingerprint, before->fingerprint);
  EXPECT_NE(after->incarnation, before->incarnation);
  EXPECT_TRUE(other->Get({CollectionName("orders"), DocumentId("o1")}).value()->pending);
}

TEST_F(SessionsTest, WhatWasRefusedIsCarriedWithItsReason) {
  server.Apply("ORDER_CREATE_V1", OrderOf("shared", "espresso", 1, 250), "theirs-1");
  Settle();
  server.Apply("ORDER_CANCEL_V1", {{"id", "shared"}}, "theirs-2");
  const CommandId refused = Do("ORDER_SEND_TO_KITCHEN_V1", {{"id", "shared"}});
  Settle();
  ASSERT_EQ(StatusOf(refused), CommandStatus::kConflict);
  auto other = Another("other");
  ASSERT_EQ(other->ImportQueue(Export(), kNow).value().taken, 1);
  EXPECT_EQ(other->FindCommand(refused).value()->status, CommandStatus::kConflict);
  EXPECT_NE(other->FindCommand(refused).value()->problem.find("INVALID_STATE_TRANSITION"), std::string::npos);
  EXPECT_EQ(other->status().quarantined, 1);
  EXPECT_EQ(other->status().waiting, 0);
}

TEST_F(SessionsTest, ABadFileIsRefusedWholeAndNothingIsLost) {
  Do("ORDER_CREATE_V1", OrderOf("o1", "espresso", 1, 250));
  Do("INVENTORY_ADJUST_V1", Adjust(-1));
  const std::string file = Export();
  auto other = Another("other");
  const auto refuse = [&](const std::string& text, const std::string& why) {
    const auto refused = other->ImportQueue(text, kNow);
    ASSERT_FALSE(refused.ok()) << why;
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
    EXPECT_NE(refused.error().message.find(why), std::string::npos) << refused.error().message;
    EXPECT_EQ(other->status().waiting, 0);
  };
  const auto altered = [&](const std::string& from, const std::string& to) {
    std::string text = file;
    text.replace(text.find(from), from.size(), to);
    return text;
  };
  refuse("", "empty");
  refuse("hello\n", "line 1");
  refuse("{}\n", "no Outpost queue file");
  refuse(altered("\"version\":1", "\"version\":2"), "format 2");
  refuse(file.substr(0, file.size() / 2), "line");
  refuse(file.substr(0, file.rfind("{\"end\"")), "cut off");
  refuse(altered("\"delta\":-1", "\"delta\":-9"), "fingerprint");
  refuse(altered("\"author\":\"anna\"", "\"author\":\"hans\""), "altered");
  refuse(altered("\"workspace\":\"w\"", "\"workspace\":\"v\""), "altered");
  refuse(file + "more\n", "follows the end");
  EXPECT_EQ(device->status().waiting, 2);
  for (std::size_t cut = 0; cut < file.size(); cut += 7) {
    EXPECT_FALSE(other->ImportQueue(file.substr(0, cut), kNow).ok()) << cut;
  }
}

TEST_F(SessionsTest, AFileThatDoesNotFitIsRefusedWhole) {
  Do("INVENTORY_ADJUST_V1", Adjust(-1));
  Do("INVENTORY_ADJUST_V1", Adjust(-2));
  const std::string file = Export();
  options.waiting_max = 1;
  auto other = Another("other");
  EXPECT_EQ(other->ImportQueue(file, kNow).error().code, ErrorCode::kFull);
  EXPECT_EQ(other->status().waiting, 0);
}

TEST_F(SessionsTest, LoggingOutNeverWipesWhatIsNotSettled) {
  Settle();
  Do("INVENTORY_ADJUST_V1", Adjust(-1));
  EXPECT_EQ(device->SignOut(Logout::kIfNothingWaits, "", kNow).error().code, ErrorCode::kRefused);
  const auto exported = device->ExportQueue(kNow).value();
  Do("INVENTORY_ADJUST_V1", Adjust(-2));
  EXPECT_EQ(device->SignOut(Logout::kExported, exported.digest, kNow).error().code, ErrorCode::kRefused);
  EXPECT_EQ(device->status().waiting, 2);
  ASSERT_TRUE(device->SignOut(Logout::kExported, device->ExportQueue(kNow).value().digest, kNow).ok());
  EXPECT_FALSE(device->Get({CollectionName("stock"), DocumentId("espresso")}).ok());
  EXPECT_FALSE(Try("INVENTORY_ADJUST_V1", Adjust(-1)).ok());
  // The file is empty, and anybody's.
  options.user = UserId("ben");
  Reopen();
  EXPECT_TRUE(device->Queue().value().empty());
  EXPECT_FALSE(Shows("stock", "espresso"));
}

TEST_F(SessionsTest, ADrainedStoreIsEmptiedAndAKeptOneIsNot) {
  Settle();
  Do("INVENTORY_ADJUST_V1", Adjust(-1));
  ASSERT_TRUE(device->SignOut(Logout::kKeep, "", kNow).ok());
  EXPECT_FALSE(device->List(CollectionName("stock")).ok());
  Reopen();
  EXPECT_TRUE(Shows("stock", "espresso"));
  Settle();
  ASSERT_TRUE(device->SignOut(Logout::kIfNothingWaits, "", kNow).ok());
  Reopen();
  EXPECT_FALSE(Shows("stock", "espresso"));
}

TEST_F(SessionsTest, ATerminalsStoreServesWhoIsSignedInAndKeepsEachAuthor) {
  options.sharing = Sharing::kTerminal;
  options.user = UserId();
  options.store.path += "-terminal";
  Reopen();
  Settle();
  EXPECT_EQ(Try("INVENTORY_ADJUST_V1", Adjust(-1)).error().code, ErrorCode::kRefused);
  EXPECT_EQ(device->List(CollectionName("stock")).error().code, ErrorCode::kRefused);
  ASSERT_TRUE(device->SignIn(UserId("anna")).ok());
  const CommandId annas = Do("INVENTORY_ADJUST_V1", Adjust(-1));
  ASSERT_TRUE(device->SignOut(Logout::kIfNothingWaits, "", kNow).ok());
  ASSERT_TRUE(device->SignIn(UserId("ben"), std::vector<CollectionName>{CollectionName("orders")}).ok());
  EXPECT_EQ(device->Get({CollectionName("stock"), DocumentId("espresso")}).error().code, ErrorCode::kRefused);
  EXPECT_EQ(device->Watch({CollectionName("stock"), {}, std::nullopt, 0}).error().code, ErrorCode::kRefused);
  EXPECT_TRUE(device->List(CollectionName("orders")).ok());
  const CommandId bens = Do("ORDER_CREATE_V1", OrderOf("o1", "espresso", 1, 250));
  Settle();
  EXPECT_EQ(device->FindCommand(annas).value()->author, UserId("anna"));
  EXPECT_EQ(StatusOf(annas), CommandStatus::kSucceeded);
  EXPECT_EQ(device->FindCommand(bens).value()->author, UserId("ben"));
  // And it is nobody's personal store.
  options.sharing = Sharing::kPersonal;
  options.user = UserId("ben");
  Random random(5);
  device.reset();
  EXPECT_EQ(Device::Open(options, kNow, random).error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace outpost::engine
