// What `outpost replay` was asked for; the same for the parent and for every device process, which gets it handed on.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace outpost::cli {

inline constexpr int kReplayDevicesMax = 256;

struct ReplayOptions {
  std::string server;
  std::string data;    // folder of the run: run.json and device-<i>/outpost.db
  std::string orders;  // folder of the order book
  int devices = 1;
  double offline_percent = 0;
  std::string trace;  // file; empty: none
  std::optional<double> speed;
  std::optional<std::int64_t> limit;
  std::uint64_t seed = 1;
  std::string token_file;  // empty: OUTPOST_TOKEN
  bool json = false;
};

}  // namespace outpost::cli
