#include "cli/config.h"

#include <gtest/gtest.h>
#include <toml++/toml.h>

#include <fstream>
#include <iterator>
#include <map>

namespace outpost::cli {
namespace {

TEST(Config, ReadsWhatItKnows) {
  const auto config = ParseConfig(R"(
listen = "127.0.0.1:9000"
currency = "UGX"
[log]
level = "warn"
[orders]
require_catalog = true
[limits]
idle_time = "15s"
queue_bytes = 2097152
same_key_wait = "750ms"
[keep]
outcomes = "14d"
)",
                                  "c.toml");
  ASSERT_TRUE(config.ok()) << config.error().message;
  EXPECT_EQ(config.value().listen, "127.0.0.1:9000");
  EXPECT_EQ(config.value().service.currency, "UGX");
  EXPECT_TRUE(config.value().service.require_catalog);
  EXPECT_EQ(config.value().log_level, server::LogLevel::kWarning);
  EXPECT_EQ(config.value().limits.idle_time_max, std::chrono::seconds(15));
  EXPECT_EQ(config.value().queue_bytes_max, 2097152u);
  EXPECT_EQ(config.value().policy.same_key_wait, Milliseconds(750));
  EXPECT_EQ(config.value().retention.outcomes, std::chrono::hours(14 * 24));
}

TEST(Config, AMisspeltKeyIsRefusedAndTheNearestNamed) {
  const auto config = ParseConfig("currency = \"EUR\"\n[orders]\nrequire_catalogue = true\n", "c.toml");
  ASSERT_FALSE(config.ok());
  EXPECT_EQ(config.error().message,
            "c.toml:3: orders.require_catalogue: unknown key; did you mean \"orders.require_catalog\"?");
}

TEST(Config, AnUnknownSectionIsRefused) { EXPECT_FALSE(ParseConfig("[order]\nrequire_catalog = true\n", "c").ok()); }

TEST(Config, AWrongValueNamesItsKey) {
  for (const char* text :
       {"currency = \"euro\"", "listen = 8080", "[log]\nlevel = \"loud\"", "[limits]\nidle_time = 15",
        "[limits]\nconnections = 0", "[orders]\nrequire_catalog = \"yes\""}) {
    EXPECT_FALSE(ParseConfig(text, "c").ok()) << text;
  }
}

TEST(Config, BrokenTomlNamesTheLine) {
  const auto config = ParseConfig("a = 1\nb = = 2\n", "c.toml");
  ASSERT_FALSE(config.ok());
  EXPECT_EQ(config.error().message.substr(0, 9), "c.toml:2:");
}

TEST(Config, DeclaresCollections) {
  const auto config = ParseConfig(R"(
[collections.tasks]
strategy = "merge"
scope = "branch"
sensitive = ["phone"]
schema = { title = "text", points = "integer?", status = "text?" }
states = { initial = "OPEN", OPEN = ["DONE"], DONE = [] }
[collections.steps]
states = ["FIRST", "SECOND", "THIRD"]
[collections.strict.schema]
type = "object"
required = ["a"]
[collections.strict.schema.properties.a]
type = "integer"
minimum = 0
[collections.secrets]
sensitive = true
)",
                                  "c.toml");
  ASSERT_TRUE(config.ok()) << config.error().message;
  const rules::CollectionCatalog& catalog = config.value().collections;
  const rules::DeclaredCollection* tasks = catalog.Find("tasks");
  ASSERT_NE(tasks, nullptr);
  EXPECT_EQ(tasks->strategy, rules::Strategy::kMerge);
  EXPECT_EQ(tasks->scope_field, "branch");
  EXPECT_EQ(tasks->sensitive_fields, std::vector<std::string>{"phone"});
  EXPECT_EQ(ToJson(tasks->schema.at("required")), R"(["title"])");
  EXPECT_TRUE(tasks->states.IsInitial("OPEN"));
  EXPECT_TRUE(tasks->states.MayFollow("OPEN", "DONE"));
  EXPECT_FALSE(tasks->states.MayFollow("DONE", "OPEN"));
  EXPECT_TRUE(catalog.Find("steps")->states.MayFollow("FIRST", "THIRD"));
  EXPECT_FALSE(catalog.Find("steps")->states.MayFollow("SECOND", "FIRST"));
  EXPECT_EQ(ToJson(catalog.Find("strict")->schema.at("required")), R"(["a"])");
  EXPECT_TRUE(catalog.Find("secrets")->sensitive);
}

TEST(Config, ABrokenDeclarationNamesItsKey) {
  for (const char* text : {"[collections.orders]\nstrategy = \"merge\"", "[collections.t]\nstrategy = \"guess\"",
                           "[collections.t]\nschema = { a = \"texts\" }",
                           "[collections.t]\nstates = { OPEN = [\"GONE\"] }", "[collections.t]\nstrateg = \"merge\"",
                           "[collections.t]\nschema = \"no-such-file.json\"", "[collections]\nt = 1"}) {
    const auto config = ParseConfig(text, "c.toml");
    ASSERT_FALSE(config.ok()) << text;
    EXPECT_NE(config.error().message.find("collections."), std::string::npos) << config.error().message;
  }
}

TEST(Config, TheEnvironmentWinsOverTheFile) {
  Config config = ParseConfig("currency = \"EUR\"\n[limits]\nuser_rate = 5", "c").value();
  const std::map<std::string, std::string> environment = {{"OUTPOST_CURRENCY", "UGX"},
                                                          {"OUTPOST_LIMITS_USER_RATE", "2.5"},
                                                          {"OUTPOST_LIMITS_IDLE_TIME", "15s"},
                                                          {"OUTPOST_CORS_ORIGINS", R"(["https://a.example"])"},
                                                          {"OUTPOST_BEHIND_PROXY", "true"}};
  const LookUp look_up = [&](const char* name) -> std::optional<std::string> {
    const auto found = environment.find(name);
    return found == environment.end() ? std::nullopt : std::optional(found->second);
  };
  ASSERT_TRUE(ApplyEnvironment(config, look_up).ok());
  EXPECT_EQ(config.service.currency, "UGX");
  EXPECT_EQ(config.policy.per_user.per_second, 2.5);
  EXPECT_EQ(config.limits.idle_time_max, std::chrono::seconds(15));
  EXPECT_EQ(config.policy.cors_origins, std::vector<std::string>{"https://a.example"});
  EXPECT_TRUE(config.behind_proxy);
  const Status broken = ApplyEnvironment(config, [](const char* name) -> std::optional<std::string> {
    return std::string_view(name) == "OUTPOST_CURRENCY" ? std::optional<std::string>("euro") : std::nullopt;
  });
  ASSERT_FALSE(broken.ok());
  EXPECT_EQ(broken.error().message.substr(0, 17), "OUTPOST_CURRENCY:");
}

TEST(Config, AVariableThatIsNotKnownIsTold) {
  EXPECT_TRUE(UnknownVariables({"OUTPOST_CURRENCY", "OUTPOST_JWT_SECRET", "OUTPOST_TOKEN"}).empty());
  const auto told = UnknownVariables({"OUTPOST_LIMITS_IDLETIME", "OUTPOST_WEATHER_FORECAST"});
  ASSERT_EQ(told.size(), 2u);
  EXPECT_NE(told[0].find("did you mean OUTPOST_LIMITS_IDLE_TIME?"), std::string::npos) << told[0];
  EXPECT_EQ(told[1], "OUTPOST_WEATHER_FORECAST is not known and not read");
}

TEST(Config, TheDocumentedFileNamesEverySettingWithItsDefault) {
  const std::string path = std::string(OUTPOST_SOURCE) + "/docs/operations/outpost.toml";
  std::ifstream file(path);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const auto config = ReadConfig(path);
  ASSERT_TRUE(config.ok()) << config.error().message;
  const toml::table table = toml::parse(text);
  for (const SettingName& setting : AllSettings()) {
    EXPECT_TRUE(table.at_path(setting.key)) << setting.key << " is not documented";
  }
  const Config defaults;
  EXPECT_EQ(config.value().listen, defaults.listen);
  EXPECT_EQ(config.value().queue_bytes_max, defaults.queue_bytes_max);
  EXPECT_EQ(config.value().limits.connections_max, defaults.limits.connections_max);
  EXPECT_EQ(config.value().limits.body_bytes_total_max, defaults.limits.body_bytes_total_max);
  EXPECT_EQ(config.value().limits.header_time_max, defaults.limits.header_time_max);
  EXPECT_EQ(config.value().limits.body_time_max, defaults.limits.body_time_max);
  EXPECT_EQ(config.value().limits.write_time_max, defaults.limits.write_time_max);
  EXPECT_EQ(config.value().limits.idle_time_max, defaults.limits.idle_time_max);
  EXPECT_EQ(config.value().limits.stop_time_max, defaults.limits.stop_time_max);
  EXPECT_EQ(config.value().policy.same_key_wait, defaults.policy.same_key_wait);
  EXPECT_EQ(config.value().retention.outcomes, defaults.retention.outcomes);
  EXPECT_EQ(config.value().retention.keys, defaults.retention.keys);
  EXPECT_EQ(config.value().retention.tombstones, defaults.retention.tombstones);
  EXPECT_EQ(config.value().service.currency, defaults.service.currency);
  EXPECT_EQ(config.value().policy.per_user.per_second, defaults.policy.per_user.per_second);
}

}  // namespace
}  // namespace outpost::cli
