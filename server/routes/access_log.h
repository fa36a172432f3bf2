// Structured logs: one JSON object a line on stderr. Bodies, tokens, query strings and keys' payloads never appear.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "server/core/command_service.h"

namespace spdlog {
class logger;
}

namespace outpost::server {

enum class LogLevel { kDebug, kInfo, kWarning, kError, kOff };
// "debug", "info", "warn", "error", "off".
Result<LogLevel> ParseLogLevel(std::string_view text);

struct AccessEntry {
  std::string_view method;
  std::string_view path;
  int status = 0;
  std::chrono::microseconds took{0};
  std::size_t bytes_in = 0;
  std::size_t bytes_out = 0;
  std::string_view request_id;
  std::string_view trace_id;
  std::string_view remote;
  const Caller* caller = nullptr;
  std::string_view command;  // of a write through one command
  std::string_view key;
};

// What became of one command of a batch. Its payload never appears.
struct CommandEntry {
  std::string_view command;
  std::string_view status;  // "FAILED"
  std::string_view code;    // of the problem
  std::string_view request_id;
  std::string_view trace_id;
  const Caller* caller = nullptr;
  const DeviceId* device = nullptr;
};

class Log {
 public:
  explicit Log(LogLevel level);
  ~Log();

  // Answers below 500 are info, others errors.
  void Access(const AccessEntry& entry, Timestamp now);
  // What succeeded is debug, what did not is info: those are what support asks for.
  void Command(const CommandEntry& entry, Timestamp now);
  void Event(LogLevel level, std::string_view message, Timestamp now, std::string_view detail = {});

 private:
  std::shared_ptr<spdlog::logger> logger_;
};

}  // namespace outpost::server
