#include "cli/config.h"

#include <toml++/toml.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>
#include <numeric>
#include <vector>

#include "cli/config_collections.h"
#include "cli/duration.h"

namespace outpost::cli {
namespace {

constexpr std::int64_t kPostgresWritersMax =
    16;  // beyond about one per core of the database they only disturb each other

// One known key: how its value gets into the configuration.
struct Setting {
  std::string_view key;
  std::function<Status(const toml::node&, Config&)> take;
};

Error Expected(const char* what) { return Error{ErrorCode::kInvalidArgument, std::string("expected ") + what}; }

Result<std::string> Text(const toml::node& node) {
  if (const auto text = node.value_exact<std::string>()) return *text;
  return Expected("a text");
}

Result<std::int64_t> Whole(const toml::node& node, std::int64_t least, std::int64_t most) {
  const auto number = node.value_exact<std::int64_t>();
  if (number && *number >= least && *number <= most) return *number;
  return Error{ErrorCode::kInvalidArgument,
               "expected a whole number from " + std::to_string(least) + " to " + std::to_string(most)};
}

Result<Milliseconds> Time(const toml::node& node) {
  OUTPOST_TRY(const std::string text, Text(node));
  return ParseDuration(text);
}

Status TakeCurrency(const toml::node& node, Config& config) {
  OUTPOST_TRY(config.service.currency, Text(node));
  const std::string& code = config.service.currency;
  const bool iso =
      code.size() == 3 && std::all_of(code.begin(), code.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  return iso ? Status() : Status(Expected("an ISO 4217 code such as EUR"));
}

Status TakeLogLevel(const toml::node& node, Config& config) {
  OUTPOST_TRY(const std::string text, Text(node));
  OUTPOST_TRY(config.log_level, server::ParseLogLevel(text));
  return {};
}

Status TakeConnections(const toml::node& node, Config& config) {
  OUTPOST_TRY(const std::int64_t number, Whole(node, 1, 1000000));
  config.limits.connections_max = static_cast<std::size_t>(number);
  return {};
}

Status TakeDurability(const toml::node& node, Config& config) {
  OUTPOST_TRY(const std::string text, Text(node));
  if (text != "local" && text != "replicated") return Expected("\"local\" or \"replicated\"");
  config.postgres_durability = text == "local" ? server::Durability::kLocal : server::Durability::kReplicated;
  return {};
}

Status TakeWriters(const toml::node& node, Config& config) {
  OUTPOST_TRY(const std::int64_t number, Whole(node, 1, kPostgresWritersMax));
  config.postgres_writers = static_cast<int>(number);
  return {};
}

Result<bool> Flag(const toml::node& node) {
  if (const auto flag = node.value_exact<bool>()) return *flag;
  return Expected("true or false");
}

Result<double> Rate(const toml::node& node) {
  const auto number = node.value<double>();
  if (number && *number >= 0 && *number <= 1e6) return *number;
  return Expected("a number from 0 (no limit) to 1000000");
}

// "https://app.example" or "*"; a list of them.
Status TakeOrigins(const toml::node& node, Config& config) {
  const toml::array* list = node.as_array();
  if (list == nullptr) return Expected("a list of origins such as [\"https://app.example\"]");
  config.policy.cors_origins.clear();
  for (const toml::node& entry : *list) {
    OUTPOST_TRY(const std::string origin, Text(entry));
    const bool is_origin = origin == "*" || ((origin.starts_with("https://") || origin.starts_with("http://")) &&
                                             origin.find('/', 8) == std::string::npos);
    if (!is_origin) return Expected("origins such as \"https://app.example\", without a path");
    config.policy.cors_origins.push_back(origin);
  }
  return {};
}

template <class Member>
Setting TextSetting(std::string_view key, Member member) {
  return {key, [member](const toml::node& node, Config& config) -> Status {
            OUTPOST_TRY(member(config), Text(node));
            return {};
          }};
}

template <class Member>
Setting RateSetting(std::string_view key, Member member) {
  return {key, [member](const toml::node& node, Config& config) -> Status {
            OUTPOST_TRY(member(config), Rate(node));
            return {};
          }};
}

template <class Member>
Setting BytesSetting(std::string_view key, Member member) {
  return {key, [member](const toml::node& node, Config& config) -> Status {
            OUTPOST_TRY(const std::int64_t number, Whole(node, 1 << 20, 1LL << 40));
            member(config) = static_cast<std::size_t>(number);
            return {};
          }};
}

template <class Member>
Setting TimeSetting(std::string_view key, Member member) {
  return {key, [member](const toml::node& node, Config& config) -> Status {
            OUTPOST_TRY(member(config), Time(node));
            return {};
          }};
}

std::vector<Setting> Settings() {
  return {
      TextSetting("listen", [](Config& c) -> std::string& { return c.listen; }),
      {"behind_proxy",
       [](const toml::node& node, Config& config) -> Status {
         OUTPOST_TRY(config.behind_proxy, Flag(node));
         return {};
       }},
      {"currency", TakeCurrency},
      {"log.level", TakeLogLevel},
      {"orders.require_catalog",
       [](const toml::node& node, Config& config) -> Status {
         OUTPOST_TRY(config.service.require_catalog, Flag(node));
         return {};
       }},
      TextSetting("jwt.secret_file", [](Config& c) -> std::string& { return c.secret_file; }),
      TextSetting("postgres.url", [](Config& c) -> std::string& { return c.postgres_url; }),
      TextSetting("postgres.schema", [](Config& c) -> std::string& { return c.postgres_schema; }),
      {"postgres.durability", TakeDurability},
      {"postgres.writers", TakeWriters},
      TextSetting("web.apps", [](Config& c) -> std::string& { return c.web_apps; }),
      TextSetting("tls.cert", [](Config& c) -> std::string& { return c.tls_cert; }),
      TextSetting("tls.key", [](Config& c) -> std::string& { return c.tls_key; }),
      {"cors.origins", TakeOrigins},
      {"limits.connections", TakeConnections},
      BytesSetting("limits.queue_bytes", [](Config& c) -> std::size_t& { return c.queue_bytes_max; }),
      BytesSetting("limits.body_bytes", [](Config& c) -> std::size_t& { return c.limits.body_bytes_total_max; }),
      RateSetting("limits.user_rate", [](Config& c) -> double& { return c.policy.per_user.per_second; }),
      RateSetting("limits.user_burst", [](Config& c) -> double& { return c.policy.per_user.burst; }),
      RateSetting("limits.device_rate", [](Config& c) -> double& { return c.policy.per_device.per_second; }),
      RateSetting("limits.device_burst", [](Config& c) -> double& { return c.policy.per_device.burst; }),
      TimeSetting("limits.header_time", [](Config& c) -> Milliseconds& { return c.limits.header_time_max; }),
      TimeSetting("limits.body_time", [](Config& c) -> Milliseconds& { return c.limits.body_time_max; }),
      TimeSetting("limits.write_time", [](Config& c) -> Milliseconds& { return c.limits.write_time_max; }),
      TimeSetting("limits.idle_time", [](Config& c) -> Milliseconds& { return c.limits.idle_time_max; }),
      TimeSetting("limits.stop_time", [](Config& c) -> Milliseconds& { return c.limits.stop_time_max; }),
      TimeSetting("limits.same_key_wait", [](Config& c) -> Milliseconds& { return c.policy.same_key_wait; }),
      TimeSetting("keep.outcomes", [](Config& c) -> Milliseconds& { return c.retention.outcomes; }),
      TimeSetting("keep.keys", [](Config& c) -> Milliseconds& { return c.retention.keys; }),
      TimeSetting("keep.tombstones", [](Config& c) -> Milliseconds& { return c.retention.tombstones; }),
  };
}

// Variables further apart than this resemble each other by chance.
constexpr std::size_t kMisspeltMax = 3;

// Levenshtein.
std::size_t Distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
    }
  }
  return row[b.size()];
}

// The one of `known` that is most like `name`.
std::string Nearest(const std::string& name, const std::vector<std::string>& known) {
  return *std::min_element(known.begin(), known.end(), [&](const std::string& a, const std::string& b) {
    return Distance(a, name) < Distance(b, name);
  });
}

Error UnknownKey(const std::string& key, const std::vector<Setting>& settings) {
  std::vector<std::string> known;
  known.reserve(settings.size());
  for (const Setting& setting : settings) known.emplace_back(setting.key);
  return Error{ErrorCode::kInvalidArgument, "unknown key; did you mean \"" + Nearest(key, known) + "\"?"};
}

std::string VariableOf(std::string_view key) {
  std::string variable(kVariablePrefix);
  for (const char c : key) {
    variable += c == '.' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return variable;
}

// A variable's text as a value of the file: what is no TOML value is a text.
toml::table TableOf(const std::string& text) {
  try {
    return toml::parse("v = " + text);
  } catch (const toml::parse_error&) {
    toml::table table;
    table.insert("v", text);
    return table;
  }
}

struct Reader {
  const std::string& name;
  std::vector<Setting> settings = Settings();
  Config config;

  Error At(const toml::node& node, const std::string& key, const Error& error) const {
    const std::string place = name + ":" + std::to_string(node.source().begin.line) + ": ";
    return Error{error.code, place + (key.empty() ? "" : key + ": ") + error.message};
  }

  Status Take(const toml::table& table, const std::string& prefix) {
    for (const auto& [short_key, node] : table) {
      const std::string key = prefix + std::string(short_key.str());
      const auto setting =
          std::find_if(settings.begin(), settings.end(), [&](const Setting& s) { return s.key == key; });
      if (setting != settings.end()) {
        if (const Status taken = setting->take(node, config); !taken.ok()) return At(node, key, taken.error());
      } else if (key == "collections" && node.is_table()) {
        const std::string folder = name.substr(0, name.rfind('/') + 1);  // empty: the working directory
        const Status taken = TakeCollections(*node.as_table(), folder, config.collections);
        if (!taken.ok()) return At(node, "", taken.error());
      } else if (const toml::table* inner = node.as_table(); inner != nullptr && IsSection(key)) {
        OUTPOST_CHECK(Take(*inner, key + "."));
      } else {
        return At(node, key, UnknownKey(key, settings));
      }
    }
    return {};
  }

  bool IsSection(const std::string& key) const {
    return std::any_of(settings.begin(), settings.end(),
                       [&](const Setting& s) { return s.key.substr(0, key.size() + 1) == key + "."; });
  }
};

}  // namespace

Result<Config> ParseConfig(std::string_view text, const std::string& name) {
  try {
    const toml::table table = toml::parse(text, name);
    Reader reader{name};
    OUTPOST_CHECK(reader.Take(table, ""));
    return std::move(reader.config);
  } catch (const toml::parse_error& error) {
    const std::string line = std::to_string(error.source().begin.line);
    return Error{ErrorCode::kInvalidArgument, name + ":" + line + ": " + std::string(error.description())};
  }
}

Status ApplyEnvironment(Config& config, const LookUp& environment) {
  for (const Setting& setting : Settings()) {
    const std::string variable = VariableOf(setting.key);
    const std::optional<std::string> text = environment(variable.c_str());
    if (!text) continue;
    const toml::table table = TableOf(*text);
    if (const Status taken = setting.take(*table.get("v"), config); !taken.ok()) {
      return Error{taken.error().code, variable + ": " + taken.error().message};
    }
  }
  return {};
}

std::vector<std::string> UnknownVariables(const std::vector<std::string>& names) {
  std::vector<std::string> known = {"OUTPOST_JWT_SECRET", "OUTPOST_TOKEN"};
  for (const SettingName& setting : AllSettings()) known.push_back(setting.variable);
  std::vector<std::string> told;
  for (const std::string& name : names) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const std::string nearest = Nearest(name, known);
    const bool resembles = Distance(nearest, name) <= kMisspeltMax;
    told.push_back(name + " is not known and not read" + (resembles ? "; did you mean " + nearest + "?" : ""));
  }
  return told;
}

std::vector<SettingName> AllSettings() {
  std::vector<SettingName> names;
  for (const Setting& setting : Settings()) names.push_back({std::string(setting.key), VariableOf(setting.key)});
  return names;
}

Result<Config> ReadConfig(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error{ErrorCode::kInvalidArgument, "cannot read " + path};
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  return ParseConfig(text, path);
}

}  // namespace outpost::cli
