#include "server/routes/access_log.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "protocol/json.h"

namespace outpost::server {
namespace {

spdlog::level::level_enum ToSpdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
    case LogLevel::kOff:
      return spdlog::level::off;
  }
  return spdlog::level::info;
}

// One line under construction.
class Line {
 public:
  Line(Timestamp now, std::string_view level, std::string_view message)
      : text_("{\"time\":\"" + ToRfc3339(now) + "\"") {
    Add("level", level);
    Add("message", message);
  }
  void Add(std::string_view name, std::string_view value) {
    if (value.empty()) return;
    Name(name);
    AppendJsonString(text_, value);
  }
  void Add(std::string_view name, std::int64_t value) {
    Name(name);
    text_ += std::to_string(value);
  }
  std::string Take() && {
    text_ += '}';
    return std::move(text_);
  }

 private:
  void Name(std::string_view name) {
    text_ += ",\"";
    text_ += name;
    text_ += "\":";
  }
  std::string text_;
};

std::string_view LevelName(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warn";
    case LogLevel::kError:
      return "error";
    case LogLevel::kOff:
      return "off";
  }
  return "info";
}

}  // namespace

Result<LogLevel> ParseLogLevel(std::string_view text) {
  for (const LogLevel level :
       {LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarning, LogLevel::kError, LogLevel::kOff}) {
    if (LevelName(level) == text) return level;
  }
  return Error{ErrorCode::kInvalidArgument, "log level must be debug, info, warn, error or off"};
}

Log::Log(LogLevel level)
    : logger_(std::make_shared<spdlog::logger>("outpost", std::make_shared<spdlog::sinks::stderr_sink_mt>())) {
  logger_->set_pattern("%v");
  logger_->set_level(ToSpdlog(level));
}

Log::~Log() = default;

void Log::Access(const AccessEntry& entry, Timestamp now) {
  const LogLevel level = entry.status >= 500 ? LogLevel::kError : LogLevel::kInfo;
  if (!logger_->should_log(ToSpdlog(level))) return;
  Line line(now, LevelName(level), "request");
  line.Add("method", entry.method);
  line.Add("path", entry.path);
  line.Add("status", entry.status);
  line.Add("us", entry.took.count());
  line.Add("bytesIn", static_cast<std::int64_t>(entry.bytes_in));
  line.Add("bytesOut", static_cast<std::int64_t>(entry.bytes_out));
  line.Add("requestId", entry.request_id);
  line.Add("traceId", entry.trace_id);
  line.Add("remote", entry.remote);
  if (entry.caller != nullptr) {
    line.Add("workspace", entry.caller->workspace.value);
    line.Add("user", entry.caller->user.value);
    if (entry.caller->device) line.Add("device", entry.caller->device->value);
  }
  line.Add("command", entry.command);
  line.Add("key", entry.key);
  logger_->log(ToSpdlog(level), std::move(line).Take());
}

void Log::Command(const CommandEntry& entry, Timestamp now) {
  const LogLevel level = entry.code.empty() ? LogLevel::kDebug : LogLevel::kInfo;
  if (!logger_->should_log(ToSpdlog(level))) return;
  Line line(now, LevelName(level), "command");
  line.Add("command", entry.command);
  line.Add("status", entry.status);
  line.Add("code", entry.code);
  line.Add("requestId", entry.request_id);
  line.Add("traceId", entry.trace_id);
  if (entry.caller != nullptr) {
    line.Add("workspace", entry.caller->workspace.value);
    line.Add("user", entry.caller->user.value);
  }
  if (entry.device != nullptr) line.Add("device", entry.device->value);
  logger_->log(ToSpdlog(level), std::move(line).Take());
}

void Log::Event(LogLevel level, std::string_view message, Timestamp now, std::string_view detail) {
  if (!logger_->should_log(ToSpdlog(level))) return;
  Line line(now, LevelName(level), message);
  line.Add("detail", detail);
  logger_->log(ToSpdlog(level), std::move(line).Take());
}

}  // namespace outpost::server
