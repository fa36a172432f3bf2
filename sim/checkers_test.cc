// The checkers can fail: each test breaks one law on purpose, outside of the product's own code, and wants it noticed.
#include <gtest/gtest.h>

#include "server/sqlite/sqlite_store.h"
#include "sim/lying_store.h"
#include "sim/range.h"
#include "sim/seed.h"
#include "sim/world.h"
#include "sqlite/connection.h"

namespace outpost::sim {
namespace {

constexpr std::uint64_t kSeedsMax = 6;

// Whether some seed noticed, with what it said. A lie need not matter in every run: the fault may not meet it.
std::string FirstBroken(const std::function<void(WorldOptions&)>& arrange) {
  for (std::uint64_t seed = 1; seed <= kSeedsMax; ++seed) {
    WorldOptions options;
    options.seed = seed;
    options.steps = 150;
    arrange(options);
    const WorldReport report = World(options).Run();
    if (!report.broken.empty()) return report.broken.front();
  }
  return {};
}

std::string BrokenBy(Lie lie, std::uint64_t every) {
  return FirstBroken([&](WorldOptions& options) {
    options.open_store = [=](const CrashVfs& disk, Random& random) -> Result<std::unique_ptr<server::Store>> {
      OUTPOST_TRY(auto store, OpenSqliteStore(disk, random));
      return std::unique_ptr<server::Store>(std::make_unique<LyingStore>(std::move(store), lie, every));
    };
  });
}

std::string BrokenBy(const std::function<void(World&)>& sabotage) {
  return FirstBroken([&](WorldOptions& options) { options.sabotage = sabotage; });
}

TEST(Checkers, NothingIsNoticedWhereNothingIsBroken) {
  EXPECT_EQ(FirstBroken([](WorldOptions&) {}), "");
}

TEST(Checkers, AnAnswerBeforeACommitThatNeverComesIsNoticed) { EXPECT_NE(BrokenBy(Lie::kCommitNothing, 10), ""); }

TEST(Checkers, AKeyForgottenByTheServerIsNoticed) { EXPECT_NE(BrokenBy(Lie::kForgetKeys, 1), ""); }

TEST(Checkers, AnEffectLostByTheServerIsNoticed) { EXPECT_NE(BrokenBy(Lie::kLoseDocument, 20), ""); }

TEST(Checkers, AChangeLeftOutOfAPageIsNoticed) { EXPECT_NE(BrokenBy(Lie::kSkipChange, 20), ""); }

TEST(Checkers, AGapInTheSequenceIsNoticed) { EXPECT_NE(BrokenBy(Lie::kGapInSequence, 20), ""); }

TEST(Checkers, APageWithoutOneOfTheDevicesOwnCommandsIsNoticed) {
  const std::string broken = BrokenBy(Lie::kForgetOwn, 5);
  EXPECT_NE(broken.find(" leaves out "), std::string::npos) << broken;
}

TEST(Checkers, APageThatNamesAnothersCommandAsOwnIsNoticed) {
  const std::string broken = BrokenBy(Lie::kListForeign, 5);
  EXPECT_NE(broken.find("which the device never sent"), std::string::npos) << broken;
}

TEST(Checkers, AServerDiskThatOnlyPromisesToSyncIsNoticed) {
  EXPECT_NE(BrokenBy([](World& world) {
              world.server().disk().LieAboutSync(true);
              for (int minute = 1; minute < 8; ++minute) {
                world.environment().scheduler.After(minute * 60'000, [&world] { world.server().PowerCut(); });
              }
            }),
            "");
}

TEST(Checkers, ADeviceDiskThatOnlyPromisesToSyncIsNoticed) {
  EXPECT_NE(BrokenBy([](World& world) {
              world.device(0).disk().LieAboutSync(true);
              for (int minute = 1; minute < 8; ++minute) {
                world.environment().scheduler.After(minute * 60'000, [&world] { world.device(0).PowerCut(); });
              }
            }),
            "");
}

// Executes every third push a second time, under other ids and keys: an effect nobody asked for.
TEST(Checkers, AnEffectAppliedTwiceIsNoticed) {
  const std::string broken = BrokenBy([](World& world) {
    world.network().Intercept([](Network::Serve serve) {
      auto count = std::make_shared<int>(0);
      return [serve, count](std::size_t client, const engine::HttpRequest& request, Network::Reply reply) {
        serve(client, request, reply);
        const auto body = ParseJson(request.body);
        if (request.method != "POST" || !body.ok() || ++*count % 3 != 0) return;
        json::object twice = body.value().get_object();
        for (json::value& value : twice["commands"].get_array()) {
          json::object& command = value.get_object();
          std::string id(StringOr(command, "id"));
          id.back() = id.back() == 'A' ? 'B' : 'A';
          command["id"] = id;
          command.erase("key");
          command.erase("n");
        }
        engine::HttpRequest second = request;
        second.body = ToJson(json::value(twice));
        serve(client, second, [](std::optional<engine::HttpResponse>) {});
      };
    });
  });
  EXPECT_NE(broken, "");
}

// Answers in the server's name, with the right fingerprints, without telling the server: the command is lost.
TEST(Checkers, ACommandLostBehindAForgedAnswerIsNoticed) {
  const std::string broken = BrokenBy([](World& world) {
    world.network().Intercept([](Network::Serve serve) {
      auto count = std::make_shared<int>(0);
      return [serve, count](std::size_t client, const engine::HttpRequest& request, Network::Reply reply) {
        const auto body = ParseJson(request.body);
        if (request.method != "POST" || !body.ok() || ++*count % 5 != 0)
          return serve(client, request, std::move(reply));
        PushResponse forged;
        const auto push = PushRequestFromJson(body.value());
        for (const Command& command : std::get<PushRequest>(push).commands) {
          CommandResult result;
          result.id = command.id;
          result.fingerprint = ToHex(FingerprintOf(ParseTypeName(command.type).value().family, command.payload));
          result.status = WireStatus::kSucceeded;
          result.http_status = 200;
          forged.results.push_back(std::move(result));
        }
        forged.epoch = std::get<PushRequest>(push).epoch.value_or(Epoch("forged"));
        reply(engine::HttpResponse{200, "application/json", {}, ToJson(forged)});
      };
    });
  });
  EXPECT_NE(broken.find("which the server never said"), std::string::npos) << broken;
}

TEST(Checkers, AnOverlayChangedBehindTheDevicesBackIsNoticed) {
  CrashVfs disk(
      "checkers-overlay", [] { return Timestamp{1'000}; }, RandomFor(1, "overlay"));
  Random random(1);
  engine::DeviceOptions options;
  options.store = {.path = "device.db", .vfs = disk.name(), .exclusive_locking = true, .cache_kib = 512};
  options.workspace = WorkspaceId("w");
  options.user = UserId("u");
  {
    auto device = engine::Device::Open(options, Timestamp{1'000}, random);
    ASSERT_TRUE(device.ok());
    const json::array items{json::object{{"sku", "bun"}, {"name", "Bun"}, {"quantity", 1}, {"unitPrice", 300}}};
    const engine::Intent intent{.type = "ORDER_CREATE_V1", .payload = {{"items", items}}};
    ASSERT_TRUE(device.value()->Execute(intent, Timestamp{2'000}).ok());
    ASSERT_TRUE(device.value()->CheckOverlays().ok());
  }
  {
    auto connection = sqlite::Connection::Open({.path = "device.db", .vfs = disk.name(), .exclusive_locking = true});
    ASSERT_TRUE(connection.ok());
    ASSERT_TRUE(connection.value().Execute("UPDATE overlay SET body = replace(body, '300', '301')").ok());
    ASSERT_GT(connection.value().changes(), 0);
  }
  auto device = engine::Device::Open(options, Timestamp{3'000}, random);
  ASSERT_TRUE(device.ok());
  EXPECT_FALSE(device.value()->CheckOverlays().ok());
}

}  // namespace
}  // namespace outpost::sim
