#include "transport/notice_log.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/rotating_file_sink.h>

#include <filesystem>

#include "base/time.h"
#include "protocol/json.h"

namespace outpost::transport {
namespace {

constexpr const char* kFileName = "outpost.log";

spdlog::level::level_enum LevelOf(engine::Notice::Kind kind) {
  switch (kind) {
    case engine::Notice::Kind::kConflict:
    case engine::Notice::Kind::kFailed:
    case engine::Notice::Kind::kNeedsAttention:
    case engine::Notice::Kind::kTooManyWaiting:
    case engine::Notice::Kind::kSignInNeeded:
    case engine::Notice::Kind::kDeviceCloned:
    case engine::Notice::Kind::kStoreBehind:
    case engine::Notice::Kind::kAlreadyApplied:
    case engine::Notice::Kind::kLeaseLost:
      return spdlog::level::warn;
    default:
      return spdlog::level::info;
  }
}

}  // namespace

NoticeLog::NoticeLog(std::unique_ptr<spdlog::logger> logger) : logger_(std::move(logger)) {}
NoticeLog::NoticeLog(NoticeLog&&) noexcept = default;
NoticeLog& NoticeLog::operator=(NoticeLog&&) noexcept = default;
NoticeLog::~NoticeLog() = default;

Result<NoticeLog> NoticeLog::OpenIn(const std::string& folder) {
  NoticeLogSettings settings;
  settings.path = (std::filesystem::path(folder) / kFileName).string();
  return Open(settings);
}

Result<NoticeLog> NoticeLog::Open(const NoticeLogSettings& settings) {
  try {
    auto sink = std::make_shared<spdlog::sinks::rotating_file_sink_st>(settings.path, settings.file_bytes_max,
                                                                       settings.files_max);
    auto logger = std::make_unique<spdlog::logger>("notices", std::move(sink));
    logger->set_pattern("%v");
    logger->flush_on(spdlog::level::warn);
    return NoticeLog(std::move(logger));
  } catch (const spdlog::spdlog_ex& error) {
    return Error{ErrorCode::kIo, error.what()};
  }
}

void NoticeLog::Write(const engine::Notice& notice, Timestamp now) {
  if (notice.kind == engine::Notice::Kind::kDocumentsChanged) return;  // for screens, and as frequent as they draw
  json::object line{{"time", ToRfc3339(now)}, {"event", engine::Name(notice.kind)}};
  if (notice.command) line["command"] = notice.command->value;
  if (!notice.detail.empty()) line["detail"] = notice.detail;
  if (!notice.trace_id.empty()) line["traceId"] = notice.trace_id;
  const std::string text = ToJson(line);
  logger_->log(LevelOf(notice.kind), spdlog::string_view_t(text.data(), text.size()));
}

void NoticeLog::Flush() { logger_->flush(); }

}  // namespace outpost::transport
