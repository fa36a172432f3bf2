#include <filesystem>

#include "cli/data_directory.h"
#include "cli/environment.h"
#include "cli/serving_store.h"
#include "server/sqlite/sqlite_store.h"

namespace outpost::cli {
namespace {

std::uint64_t FileBytes(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  return error ? 0 : size;
}

class ServingDirectory : public ServingStore {
 public:
  ServingDirectory(std::string directory, std::string secret_file, DirectoryLock lock,
                   std::unique_ptr<server::SqliteStore> store)
      : directory_(std::move(directory)),
        secret_file_(std::move(secret_file)),
        lock_(std::move(lock)),
        store_(std::move(store)) {}

  server::Store& store() override { return *store_; }
  Result<std::string> Secret() override { return FindSecret(secret_file_, directory_); }
  void Prepare(server::ServerSettings& settings) override {
    settings.tick = [this] { (void)store_->Checkpoint(); };
    settings.log_bytes = [path = directory_ + "/" + kStoreFile + "-wal"] { return FileBytes(path); };
  }

 private:
  const std::string directory_;
  const std::string secret_file_;
  DirectoryLock lock_;
  std::unique_ptr<server::SqliteStore> store_;
};

}  // namespace

Result<std::unique_ptr<ServingStore>> OpenDirectory(const std::string& directory, const Config& config) {
  OUTPOST_CHECK(MakeDataDirectory(directory));
  OUTPOST_TRY(DirectoryLock lock, DirectoryLock::Take(directory));
  server::SqliteStoreOptions options;
  options.path = directory + "/" + kStoreFile;
  Random random(Entropy());
  OUTPOST_TRY(auto store, server::SqliteStore::Open(options, random));
  return std::unique_ptr<ServingStore>(
      new ServingDirectory(directory, config.secret_file, std::move(lock), std::move(store)));
}

}  // namespace outpost::cli
