// The stories and the simulator's fleets against the store on PostgreSQL: the laws and checkers are theirs, the
// database is OUTPOST_TEST_POSTGRES. Left out is what only a file of our own can suffer: I/O errors, full disks, images
// put back (server/postgres/postgres_faults_test.cc does the like to the real thing).
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "scenarios/player.h"
#include "server/postgres/postgres_store.h"
#include "sim/world.h"

namespace outpost {
namespace {

constexpr int kFirstSeed = 1;
constexpr int kSeeds = 12;
constexpr int kSteps = 120;

postgres::ConnectionOptions Database(const std::string& schema) {
  postgres::ConnectionOptions options;
  const char* url = std::getenv("OUTPOST_TEST_POSTGRES");
  OUTPOST_ASSERT(url != nullptr);  // run by tests/postgres/with_postgres.py
  options.url = url;
  options.schema = schema;
  return options;
}

// A server's database: what it opens again after a crash is what it had.
class Schema {
 public:
  explicit Schema(std::string name) : name_(std::move(name)) {}
  ~Schema() {
    const auto connection = postgres::Connection::Open(Database(name_));
    if (connection.ok())
      static_cast<void>(
          connection.value()->Execute("SET client_min_messages = error; DROP SCHEMA IF EXISTS " + name_ + " CASCADE"));
  }
  sim::ServerNode::OpenStore Opener() const {
    return [this](const sim::CrashVfs&, Random& random) -> Result<std::unique_ptr<server::Store>> {
      server::PostgresStoreOptions options;
      options.connection = Database(name_);
      OUTPOST_TRY(auto store, server::PostgresStore::Open(options, random));
      return std::unique_ptr<server::Store>(std::move(store));
    };
  }

 private:
  const std::string name_;
};

class FleetsOnPostgres : public testing::TestWithParam<int> {};

TEST_P(FleetsOnPostgres, KeepEveryLaw) {
  const Schema schema("fleet_" + std::to_string(GetParam()));
  sim::WorldOptions options;
  options.seed = static_cast<std::uint64_t>(GetParam());
  options.steps = kSteps;
  options.without = {"server full", "server io error", "server restore"};
  options.open_store = schema.Opener();
  const sim::WorldReport report = sim::World(std::move(options)).Run();
  EXPECT_TRUE(report.broken.empty()) << report.broken.front();
}

INSTANTIATE_TEST_SUITE_P(Seeds, FleetsOnPostgres, testing::Range(kFirstSeed, kFirstSeed + kSeeds));

std::string TextOf(const std::string& path) {
  std::ifstream in(path);
  return std::string((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
}

// Stories about what happens to the server's own files.
bool IsAboutFiles(const std::string& text) {
  return text.find("is backed up") != std::string::npos || text.find("crashEverywhere") != std::string::npos;
}

TEST(StoriesOnPostgres, Hold) {
  const auto files = scenarios::StoryFiles(OUTPOST_STORIES);
  ASSERT_TRUE(files.ok()) << files.error().message;
  int played = 0, left_out = 0;
  for (const std::string& file : files.value()) {
    if (IsAboutFiles(TextOf(file))) {
      ++left_out;
      continue;
    }
    const Schema schema("story_" + std::to_string(played));
    const scenarios::Played result = scenarios::PlayFile(file, schema.Opener());
    EXPECT_EQ(result.broken, "") << result.file << ": " << result.title;
    ++played;
  }
  EXPECT_GT(played, 4 * left_out);
  RecordProperty("played", played);
  RecordProperty("left_out", left_out);
}

}  // namespace
}  // namespace outpost
