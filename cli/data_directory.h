// The server's data directory: made for its owner alone, and held by one server at a time. The lock names its holder,
// so that a second start can say who is there. `token` and other tools work beside a running server: they take no lock.
#pragma once

#include <string>

#include "base/result.h"
#include "sqlite/connection.h"

namespace outpost::cli {

inline constexpr const char* kLockFile = "outpost.lock";
inline constexpr const char* kStoreFile = "outpost.db";

// Creates it with mode 0700 when it is not there.
Status MakeDataDirectory(const std::string& directory);

// A connection that reads a store beside whoever serves it. After a crash the log has to be recovered first, which a
// reading connection may not do: then one that may is opened.
Result<sqlite::Connection> OpenBeside(const std::string& path);

// What tokens are signed with: OUTPOST_JWT_SECRET, else the file that OUTPOST_JWT_SECRET_FILE or the configuration
// names, else the one in the data directory, made when there is none.
Result<std::string> FindSecret(const std::string& configured_file, const std::string& data_directory);

class DirectoryLock {
 public:
  // kBusy names the process that holds it.
  static Result<DirectoryLock> Take(const std::string& directory);
  DirectoryLock(DirectoryLock&& other) noexcept;
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;
  DirectoryLock& operator=(DirectoryLock&&) = delete;
  ~DirectoryLock();

 private:
  explicit DirectoryLock(int file) : file_(file) {}
  int file_;
};

}  // namespace outpost::cli
