#include "sqlite/input_vfs.h"

#include <utility>

#include "base/assert.h"

namespace outpost::sqlite {

struct InputVfs::Methods {
  static int FullPathname(sqlite3_vfs*, const char* path, int size, char* out) {
    sqlite3_snprintf(size, out, "%s", path);
    return SQLITE_OK;
  }
  static int Randomness(sqlite3_vfs* vfs, int size, char* out) {
    for (int i = 0; i < size; ++i) out[i] = static_cast<char>(Of(vfs).random_.Next());
    return size;
  }
  static int Sleep(sqlite3_vfs*, int microseconds) { return microseconds; }
  static int CurrentTime(sqlite3_vfs* vfs, double* days) {
    *days = static_cast<double>(Of(vfs).clock_().ms) / 86400000.0 + 2440587.5;  // Julian day of 1970-01-01
    return SQLITE_OK;
  }
  static int GetLastError(sqlite3_vfs*, int, char*) { return 0; }
};

InputVfs::InputVfs(std::string name, const FileMethods& files, std::function<Timestamp()> clock, Random random)
    : name_(std::move(name)), random_(random), clock_(std::move(clock)) {
  vfs_.iVersion = 1;
  vfs_.szOsFile = files.handle_bytes;
  vfs_.mxPathname = files.path_bytes_max;
  vfs_.zName = name_.c_str();
  vfs_.pAppData = this;
  vfs_.xOpen = files.open;
  vfs_.xDelete = files.remove;
  vfs_.xAccess = files.access;
  vfs_.xFullPathname = Methods::FullPathname;
  vfs_.xRandomness = Methods::Randomness;
  vfs_.xSleep = Methods::Sleep;
  vfs_.xCurrentTime = Methods::CurrentTime;
  vfs_.xGetLastError = Methods::GetLastError;
  OUTPOST_ASSERT(sqlite3_vfs_find(name_.c_str()) == nullptr);
  OUTPOST_ASSERT(sqlite3_vfs_register(&vfs_, 0) == SQLITE_OK);
}

InputVfs::~InputVfs() { sqlite3_vfs_unregister(&vfs_); }

}  // namespace outpost::sqlite
