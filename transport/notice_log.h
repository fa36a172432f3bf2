// What a native device's notices leave on disk (O13): a JSON object per line in a file that is rolled over when it is
// full, the oldest one going. The audit trail in the store is the record; this is for whoever reads along, and support.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "base/result.h"
#include "engine/device/device.h"

namespace spdlog {
class logger;
}

namespace outpost::transport {

struct NoticeLogSettings {
  std::string path;
  std::size_t file_bytes_max = 5u << 20;
  std::size_t files_max = 5;  // rolled over, besides the one that is written
};

class NoticeLog {
 public:
  // In the device's folder, beside its store.
  static Result<NoticeLog> OpenIn(const std::string& folder);
  // kIo: the file cannot be written.
  static Result<NoticeLog> Open(const NoticeLogSettings& settings);
  NoticeLog(NoticeLog&&) noexcept;
  NoticeLog& operator=(NoticeLog&&) noexcept;
  ~NoticeLog();

  // What a person has to know is in the file at once, the rest with the next Flush.
  void Write(const engine::Notice& notice, Timestamp now);
  void Flush();

 private:
  explicit NoticeLog(std::unique_ptr<spdlog::logger> logger);
  std::unique_ptr<spdlog::logger> logger_;
};

}  // namespace outpost::transport
