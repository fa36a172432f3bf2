// Backup beside a running server, restore, and how the devices find out; the doctor.
#include <sys/stat.h>

#include <fstream>

#include "tests/blackbox/server_fixture.h"

namespace outpost::blackbox {
namespace {

TEST(Backup, IsTakenBesideARunningServerAndFoundOutByItsCursors) {
  const Folder folder;
  const std::string data = folder.path() + "/data";
  const std::string copy = folder.path() + "/copy.db";
  const std::string token = Token(Who{.workspace = "cafe"});
  std::string kept, lost, cursor, epoch;
  {
    RunningServer server(data);
    ASSERT_TRUE(server.ready());
    const Client client(server.port(), token);
    kept = client.Post("/pos/orders", OrderBody(), {{"Idempotency-Key", Ulid(1)}}).At("id");
    const Finished backup = RunProgram({"backup", "--data", data, copy});
    ASSERT_EQ(backup.exit_code, 0) << backup.errors;
    EXPECT_EQ(RunProgram({"backup", "--data", data, copy}).exit_code, 1) << "a copy that is there is not overwritten";
    lost = client.Post("/pos/orders", OrderBody(), {{"Idempotency-Key", Ulid(2)}}).At("id");
    cursor = client.Get("/sync/changes").At("cursor");
    epoch = client.Get("/sync/status").At("epoch");
    EXPECT_EQ(RunProgram({"restore", "--data", data, copy, "--force"}).exit_code, 1) << "not under a running server";
  }
  EXPECT_EQ(RunProgram({"restore", "--data", data, copy}).exit_code, 1) << "not over a store without --force";
  const Finished restored = RunProgram({"restore", "--data", data, copy, "--force"});
  ASSERT_EQ(restored.exit_code, 0) << restored.errors;
  RunningServer server(data);
  ASSERT_TRUE(server.ready());
  const Client client(server.port(), token);
  EXPECT_NE(client.Get("/sync/status").At("epoch"), epoch);
  EXPECT_EQ(client.Get("/sync/changes?cursor=" + cursor).code(), "CURSOR_EXPIRED");
  EXPECT_EQ(client.Push({}, R"("epoch":")" + epoch + "\",").code(), "EPOCH_CHANGED");
  EXPECT_EQ(client.Get("/pos/orders/" + kept).status, 200);
  EXPECT_EQ(client.Get("/pos/orders/" + lost).status, 404);
  // What its devices offer again heals it; what it still knows is not done twice.
  const Answer again = client.Push(
      {CommandText(Ulid(1), "ORDER_CREATE_V1", OrderBody()), CommandText(Ulid(2), "ORDER_CREATE_V1", OrderBody())});
  EXPECT_EQ(again.At("results.0.replayed"), "true") << again.text;
  EXPECT_EQ(again.At("results.1.replayed"), "false");
  EXPECT_EQ(client.Get("/pos/orders/" + lost).status, 200);
}

TEST(Backup, AnythingElseIsNotRestored) {
  const Folder folder;
  const std::string file = folder.path() + "/letter.txt";
  std::ofstream(file) << std::string(5000, 'x');
  EXPECT_EQ(RunProgram({"restore", "--data", folder.path() + "/data", file}).exit_code, 1);
  EXPECT_EQ(RunProgram({"restore", "--data", folder.path() + "/data", folder.path() + "/nothing"}).exit_code, 1);
  EXPECT_EQ(RunProgram({"backup", "--data", folder.path() + "/nothing", folder.path() + "/copy"}).exit_code, 1);
}

TEST(Doctor, SaysWhatIsWrong) {
  const Folder folder;
  const std::string data = folder.path() + "/data";
  {
    RunningServer server(data);
    ASSERT_TRUE(server.ready());
    Client(server.port(), Token(Who{.workspace = "cafe"})).Post("/pos/orders", OrderBody());
    const Finished beside = RunProgram({"doctor", "--data", data});
    EXPECT_EQ(beside.exit_code, 0) << beside.output;
    EXPECT_NE(beside.output.find("in use by process"), std::string::npos) << beside.output;
  }
  const Finished after = RunProgram({"doctor", "--data", data});
  EXPECT_EQ(after.exit_code, 0) << after.output;
  ::chmod(data.c_str(), 0755);
  const Finished open = RunProgram({"doctor", "--data", data});
  EXPECT_EQ(open.exit_code, 1);
  EXPECT_NE(open.output.find("PROBLEM"), std::string::npos) << open.output;
  ::chmod(data.c_str(), 0700);
  std::fstream(data + "/outpost.db", std::ios::in | std::ios::out | std::ios::binary) << std::string(200, 'x');
  EXPECT_EQ(RunProgram({"doctor", "--data", data}).exit_code, 1);
  EXPECT_EQ(RunProgram({"doctor", "--data", folder.path() + "/nothing"}).exit_code, 1);
  std::ofstream(folder.path() + "/bad.toml") << "[limits]\nidle_tim = \"1s\"\n";
  const Finished config = RunProgram({"doctor", "--data", folder.path(), "--config", folder.path() + "/bad.toml"});
  EXPECT_EQ(config.exit_code, 1);
  EXPECT_NE(config.output.find("limits.idle_time"), std::string::npos) << config.output;
}

}  // namespace
}  // namespace outpost::blackbox
