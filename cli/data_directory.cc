#include "cli/data_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "cli/environment.h"
#include "server/routes/secret.h"

namespace outpost::cli {
namespace {

Error IoError(const std::string& path) { return Error{ErrorCode::kIo, path + ": " + std::strerror(errno)}; }

std::string ReadHolder(int file) {
  char text[32] = {};
  const ssize_t size = ::pread(file, text, sizeof text - 1, 0);
  std::string holder(text, size > 0 ? static_cast<std::size_t>(size) : 0);
  while (!holder.empty() && holder.back() == '\n') holder.pop_back();
  return holder.empty() ? "unknown" : holder;
}

}  // namespace

Status MakeDataDirectory(const std::string& directory) {
  const std::filesystem::path path(directory);
  std::error_code error;
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), error);
  if (::mkdir(directory.c_str(), 0700) == 0) return {};
  if (errno != EEXIST) return IoError(directory);
  if (!std::filesystem::is_directory(path, error))
    return Error{ErrorCode::kInvalidArgument, directory + " is not a directory"};
  return {};
}

Result<sqlite::Connection> OpenBeside(const std::string& path) {
  sqlite::OpenOptions options;
  options.path = path;
  options.mode = sqlite::OpenMode::kReadOnly;
  options.wal_autocheckpoint_pages = 0;
  auto reading = sqlite::Connection::Open(options);
  if (reading.ok() && reading.value().QueryInteger("SELECT count(*) FROM sqlite_schema").ok()) return reading;
  options.mode = sqlite::OpenMode::kReadWriteCreate;
  return sqlite::Connection::Open(options);
}

Result<std::string> FindSecret(const std::string& configured_file, const std::string& data_directory) {
  const auto secret = Environment("OUTPOST_JWT_SECRET");
  const std::string file = Environment("OUTPOST_JWT_SECRET_FILE").value_or(configured_file);
  if (!secret && !file.empty()) return server::ReadSecretFile(file);
  return server::LoadOrCreateSecret(secret, data_directory);
}

Result<DirectoryLock> DirectoryLock::Take(const std::string& directory) {
  const std::string path = directory + "/" + kLockFile;
  DirectoryLock lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (lock.file_ < 0) return IoError(path);
  if (::flock(lock.file_, LOCK_EX | LOCK_NB) != 0) {
    return Error{ErrorCode::kBusy, directory + " is in use by process " + ReadHolder(lock.file_)};
  }
  const std::string pid = std::to_string(::getpid()) + "\n";
  const bool written = ::ftruncate(lock.file_, 0) == 0 &&
                       ::pwrite(lock.file_, pid.data(), pid.size(), 0) == static_cast<ssize_t>(pid.size());
  if (!written) return IoError(path);
  return lock;
}

DirectoryLock::DirectoryLock(DirectoryLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

DirectoryLock::~DirectoryLock() {
  if (file_ >= 0) ::close(file_);
}

}  // namespace outpost::cli
