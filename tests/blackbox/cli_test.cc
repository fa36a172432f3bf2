// The command line: what it prints, what it refuses, and with which exit code.
#include <fstream>

#include "http/raw_client.h"

#include "tests/blackbox/server_fixture.h"

namespace outpost::blackbox {
namespace {

TEST(CommandLine, VersionAndHelp) {
  EXPECT_EQ(RunProgram({"version"}).output, "outpost 1.0.0\n");
  EXPECT_EQ(RunProgram({"version"}).exit_code, 0);
  const Finished help = RunProgram({"help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_NE(help.output.find("serve"), std::string::npos);
  EXPECT_EQ(RunProgram({"--help"}).exit_code, 0);
}

TEST(CommandLine, WrongUsageIs2) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{},
        {"nonsense"},
        {"serve"},
        {"serve", "--nonsense"},
        {"serve", "--data", "/tmp/never", "--listen", "nowhere"},
        {"token", "--data", "/tmp/never"},
        {"token", "--data", "/tmp/never", "--workspace", "a b", "--user", "u"},
        {"token", "--data", "/tmp/never", "--workspace", "w", "--user", "u", "--role", "king"},
        {"token", "--data", "/tmp/never", "--workspace", "w", "--user", "u", "--ttl", "soon"}}) {
    const Finished finished = RunProgram(arguments);
    EXPECT_EQ(finished.exit_code, 2) << (arguments.empty() ? "" : arguments.back());
    EXPECT_EQ(finished.output, "");
    EXPECT_NE(finished.errors, "");
  }
}

TEST(CommandLine, NoStoreGivenSaysSo) { EXPECT_NE(RunProgram({"serve"}).errors.find("--data"), std::string::npos); }

TEST(CommandLine, ServersOnADatabaseNeedASharedSecret) {
  const Finished postgres = RunProgram({"serve", "--postgres", "postgresql://localhost/x"});
  EXPECT_EQ(postgres.exit_code, 1);
  EXPECT_NE(postgres.errors.find("OUTPOST_JWT_SECRET"), std::string::npos);
  const Folder folder;
  EXPECT_EQ(RunProgram({"serve", "--postgres", "postgresql://localhost/x", "--data", folder.path()}).exit_code, 2);
  EXPECT_EQ(RunProgram({"serve", "--data", folder.path(), "--tls-cert", "a", "--tls-key", "b"}).exit_code, 1);
}

TEST(CommandLine, BeyondLoopbackIsRefusedWithoutTls) {
  const Folder folder;
  const Finished finished = RunProgram({"serve", "--data", folder.path(), "--listen", "0.0.0.0:0"});
  EXPECT_EQ(finished.exit_code, 2);
  EXPECT_NE(finished.errors.find("--behind-proxy"), std::string::npos);
}

TEST(CommandLine, ADirectoryInUseNamesItsHolder) {
  const Folder folder;
  RunningServer first(folder.path() + "/data");
  ASSERT_TRUE(first.ready());
  const Finished second = RunProgram({"serve", "--data", folder.path() + "/data", "--listen", "127.0.0.1:0"});
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_NE(second.errors.find(std::to_string(first.process().pid())), std::string::npos) << second.errors;
}

TEST(CommandLine, APortInUseIsAFailureNotACrash) {
  const Folder folder;
  RunningServer first(folder.path() + "/a");
  ASSERT_TRUE(first.ready());
  const Finished second =
      RunProgram({"serve", "--data", folder.path() + "/b", "--listen", "127.0.0.1:" + std::to_string(first.port())});
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_NE(second.errors.find("cannot listen"), std::string::npos);
}

TEST(CommandLine, TokenBeforeAndBesideTheServer) {
  const Folder folder;
  const std::string data = folder.path() + "/data";
  const auto token = [&](const std::string& user) {
    const Finished finished = RunProgram(
        {"token", "--data", data, "--workspace", "cafe", "--user", user, "--role", "staff", "--role", "kitchen"});
    EXPECT_EQ(finished.exit_code, 0) << finished.errors;
    return finished.output.substr(0, finished.output.find('\n'));
  };
  const std::string before = token("ann");
  Process process({"serve", "--listen", "127.0.0.1:0", "--data", data}, {});
  const std::string line = process.ReadLine().value_or("");
  ASSERT_NE(line, "") << process.Wait().errors;
  const auto port = static_cast<std::uint16_t>(std::stoi(line.substr(line.rfind(':') + 1)));
  EXPECT_EQ(Client(port, before).Get("/pos/orders").status, 200);
  EXPECT_EQ(Client(port, token("bea")).Get("/pos/orders").status, 200);
}

TEST(CommandLine, AShortSecretIsRefused) {
  const Folder folder;
  const Finished finished =
      RunProgram({"serve", "--data", folder.path(), "--listen", "127.0.0.1:0"}, {{"OUTPOST_JWT_SECRET", "short"}});
  EXPECT_EQ(finished.exit_code, 1);
  EXPECT_NE(finished.errors.find("32"), std::string::npos);
}

TEST(CommandLine, AConfigurationIsReadAndItsMistakesNamed) {
  const Folder folder;
  std::ofstream(folder.path() + "/good.toml") << "currency = \"UGX\"\n[log]\nlevel = \"error\"\n";
  std::ofstream(folder.path() + "/bad.toml") << "[log]\nlevle = \"error\"\n";
  RunningServer server(folder.path() + "/data", {"--config", folder.path() + "/good.toml"});
  ASSERT_TRUE(server.ready());
  EXPECT_EQ(Client(server.port(), Token(Who{.workspace = "cafe"})).Post("/pos/orders", OrderBody()).At("currency"),
            "UGX");
  const Finished bad =
      RunProgram({"serve", "--data", folder.path() + "/other", "--config", folder.path() + "/bad.toml"});
  EXPECT_EQ(bad.exit_code, 2);
  EXPECT_NE(bad.errors.find("log.level"), std::string::npos) << bad.errors;
}

TEST(CommandLine, AVariableThatIsNoneOfOursIsTold) {
  const Folder folder;
  Process process({"serve", "--listen", "127.0.0.1:0", "--data", folder.path() + "/data"},
                  {{"OUTPOST_LIMIT_IDLE_TIME", "15s"}, {"OUTPOST_LIMITS_STOP_TIME", "1s"}});
  ASSERT_TRUE(process.ReadLine().has_value());
  process.Signal(15);
  const std::string log = process.Wait().errors;
  EXPECT_NE(log.find("OUTPOST_LIMIT_IDLE_TIME is not known"), std::string::npos) << log;
  EXPECT_NE(log.find("did you mean OUTPOST_LIMITS_IDLE_TIME?"), std::string::npos) << log;
  EXPECT_EQ(log.find("OUTPOST_LIMITS_STOP_TIME"), std::string::npos) << log;
  EXPECT_EQ(log.find("OUTPOST_JWT_SECRET is"), std::string::npos) << log;
}

TEST(CommandLine, LogsAreJsonLinesWithTheTrace) {
  const Folder folder;
  RunningServer server(folder.path() + "/data");
  ASSERT_TRUE(server.ready());
  const Client client(server.port(), Token(Who{.workspace = "cafe"}));
  client.Get("/pos/orders?status=secret-query",
             {{"X-Request-Id", "req-7"}, {"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}});
  server.process().Signal(15);
  const std::string log = server.process().Wait().errors;
  const std::size_t start = log.rfind('\n', log.find("req-7")) + 1;
  const std::string line = log.substr(start, log.find('\n', start) - start);
  boost::system::error_code broken;
  const json::value entry = json::parse(line, broken);
  ASSERT_TRUE(entry.is_object()) << log;
  EXPECT_EQ(entry.at("requestId").as_string(), "req-7");
  EXPECT_EQ(entry.at("traceId").as_string(), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(entry.at("workspace").as_string(), "cafe");
  EXPECT_EQ(entry.at("status").as_int64(), 200);
  EXPECT_EQ(log.find("secret-query"), std::string::npos);
  EXPECT_EQ(log.find(client.token()), std::string::npos);
}

// What support asks for: whose request it was, which command and key, from which device, and what became of it.
TEST(CommandLine, LogsNameUserDeviceCommandAndKey) {
  const Folder folder;
  RunningServer server(folder.path() + "/data");
  ASSERT_TRUE(server.ready());
  const Client client(server.port(), Token(Who{.workspace = "cafe", .device = "till-1"}));
  client.Post("/pos/orders", OrderBody(), {{"Idempotency-Key", Ulid(1)}, {"X-Request-Id", "rest"}});
  client.Post("/sync/commands",
              R"({"commands":[)" + CommandText(Ulid(2), "ORDER_CANCEL_V1", R"({"id":"nowhere"})") + "]}",
              {{"X-Request-Id", "push"}});
  server.process().Signal(15);
  const std::string log = server.process().Wait().errors;
  const auto entry = [&](const std::string& with) {
    const std::size_t at = log.find(with);
    EXPECT_NE(at, std::string::npos) << with << " in " << log;
    if (at == std::string::npos) return json::value(json::object());
    const std::size_t start = log.rfind('\n', at) + 1;
    return json::parse(log.substr(start, log.find('\n', at) - start));
  };
  const json::value rest = entry(R"("requestId":"rest")");
  EXPECT_EQ(rest.at("user").as_string(), "ann");
  EXPECT_EQ(rest.at("device").as_string(), "till-1");
  EXPECT_EQ(rest.at("command").as_string(), Ulid(1));
  EXPECT_EQ(rest.at("key").as_string(), Ulid(1));
  const json::value refused = entry(Ulid(2));
  EXPECT_EQ(refused.at("requestId").as_string(), "push");
  EXPECT_EQ(refused.at("command").as_string(), Ulid(2));
  EXPECT_EQ(refused.at("code").as_string(), "NOT_FOUND");
  EXPECT_EQ(refused.at("device").as_string(), "till-1");
}

TEST(Demo, HasAMenuAPageAndTokens) {
  const Folder folder;
  const std::string data = folder.path() + "/data";
  std::string products;
  for (int start = 0; start < 2; ++start) {  // the second start finds the menu and changes nothing
    RunningServer server(data, {"--demo"});
    ASSERT_TRUE(server.ready()) << server.process().Wait().errors;
    const Client nobody(server.port(), "");
    const Answer page = nobody.Get("/");
    EXPECT_EQ(page.status, 200);
    EXPECT_EQ(page.headers.Get("Content-Type"), "text/html; charset=utf-8");
    const Answer token = nobody.Post("/auth/demo-token", R"({"workspace":"demo","user":"ann","roles":["staff"]})");
    ASSERT_EQ(token.status, 200) << token.text;
    const Client client(server.port(), token.At("token"));
    const Answer menu = client.Get("/catalog/products?limit=100");
    EXPECT_EQ(menu.body.at("items").as_array().size(), 24u);
    EXPECT_TRUE(start == 0 || menu.text == products);
    products = menu.text;
    EXPECT_EQ(client.Get("/inventory/stock?sku=water").At("onHand"), "120");
    EXPECT_EQ(nobody.Get("/demo/state").status, 200);
  }
}

TEST(Demo, IsNotForForeignNames) {
  const Folder folder;
  RunningServer server(folder.path() + "/data", {"--demo"});
  ASSERT_TRUE(server.ready());
  http::RawClient connection(server.port());
  connection.Send("POST /auth/demo-token HTTP/1.1\r\nHost: rebound.example\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(connection.Read()->status, 403);
  EXPECT_EQ(RunProgram({"serve", "--demo", "--behind-proxy", "--data", folder.path() + "/x"}).exit_code, 2);
}

}  // namespace
}  // namespace outpost::blackbox
