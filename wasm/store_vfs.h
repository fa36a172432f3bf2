// SQLite's view of Storage: a VFS of one database, its journal and its log. A file of size 0 is not there; deleting is
// truncating. No shared memory and no locks: the host lets one session at a time open the files, and the connection
// opens with exclusive locking.
//
// Group commit: between BeginGroup and EndGroup the log's syncs are owed, and paid once. That is safe because a commit
// in the log is a checksummed prefix: a power cut in between loses whole transactions from the end, none of which was
// answered yet. Two things are never put off: the debt is paid before anything is moved out of the log into the
// database, and a log that begins anew is synced with its header, or frames of its former life could be taken for the
// new one's.
#pragma once

#include <array>

#include "sqlite/input_vfs.h"
#include "wasm/combined_file.h"

namespace outpost::wasm {

class StoreVfs : public sqlite::InputVfs {
 public:
  // One at a time.
  StoreVfs(Storage& storage, Random random);

  static const char* Name();
  // SQLite's own clock (law 9).
  void SetNow(Timestamp now) { now_ = now; }

  void BeginGroup() { grouping_ = true; }
  // After it everything committed within is on the medium. An error: nobody knows what is; open the store anew.
  Status EndGroup();

 private:
  struct Handle;
  struct Methods;

  CombinedFile& Of(StoreFile file) { return files_[static_cast<std::size_t>(file)]; }
  Status Sync(StoreFile file);
  // Before the database itself changes.
  Status PayDebt();

  std::array<CombinedFile, kStoreFileCount> files_;
  Timestamp now_;
  bool grouping_ = false;
  bool owed_ = false;
  bool log_begins_ = false;  // its header was written since the last sync
};

}  // namespace outpost::wasm
