// The port a browser gives the device its disk by: three files, opened once and for good (the origin private file
// system hands out handles asynchronously, SQLite cannot wait). Reads and writes are synchronous; Flush returns when
// the bytes are on the medium. Implementations: imported_storage.h (the host's handles), memory_storage.h (tests).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.h"

namespace outpost::wasm {

enum class StoreFile { kMain = 0, kJournal = 1, kLog = 2 };
inline constexpr int kStoreFileCount = 3;

class Storage {
 public:
  Storage() = default;
  Storage(const Storage&) = delete;
  Storage& operator=(const Storage&) = delete;
  virtual ~Storage() = default;

  // How many bytes; fewer than asked for only at the end of the file.
  virtual Result<std::size_t> Read(StoreFile file, std::uint64_t offset, std::span<char> out) = 0;
  // kFull: quota or disk. What was written of it is unknown then.
  virtual Status Write(StoreFile file, std::uint64_t offset, std::string_view bytes) = 0;
  virtual Status Truncate(StoreFile file, std::uint64_t size) = 0;
  virtual Status Flush(StoreFile file) = 0;
  virtual Result<std::uint64_t> Size(StoreFile file) = 0;
};

}  // namespace outpost::wasm
