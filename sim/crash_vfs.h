// A disk that can lose power: a SQLite VFS kept wholly in memory. Each file has the bytes a program sees and the bytes
// that are durable; what was written since the last sync is only promised. Crash() keeps a random part of it: whole,
// torn at a 512-byte sector, or lost. A write plan makes any single operation the last one before the power goes.
//
// Several connections may share a file, as processes of one machine do: locks and the WAL's shared memory are kept per
// file, and go with the power. One machine, one disk; not for threads.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/file_sharing.h"
#include "sqlite/input_vfs.h"

namespace outpost::sim {

inline constexpr std::size_t kSectorBytes = 512;

// Work counters: what reached this disk, over all its lives.
struct DiskCounters {
  std::uint64_t writes = 0;
  std::uint64_t syncs = 0;
  std::uint64_t crashes = 0;
  std::uint64_t writes_lost = 0;
  std::uint64_t writes_torn = 0;
  std::uint64_t writes_survived = 0;  // unsynced, and there all the same
};

class CrashVfs : public sqlite::InputVfs {
 public:
  // Registers itself with SQLite under `name` and something that no other disk alive has. `clock` and `random` make
  // SQLite's own time and randomness part of the run.
  CrashVfs(const std::string& name, std::function<Timestamp()> clock, Random random);

  // What to open by.
  const std::string& name() const { return name_; }

  // The power goes at the k-th changing operation (write, sync, truncate, delete) from now, 1 being the next: it and
  // everything after it fail until Crash(). 0 takes the plan back.
  void CrashAtOperation(std::uint64_t k) { crash_at_ = k; }
  // The k-th changing operation from now fails once with an I/O error; the disk goes on. 0 takes the plan back.
  void FailAtOperation(std::uint64_t k) { fail_at_ = k; }
  // While full, no file can grow.
  void SetFull(bool full) { full_ = full; }
  // A broken disk for testing the checkers: sync says yes and keeps no promise.
  void LieAboutSync(bool lie) { lying_ = lie; }

  // The power is gone: nothing works until Crash().
  bool down() const { return down_; }
  // The power goes now if it has not yet, and comes back: unsynced writes survive in part, and every handle that was
  // open is dead. The owner destroys what used it and opens anew.
  void Crash();

  // Every file as a program sees it now, and the disk put back to such a state: backups, clones, a lost store ({}).
  // Only while nobody has the disk open.
  using Image = std::map<std::string, std::string>;
  Image Contents() const;
  void Replace(const Image& image);

  const DiskCounters& counters() const { return counters_; }
  // Bytes a program sees in that file; null when there is none. For tests.
  const std::string* Contents(const std::string& path) const;

 private:
  struct Pending {
    std::size_t offset = 0;
    std::string bytes;
    bool truncate = false;  // to `offset`
  };
  struct File {
    std::string bytes;
    std::string durable;
    std::vector<Pending> pending;
    bool entry_durable = false;  // its name survives a crash
    bool deleted = false;        // unlinked, but the unlinking may not survive
    FileSharing sharing;
  };
  struct Handle;
  struct Methods;

  // Counts a changing operation against the plans.
  int Charge();
  void Settle(File& file);
  void SyncDirectory();
  void Recover(File& file, double keep_chance, double tear_chance);

  std::map<std::string, std::shared_ptr<File>> files_;
  std::uint64_t life_ = 0;  // handles of an earlier one are dead
  std::uint64_t crash_at_ = 0;
  std::uint64_t fail_at_ = 0;
  bool full_ = false;
  bool lying_ = false;
  bool down_ = false;
  DiskCounters counters_;
};

}  // namespace outpost::sim
