// Documents no feed shows (leading underscore): claimed order numbers, counters. They are written with nearly every
// command and their ids are random, so putting each into its place in a sorted table would rewrite a page per command.
// New versions are appended to a log and held in memory; when the log is full it is merged into the sorted table in one
// go. Both are part of the transaction, so nothing is lost or half there after a crash.
#pragma once

#include <unordered_map>

#include "server/core/store.h"
#include "server/sqlite/names.h"

namespace outpost::server {

inline constexpr std::size_t kInternalLogRowsMax = 8192;

class InternalDocuments {
 public:
  // Reads the log.
  static Result<InternalDocuments> Open(sqlite::Connection& connection);

  Result<std::optional<DocumentRow>> Load(ShelfRow shelf, const DocumentId& id);
  Status Put(ShelfRow shelf, const DocumentWrite& write);
  // Before the commit of a transaction that put something.
  Status MergeWhenFull();
  // After the transaction's end.
  void Committed();
  void RolledBack();

 private:
  // Looked up without a copy.
  using Key = std::pair<ShelfRow, std::string>;
  using KeyView = std::pair<ShelfRow, std::string_view>;
  struct KeyHash {
    using is_transparent = void;
    std::size_t operator()(const KeyView& key) const noexcept {
      return std::hash<std::string_view>{}(key.second) ^ static_cast<std::size_t>(key.first.value);
    }
  };
  struct KeyEqual {
    using is_transparent = void;
    bool operator()(const KeyView& a, const KeyView& b) const noexcept { return a == b; }
  };
  struct Value {
    Version version;
    bool deleted = false;
    std::string body;
  };

  sqlite::Statement load_, append_, merge_, clear_;
  using Documents = std::unordered_map<Key, Value, KeyHash, KeyEqual>;

  Documents log_;         // committed
  Documents pending_;     // of the open transaction
  std::size_t rows_ = 0;  // in the log, those of the open transaction included
  std::size_t committed_rows_ = 0;
  bool merged_ = false;  // by the open transaction
};

}  // namespace outpost::server
