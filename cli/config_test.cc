#include "cli/config.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace outpost::cli
