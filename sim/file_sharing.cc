#include "sim/file_sharing.h"

#include <sqlite3.h>

#include "base/assert.h"

namespace outpost::sim {
namespace {

std::uint8_t Bit(int slot) { return static_cast<std::uint8_t>(1u << slot); }

}  // namespace

bool FileSharing::Lock(Holder& holder, int level) {
  if (level <= holder.level) return true;
  if (holder.level == SQLITE_LOCK_NONE) {
    if (pending_) return false;
    ++shared_;
    holder.level = SQLITE_LOCK_SHARED;
  }
  if (level == SQLITE_LOCK_SHARED) return true;
  if (holder.level == SQLITE_LOCK_SHARED) {
    if (reserved_) return false;
    reserved_ = true;
    holder.level = SQLITE_LOCK_RESERVED;
  }
  if (level == SQLITE_LOCK_RESERVED) return true;
  pending_ = true;
  holder.level = SQLITE_LOCK_PENDING;
  if (shared_ > 1) return false;
  holder.level = SQLITE_LOCK_EXCLUSIVE;
  return true;
}

void FileSharing::Unlock(Holder& holder, int level) {
  if (level >= holder.level) return;
  if (holder.level >= SQLITE_LOCK_RESERVED) reserved_ = false;
  if (holder.level >= SQLITE_LOCK_PENDING) pending_ = false;
  if (level == SQLITE_LOCK_NONE) --shared_;
  holder.level = level;
}

void* FileSharing::Map(int region, int size, bool extend) {
  const auto at = static_cast<std::size_t>(region);
  if (at >= regions_.size()) {
    if (!extend) return nullptr;
    regions_.resize(at + 1);
  }
  std::vector<char>& bytes = regions_[at];
  if (bytes.empty()) {
    if (!extend) return nullptr;
    bytes.resize(static_cast<std::size_t>(size), '\0');
  }
  return bytes.data();
}

bool FileSharing::LockMemory(Holder& holder, int first, int count, bool exclusive) {
  OUTPOST_ASSERT(first >= 0 && count > 0 && first + count <= kMemoryLocks);
  for (int slot = first; slot < first + count; ++slot) {
    const auto at = static_cast<std::size_t>(slot);
    if (memory_exclusive_[at] && (holder.memory_exclusive & Bit(slot)) == 0) return false;
    const int own = (holder.memory_shared & Bit(slot)) != 0 ? 1 : 0;
    if (exclusive && memory_shared_[at] > own) return false;
  }
  for (int slot = first; slot < first + count; ++slot) {
    const auto at = static_cast<std::size_t>(slot);
    std::uint8_t& held = exclusive ? holder.memory_exclusive : holder.memory_shared;
    if ((held & Bit(slot)) != 0) continue;
    held = static_cast<std::uint8_t>(held | Bit(slot));
    if (exclusive) {
      memory_exclusive_[at] = true;
    } else {
      ++memory_shared_[at];
    }
  }
  return true;
}

void FileSharing::UnlockMemory(Holder& holder, int first, int count) {
  for (int slot = first; slot < first + count; ++slot) {
    const auto at = static_cast<std::size_t>(slot);
    if ((holder.memory_exclusive & Bit(slot)) != 0) memory_exclusive_[at] = false;
    if ((holder.memory_shared & Bit(slot)) != 0) --memory_shared_[at];
    holder.memory_exclusive = static_cast<std::uint8_t>(holder.memory_exclusive & ~Bit(slot));
    holder.memory_shared = static_cast<std::uint8_t>(holder.memory_shared & ~Bit(slot));
  }
}

void FileSharing::Leave(Holder& holder) {
  Unlock(holder, SQLITE_LOCK_NONE);
  UnlockMemory(holder, 0, kMemoryLocks);
}

}  // namespace outpost::sim
