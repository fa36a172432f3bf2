#include "wasm/store_vfs.h"

#include <cstring>
#include <new>

namespace outpost::wasm {
namespace {

constexpr char kName[] = "outpost-storage";
constexpr int kSectorBytes = 4096;
constexpr int kPathBytesMax = 64;

int CodeOf(const Status& status, int failure) {
  if (status.ok()) return SQLITE_OK;
  return status.error().code == ErrorCode::kFull ? SQLITE_FULL : failure;
}

StoreFile FileOf(std::string_view path) {
  if (path.ends_with("-journal")) return StoreFile::kJournal;
  return path.ends_with("-wal") ? StoreFile::kLog : StoreFile::kMain;
}

}  // namespace

// The part of sqlite3_file that SQLite allocates for us.
struct StoreVfs::Handle {
  sqlite3_file base;
  StoreVfs* vfs;
  StoreFile file;

  CombinedFile& bytes() const { return vfs->Of(file); }
};

// The C callbacks. Kept in a nested struct so that they see the private parts and nobody else does.
struct StoreVfs::Methods {
  static Handle& Of(sqlite3_file* file) { return *reinterpret_cast<Handle*>(file); }
  static StoreVfs& Of(sqlite3_vfs* vfs) { return static_cast<StoreVfs&>(InputVfs::Of(vfs)); }
  static const sqlite3_io_methods* Table();

  static int Close(sqlite3_file* file) {
    static_cast<void>(Of(file).bytes().Drain());
    return SQLITE_OK;
  }

  static int Read(sqlite3_file* file, void* out, int amount, sqlite3_int64 offset) {
    const std::span<char> wanted(static_cast<char*>(out), static_cast<std::size_t>(amount));
    const auto read = Of(file).bytes().Read(static_cast<std::uint64_t>(offset), wanted);
    if (!read.ok()) return SQLITE_IOERR_READ;
    if (read.value() == wanted.size()) return SQLITE_OK;
    std::memset(wanted.data() + read.value(), 0, wanted.size() - read.value());
    return SQLITE_IOERR_SHORT_READ;
  }

  static int Write(sqlite3_file* file, const void* data, int amount, sqlite3_int64 offset) {
    Handle& handle = Of(file);
    if (handle.file == StoreFile::kMain && !handle.vfs->PayDebt().ok()) return SQLITE_IOERR_FSYNC;
    if (handle.file == StoreFile::kLog && offset == 0) handle.vfs->log_begins_ = true;
    const std::string_view bytes(static_cast<const char*>(data), static_cast<std::size_t>(amount));
    return CodeOf(handle.bytes().Write(static_cast<std::uint64_t>(offset), bytes), SQLITE_IOERR_WRITE);
  }

  static int Truncate(sqlite3_file* file, sqlite3_int64 size) {
    Handle& handle = Of(file);
    if (handle.file == StoreFile::kMain && !handle.vfs->PayDebt().ok()) return SQLITE_IOERR_FSYNC;
    return CodeOf(handle.bytes().Truncate(static_cast<std::uint64_t>(size)), SQLITE_IOERR_TRUNCATE);
  }

  static int Sync(sqlite3_file* file, int) { return CodeOf(Of(file).vfs->Sync(Of(file).file), SQLITE_IOERR_FSYNC); }

  static int FileSize(sqlite3_file* file, sqlite3_int64* size) {
    const auto found = Of(file).bytes().Size();
    if (!found.ok()) return SQLITE_IOERR_FSTAT;
    *size = static_cast<sqlite3_int64>(found.value());
    return SQLITE_OK;
  }

  static int Lock(sqlite3_file*, int) { return SQLITE_OK; }
  static int CheckReservedLock(sqlite3_file*, int* held) {
    *held = 0;
    return SQLITE_OK;
  }
  static int FileControl(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
  static int SectorSize(sqlite3_file*) { return kSectorBytes; }
  // A torn write never changes bytes outside its own range.
  static int DeviceCharacteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

  static int Open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out_flags) {
    auto* handle = new (file) Handle{{nullptr}, &Of(vfs), StoreFile::kMain};
    if (path == nullptr) return SQLITE_CANTOPEN;  // temporary files live in memory
    handle->file = FileOf(path);
    handle->base.pMethods = Table();
    if (out_flags != nullptr) *out_flags = flags;
    return SQLITE_OK;
  }

  // Flushed whether or not SQLite asks for it: a journal that came back after a power cut would undo everything since.
  static int Delete(sqlite3_vfs* vfs, const char* path, int) {
    CombinedFile& file = Of(vfs).Of(FileOf(path));
    return file.Truncate(0).ok() && file.Flush().ok() ? SQLITE_OK : SQLITE_IOERR_DELETE;
  }

  static int Access(sqlite3_vfs* vfs, const char* path, int, int* result) {
    const auto size = Of(vfs).Of(FileOf(path)).Size();
    if (!size.ok()) return SQLITE_IOERR_ACCESS;
    *result = size.value() > 0 ? 1 : 0;
    return SQLITE_OK;
  }
};

const sqlite3_io_methods* StoreVfs::Methods::Table() {
  static constexpr sqlite3_io_methods kTable = {
      .iVersion = 1,
      .xClose = Close,
      .xRead = Read,
      .xWrite = Write,
      .xTruncate = Truncate,
      .xSync = Sync,
      .xFileSize = FileSize,
      .xLock = Lock,
      .xUnlock = Lock,
      .xCheckReservedLock = CheckReservedLock,
      .xFileControl = FileControl,
      .xSectorSize = SectorSize,
      .xDeviceCharacteristics = DeviceCharacteristics,
  };
  return &kTable;
}

StoreVfs::StoreVfs(Storage& storage, Random random)
    : InputVfs(
          kName, {sizeof(Handle), kPathBytesMax, Methods::Open, Methods::Delete, Methods::Access},
          [this] { return now_; }, random),
      files_{CombinedFile(storage, StoreFile::kMain), CombinedFile(storage, StoreFile::kJournal),
             CombinedFile(storage, StoreFile::kLog)} {}

const char* StoreVfs::Name() { return kName; }

Status StoreVfs::Sync(StoreFile file) {
  if (file != StoreFile::kLog) return Of(file).Flush();
  if (grouping_ && !log_begins_) {
    // Written now, so that a full disk is told to the very transaction that met it.
    OUTPOST_CHECK(Of(file).Drain());
    owed_ = true;
    return {};
  }
  OUTPOST_CHECK(Of(file).Flush());
  owed_ = log_begins_ = false;
  return {};
}

Status StoreVfs::PayDebt() {
  if (!owed_) return {};
  OUTPOST_CHECK(Of(StoreFile::kLog).Flush());
  owed_ = false;
  return {};
}

Status StoreVfs::EndGroup() {
  grouping_ = false;
  OUTPOST_CHECK(PayDebt());
  // What needs no flush (answers, pulls) need not stay in memory either; there may be no room for it just now.
  for (CombinedFile& file : files_) static_cast<void>(file.Drain());
  return {};
}

}  // namespace outpost::wasm
