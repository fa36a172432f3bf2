#include "cli/backup.h"

#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "cli/data_directory.h"
#include "cli/environment.h"
#include "server/postgres/schema.h"
#include "server/sqlite/schema.h"
#include "server/sqlite/sqlite_store.h"

namespace outpost::cli {
namespace {

namespace fs = std::filesystem;

struct BackupOptions {
  std::string data;
  std::string file;
  std::string postgres;
  std::string schema = "outpost";
  bool force = false;
};

int Failed(const char* command, const Error& error) {
  std::fprintf(stderr, "outpost %s: %s\n", command, error.message.c_str());
  return 1;
}

// A directory as well: the name must be on disk too.
Status Sync(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = file >= 0 && ::fsync(file) == 0;
  if (file >= 0) ::close(file);
  if (!synced) return Error{ErrorCode::kIo, "cannot sync " + path};
  return {};
}

std::string FolderOf(const std::string& path) {
  const fs::path folder = fs::path(path).parent_path();
  return folder.empty() ? "." : folder.string();
}

Status Rename(const std::string& from, const std::string& to) {
  std::error_code error;
  fs::rename(from, to, error);
  if (error) return Error{ErrorCode::kIo, "cannot rename " + from + ": " + error.message()};
  return Sync(FolderOf(to));
}

// One consistent moment, read in a transaction beside whoever writes; whole under its name or not there at all.
Status Backup(const BackupOptions& options) {
  const std::string store = options.data + "/" + kStoreFile;
  std::error_code error;
  if (!fs::exists(store, error)) return Error{ErrorCode::kNotFound, "there is no store in " + options.data};
  if (fs::exists(options.file, error)) return Error{ErrorCode::kAlreadyExists, options.file + " is there already"};
  OUTPOST_CHECK(server::CheckFileIsOurs(store));
  OUTPOST_TRY(auto connection, OpenBeside(store));
  const std::string partial = options.file + ".partial";
  fs::remove(partial, error);
  OUTPOST_TRY(auto copy, connection.Prepare("VACUUM INTO ?1"));
  OUTPOST_CHECK(copy.Bind(1, partial).Run());
  fs::permissions(partial, fs::perms::owner_read | fs::perms::owner_write, error);
  OUTPOST_CHECK(Sync(partial));
  return Rename(partial, options.file);
}

Status MoveAside(const std::string& store) {
  std::error_code error;
  const std::string aside = store + ".before-restore-" + std::to_string(SystemNow().ms);
  for (const char* suffix : {"", "-wal", "-shm"}) {
    if (fs::exists(store + suffix, error)) OUTPOST_CHECK(Rename(store + suffix, aside + suffix));
  }
  return {};
}

Status Restore(const BackupOptions& options) {
  std::error_code error;
  if (!fs::exists(options.file, error)) return Error{ErrorCode::kNotFound, "there is no " + options.file};
  OUTPOST_CHECK(server::CheckFileIsOurs(options.file));
  OUTPOST_CHECK(MakeDataDirectory(options.data));
  OUTPOST_TRY(const DirectoryLock lock, DirectoryLock::Take(options.data));
  const std::string store = options.data + "/" + kStoreFile;
  if (fs::exists(store, error)) {
    if (!options.force)
      return Error{ErrorCode::kAlreadyExists, options.data + " holds a store; --force moves it aside and goes on"};
    OUTPOST_CHECK(MoveAside(store));
  }
  const std::string partial = store + ".partial";
  fs::copy_file(options.file, partial, fs::copy_options::overwrite_existing, error);
  if (error) return Error{ErrorCode::kIo, "cannot copy " + options.file + ": " + error.message()};
  fs::permissions(partial, fs::perms::owner_read | fs::perms::owner_write, error);
  OUTPOST_CHECK(Sync(partial));
  OUTPOST_CHECK(Rename(partial, store));
  Random random(Entropy());
  server::SqliteStoreOptions open;
  open.path = store;
  OUTPOST_TRY(const auto restored, server::SqliteStore::Open(open, random));
  OUTPOST_CHECK(restored->RotateEpoch(random));
  std::printf("restored into %s, epoch %s\n", options.data.c_str(), restored->epoch().value.c_str());
  return {};
}

// A database that its own tools have put back: only its next epoch is ours to make.
Status DeclareRestored(const BackupOptions& options) {
  postgres::ConnectionOptions connection;
  connection.url = options.postgres;
  connection.schema = options.schema;
  OUTPOST_TRY(const auto database, postgres::Connection::Open(connection));
  Random random(Entropy());
  OUTPOST_TRY(const Epoch old, server::ReadEpoch(*database));
  OUTPOST_TRY(const Epoch epoch, server::ReplaceEpoch(*database, old, random));
  std::printf("the database has epoch %s\n", epoch.value.c_str());
  return {};
}

}  // namespace

void RegisterBackup(CLI::App& app, std::function<int()>& run) {
  auto options = std::make_shared<BackupOptions>();
  CLI::App* backup = app.add_subcommand("backup", "Copy the store to a file, also while it is served");
  backup->add_option("--data", options->data, "The server's data directory")->required();
  backup->add_option("file", options->file, "The copy; must not be there yet")->required();
  backup->callback([options, &run] {
    run = [options] {
      const Status done = Backup(*options);
      if (!done.ok()) return Failed("backup", done.error());
      std::printf("%s\n", options->file.c_str());
      return 0;
    };
  });
}

void RegisterRestore(CLI::App& app, std::function<int()>& run) {
  auto options = std::make_shared<BackupOptions>();
  CLI::App* restore = app.add_subcommand("restore", "Put a copy in the place of a store that is not served");
  auto* data = restore->add_option("--data", options->data, "The server's data directory");
  auto* file = restore->add_option("file", options->file, "A file that `outpost backup` made");
  data->needs(file);
  file->needs(data);
  auto* database = restore->add_option("--postgres", options->postgres,
                                       "URL of a database that was restored by its own tools: gives it another epoch");
  database->excludes(data);
  restore->add_option("--schema", options->schema, "Schema of the tables in it")->needs(database);
  restore->require_option(1, 0);
  restore->add_flag("--force", options->force, "Move a store that is there aside");
  restore->callback([options, &run] {
    run = [options] {
      const Status done = options->postgres.empty() ? Restore(*options) : DeclareRestored(*options);
      return done.ok() ? 0 : Failed("restore", done.error());
    };
  });
}

}  // namespace outpost::cli
