// The configuration: a file, or one setting by environment. Laws: it is taken or an error names the place; what is
// taken can be put to use.
#include "cli/config.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace outpost;
  if (size == 0) return 0;
  const std::string_view text = fuzz::TextOf(data, size);
  const auto config = cli::ParseConfig(text, "outpost.toml");
  if (config.ok()) {
    static_cast<void>(server::Collections(config.value().collections));
  } else {
    OUTPOST_ASSERT(config.error().code == ErrorCode::kInvalidArgument && !config.error().message.empty());
  }
  static const std::vector<cli::SettingName> settings = cli::AllSettings();
  const std::string& chosen = settings[data[0] % settings.size()].variable;
  cli::Config defaults;
  const Status applied = cli::ApplyEnvironment(defaults, [&](const char* name) -> std::optional<std::string> {
    if (chosen != name) return std::nullopt;
    return std::string(text.substr(1));
  });
  if (!applied.ok()) OUTPOST_ASSERT(applied.error().message.find(chosen) != std::string::npos);
  return 0;
}
