// How several connections share one file of a CrashVfs: SQLite's five lock levels, and the shared memory of a WAL with
// its eight locks. Everything happens in one thread, so a lock that is taken is free again only when its holder says
// so.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

namespace outpost::sim {

class FileSharing {
 public:
  static constexpr int kMemoryLocks = 8;  // SQLITE_SHM_NLOCK

  // What one connection holds.
  struct Holder {
    int level = 0;  // SQLITE_LOCK_NONE … SQLITE_LOCK_EXCLUSIVE
    std::uint8_t memory_shared = 0;
    std::uint8_t memory_exclusive = 0;
  };

  // False: busy.
  bool Lock(Holder& holder, int level);
  void Unlock(Holder& holder, int level);
  bool IsReserved() const { return reserved_; }

  // Null: there is no such region yet.
  void* Map(int region, int size, bool extend);
  bool LockMemory(Holder& holder, int first, int count, bool exclusive);
  void UnlockMemory(Holder& holder, int first, int count);
  void DropMemory() { regions_.clear(); }
  // The connection closes, or its process dies.
  void Leave(Holder& holder);

 private:
  int shared_ = 0;  // connections at SQLITE_LOCK_SHARED or above
  bool reserved_ = false;
  bool pending_ = false;  // somebody waits for the others to leave
  std::vector<std::vector<char>> regions_;
  std::array<int, kMemoryLocks> memory_shared_{};
  std::array<bool, kMemoryLocks> memory_exclusive_{};
};

}  // namespace outpost::sim
