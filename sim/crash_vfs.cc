#include "sim/crash_vfs.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "base/assert.h"
#include "sim/seed.h"

namespace outpost::sim {
namespace {

constexpr int kPathBytesMax = 512;

void Write(std::string& bytes, std::size_t offset, std::string_view data) {
  if (bytes.size() < offset + data.size()) bytes.resize(offset + data.size(), '\0');
  std::copy(data.begin(), data.end(), bytes.begin() + static_cast<std::ptrdiff_t>(offset));
}

}  // namespace

// The part of sqlite3_file that SQLite allocates for us.
struct CrashVfs::Handle {
  sqlite3_file base;
  CrashVfs* disk;
  std::shared_ptr<File>* file;
  std::uint64_t life;
  int flags;  // of the open
  FileSharing::Holder holder;

  FileSharing& sharing() const { return (*file)->sharing; }
  bool dead() const { return disk->down_ || life != disk->life_; }
};

// The C callbacks. Kept in a nested struct so that they see the private parts and nobody else does.
struct CrashVfs::Methods {
  static Handle& Of(sqlite3_file* file) { return *reinterpret_cast<Handle*>(file); }
  static CrashVfs& Disk(sqlite3_vfs* vfs) { return static_cast<CrashVfs&>(InputVfs::Of(vfs)); }
  static const sqlite3_io_methods* Table();

  static int Close(sqlite3_file* file) {
    Handle& handle = Of(file);
    if ((handle.flags & SQLITE_OPEN_DELETEONCLOSE) != 0 && !handle.dead()) {
      std::erase_if(handle.disk->files_, [&](const auto& entry) { return entry.second == *handle.file; });
    }
    if (!handle.dead()) handle.sharing().Leave(handle.holder);
    delete std::exchange(handle.file, nullptr);
    handle.base.pMethods = nullptr;
    return SQLITE_OK;
  }

  static int Read(sqlite3_file* file, void* out, int amount, sqlite3_int64 offset) {
    Handle& handle = Of(file);
    if (handle.dead()) return SQLITE_IOERR_READ;
    const std::string& bytes = (*handle.file)->bytes;
    const auto from = std::min(bytes.size(), static_cast<std::size_t>(offset));
    const auto have = std::min(bytes.size() - from, static_cast<std::size_t>(amount));
    std::memcpy(out, bytes.data() + from, have);
    if (have == static_cast<std::size_t>(amount)) return SQLITE_OK;
    std::memset(static_cast<char*>(out) + have, 0, static_cast<std::size_t>(amount) - have);
    return SQLITE_IOERR_SHORT_READ;
  }

  static int Write(sqlite3_file* file, const void* data, int amount, sqlite3_int64 offset) {
    Handle& handle = Of(file);
    if (handle.dead()) return SQLITE_IOERR_WRITE;
    CrashVfs& disk = *handle.disk;
    File& target = **handle.file;
    const auto end = static_cast<std::size_t>(offset) + static_cast<std::size_t>(amount);
    if (disk.full_ && end > target.bytes.size()) return SQLITE_FULL;
    const int code = disk.Charge();
    // A write that fails may have reached the disk none the less.
    if (code != SQLITE_OK && disk.random_.OneIn(2)) return SQLITE_IOERR_WRITE;
    ++disk.counters_.writes;
    std::string bytes(static_cast<const char*>(data), static_cast<std::size_t>(amount));
    sim::Write(target.bytes, static_cast<std::size_t>(offset), bytes);
    target.pending.push_back({static_cast<std::size_t>(offset), std::move(bytes), false});
    return code == SQLITE_OK ? SQLITE_OK : SQLITE_IOERR_WRITE;
  }

  static int Truncate(sqlite3_file* file, sqlite3_int64 size) {
    Handle& handle = Of(file);
    if (handle.dead() || handle.disk->Charge() != SQLITE_OK) return SQLITE_IOERR_TRUNCATE;
    File& target = **handle.file;
    target.bytes.resize(static_cast<std::size_t>(size), '\0');
    target.pending.push_back({static_cast<std::size_t>(size), {}, true});
    return SQLITE_OK;
  }

  static int Sync(sqlite3_file* file, int) {
    Handle& handle = Of(file);
    if (handle.dead() || handle.disk->Charge() != SQLITE_OK) return SQLITE_IOERR_FSYNC;
    ++handle.disk->counters_.syncs;
    if (handle.disk->lying_) return SQLITE_OK;
    handle.disk->Settle(**handle.file);
    // As the unix VFS: the first sync of a journal or WAL syncs its directory too, and with it every unlinking before.
    const bool journal = (handle.flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL)) != 0;
    if (journal && !(*handle.file)->entry_durable) handle.disk->SyncDirectory();
    return SQLITE_OK;
  }

  static int FileSize(sqlite3_file* file, sqlite3_int64* size) {
    Handle& handle = Of(file);
    if (handle.dead()) return SQLITE_IOERR_FSTAT;
    *size = static_cast<sqlite3_int64>((*handle.file)->bytes.size());
    return SQLITE_OK;
  }

  static int Lock(sqlite3_file* file, int level) {
    Handle& handle = Of(file);
    if (handle.dead()) return SQLITE_IOERR_LOCK;
    return handle.sharing().Lock(handle.holder, level) ? SQLITE_OK : SQLITE_BUSY;
  }
  static int Unlock(sqlite3_file* file, int level) {
    Handle& handle = Of(file);
    if (!handle.dead()) handle.sharing().Unlock(handle.holder, level);
    return SQLITE_OK;
  }
  static int CheckReservedLock(sqlite3_file* file, int* held) {
    *held = !Of(file).dead() && Of(file).sharing().IsReserved() ? 1 : 0;
    return SQLITE_OK;
  }

  // The WAL's index. It lives as long as the power is on.
  static int ShmMap(sqlite3_file* file, int region, int size, int extend, void volatile** out) {
    Handle& handle = Of(file);
    if (handle.dead()) return SQLITE_IOERR_SHMMAP;
    *out = handle.sharing().Map(region, size, extend != 0);
    return SQLITE_OK;
  }
  static int ShmLock(sqlite3_file* file, int first, int count, int flags) {
    Handle& handle = Of(file);
    if (handle.dead()) return SQLITE_IOERR_SHMLOCK;
    const bool exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
    if ((flags & SQLITE_SHM_UNLOCK) != 0) {
      handle.sharing().UnlockMemory(handle.holder, first, count);
      return SQLITE_OK;
    }
    return handle.sharing().LockMemory(handle.holder, first, count, exclusive) ? SQLITE_OK : SQLITE_BUSY;
  }
  static void ShmBarrier(sqlite3_file*) {}
  static int ShmUnmap(sqlite3_file* file, int drop) {
    Handle& handle = Of(file);
    if (!handle.dead() && drop != 0) handle.sharing().DropMemory();
    return SQLITE_OK;
  }
  static int FileControl(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
  static int SectorSize(sqlite3_file*) { return static_cast<int>(kSectorBytes); }
  // As on common disks: a torn write never changes bytes outside its own range.
  static int DeviceCharacteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

  static int Open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out_flags) {
    CrashVfs& disk = Disk(vfs);
    auto* handle = new (file) Handle{{nullptr}, &disk, nullptr, disk.life_, flags, {}};
    if (disk.down_) return SQLITE_IOERR;
    std::shared_ptr<File> found;
    if (path == nullptr) {
      found = std::make_shared<File>();
    } else if (const auto at = disk.files_.find(path); at != disk.files_.end() && !at->second->deleted) {
      found = at->second;
    } else if ((flags & SQLITE_OPEN_CREATE) == 0) {
      return SQLITE_CANTOPEN;
    } else {
      found = disk.files_[path] = std::make_shared<File>();
    }
    handle->file = new std::shared_ptr<File>(std::move(found));
    handle->base.pMethods = Table();
    if (out_flags != nullptr) *out_flags = flags;
    return SQLITE_OK;
  }

  static int Delete(sqlite3_vfs* vfs, const char* path, int sync_directory) {
    CrashVfs& disk = Disk(vfs);
    if (disk.down_ || disk.Charge() != SQLITE_OK) return SQLITE_IOERR_DELETE;
    const auto found = disk.files_.find(path);
    if (found == disk.files_.end() || found->second->deleted) return SQLITE_IOERR_DELETE_NOENT;
    if (sync_directory != 0 && !disk.lying_) {
      disk.files_.erase(found);
    } else {
      found->second->deleted = true;
    }
    return SQLITE_OK;
  }

  static int Access(sqlite3_vfs* vfs, const char* path, int, int* result) {
    CrashVfs& disk = Disk(vfs);
    if (disk.down_) return SQLITE_IOERR_ACCESS;
    const auto found = disk.files_.find(path);
    *result = found != disk.files_.end() && !found->second->deleted ? 1 : 0;
    return SQLITE_OK;
  }
};

const sqlite3_io_methods* CrashVfs::Methods::Table() {
  static constexpr sqlite3_io_methods kTable = {
      .iVersion = 2,
      .xClose = Close,
      .xRead = Read,
      .xWrite = Write,
      .xTruncate = Truncate,
      .xSync = Sync,
      .xFileSize = FileSize,
      .xLock = Lock,
      .xUnlock = Unlock,
      .xCheckReservedLock = CheckReservedLock,
      .xFileControl = FileControl,
      .xSectorSize = SectorSize,
      .xDeviceCharacteristics = DeviceCharacteristics,
      .xShmMap = ShmMap,
      .xShmLock = ShmLock,
      .xShmBarrier = ShmBarrier,
      .xShmUnmap = ShmUnmap,
  };
  return &kTable;
}

CrashVfs::CrashVfs(const std::string& name, std::function<Timestamp()> clock, Random random)
    : InputVfs(name + "@" + std::to_string(reinterpret_cast<std::uintptr_t>(this)),
               {sizeof(Handle), kPathBytesMax, Methods::Open, Methods::Delete, Methods::Access}, std::move(clock),
               random) {}

int CrashVfs::Charge() {
  if (crash_at_ > 0 && --crash_at_ == 0) {
    down_ = true;
    return SQLITE_IOERR;
  }
  if (fail_at_ > 0 && --fail_at_ == 0) return SQLITE_IOERR;
  return SQLITE_OK;
}

void CrashVfs::Settle(File& file) {
  for (const Pending& write : file.pending) {
    if (write.truncate) {
      file.durable.resize(write.offset, '\0');
    } else {
      sim::Write(file.durable, write.offset, write.bytes);
    }
  }
  file.pending.clear();
}

void CrashVfs::SyncDirectory() {
  std::erase_if(files_, [](const auto& entry) { return entry.second->deleted; });
  for (auto& [path, file] : files_) file->entry_durable = true;
}

void CrashVfs::Recover(File& file, double keep_chance, double tear_chance) {
  for (const Pending& write : file.pending) {
    const bool kept = Chance(random_, keep_chance);
    if (write.truncate) {
      if (kept) file.durable.resize(write.offset, '\0');
    } else if (!kept) {
      ++counters_.writes_lost;
    } else if (!Chance(random_, tear_chance)) {
      ++counters_.writes_survived;
      sim::Write(file.durable, write.offset, write.bytes);
    } else {
      ++counters_.writes_torn;
      // Sectors are those of the disk, not of the write: each reached it or did not.
      for (std::size_t at = 0; at < write.bytes.size();) {
        const std::size_t size = std::min(kSectorBytes - (write.offset + at) % kSectorBytes, write.bytes.size() - at);
        if (random_.OneIn(2))
          sim::Write(file.durable, write.offset + at, std::string_view(write.bytes).substr(at, size));
        at += size;
      }
    }
  }
  file.pending.clear();
  file.bytes = file.durable;
}

void CrashVfs::Crash() {
  ++counters_.crashes;
  ++life_;
  down_ = false;
  crash_at_ = fail_at_ = 0;
  // Some power cuts lose everything unsynced, some nothing, most a part.
  const double keep_chance = random_.OneIn(4) ? 0.0 : random_.OneIn(3) ? 1.0 : random_.Fraction();
  const double tear_chance = random_.OneIn(2) ? 0.0 : random_.Fraction();
  for (auto at = files_.begin(); at != files_.end();) {
    File& file = *at->second;
    const bool gone = file.deleted ? random_.OneIn(2) : !file.entry_durable && random_.OneIn(2);
    if (gone) {
      at = files_.erase(at);
      continue;
    }
    file.deleted = false;
    file.entry_durable = true;
    file.sharing = {};
    Recover(file, keep_chance, tear_chance);
    ++at;
  }
}

CrashVfs::Image CrashVfs::Contents() const {
  Image image;
  for (const auto& [path, file] : files_) {
    if (!file->deleted) image[path] = file->bytes;
  }
  return image;
}

void CrashVfs::Replace(const Image& image) {
  ++life_;
  down_ = false;
  files_.clear();
  for (const auto& [path, bytes] : image) {
    auto file = std::make_shared<File>();
    file->bytes = file->durable = bytes;
    file->entry_durable = true;
    files_[path] = std::move(file);
  }
}

const std::string* CrashVfs::Contents(const std::string& path) const {
  const auto found = files_.find(path);
  return found == files_.end() || found->second->deleted ? nullptr : &found->second->bytes;
}

}  // namespace outpost::sim
