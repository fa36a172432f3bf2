#include "cli/duration.h"

#include <charconv>
#include <string>

namespace outpost::cli {
namespace {

constexpr std::int64_t kMsMax = 10LL * 366 * 24 * 3600 * 1000;

std::int64_t UnitMs(std::string_view unit) {
  if (unit == "ms") return 1;
  if (unit == "s") return 1000;
  if (unit == "m") return 60 * 1000;
  if (unit == "h") return 3600 * 1000;
  if (unit == "d") return 24 * 3600 * 1000;
  return 0;
}

}  // namespace

Result<Milliseconds> ParseDuration(std::string_view text) {
  std::int64_t number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::int64_t unit_ms =
      error == std::errc() ? UnitMs(text.substr(static_cast<std::size_t>(stop - text.data()))) : 0;
  if (unit_ms == 0 || number <= 0 || number > kMsMax / unit_ms) {
    return Error{ErrorCode::kInvalidArgument,
                 "expected a time such as 90s, 15m, 12h or 7d, got \"" + std::string(text) + "\""};
  }
  return Milliseconds(number * unit_ms);
}

}  // namespace outpost::cli
