// What a VFS gives SQLite beside files: the time and random numbers are inputs (law 9), nobody sleeps, and a file's
// name is its path. A VFS of ours derives from it and gives the files.
#pragma once

#include <sqlite3.h>

#include <functional>
#include <string>

#include "base/random.h"
#include "base/time.h"

namespace outpost::sqlite {

class InputVfs {
 public:
  InputVfs(const InputVfs&) = delete;
  InputVfs& operator=(const InputVfs&) = delete;

 protected:
  // The callbacks that are about files, and what they need.
  struct FileMethods {
    int handle_bytes;
    int path_bytes_max;
    decltype(sqlite3_vfs::xOpen) open;
    decltype(sqlite3_vfs::xDelete) remove;
    decltype(sqlite3_vfs::xAccess) access;
  };

  // Registers itself with SQLite under a name that nobody has.
  InputVfs(std::string name, const FileMethods& files, std::function<Timestamp()> clock, Random random);
  ~InputVfs();

  // Whose callback it is.
  static InputVfs& Of(sqlite3_vfs* vfs) { return *static_cast<InputVfs*>(vfs->pAppData); }

  const std::string name_;
  Random random_;

 private:
  struct Methods;

  std::function<Timestamp()> clock_;
  sqlite3_vfs vfs_{};
};

}  // namespace outpost::sqlite
