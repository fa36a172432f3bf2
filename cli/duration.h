// "90s", "15m", "12h", "7d": times as people write them on a command line or in a configuration.
#pragma once

#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace outpost::cli {

// Positive, at most ten years.
Result<Milliseconds> ParseDuration(std::string_view text);

}  // namespace outpost::cli
