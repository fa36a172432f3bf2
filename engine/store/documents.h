// Documents on the device: base (what the server last said) and overlay (what waiting commands make of it).
// Visible = overlay where there is one, else base (law 1).
//
// Hidden: a document that left the scope or was deleted while commands wait on it. People do not see it any more; the
// rules of the waiting commands do, until the last of them is settled.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/push.h"
#include "sqlite/connection.h"

namespace outpost::engine {

struct BaseDocument {
  Version version;
  Sequence seq;
  std::string body;  // JSON text
  bool hidden = false;
};

struct OverlayDocument {
  DocumentKey key;
  Version version;
  std::optional<std::string> body;  // nullopt: deleted by a waiting command
};

struct VisibleRow {
  DocumentKey key;
  Version version;
  std::string body;
  bool pending = false;  // from the overlay
};

struct CollectionSize {
  CollectionName collection;
  std::int64_t documents = 0;
  std::int64_t bytes = 0;
};

class Documents {
 public:
  Status Prepare(sqlite::Connection& connection);

  Result<std::optional<BaseDocument>> Base(const DocumentKey& key);
  // Stores a server document unless the row is as new already (same generation and seq not lower); whether it changed
  // anything.
  Result<bool> StoreBase(const Change& change, std::int64_t generation);
  // Removes a document that the server says is gone.
  Result<bool> RemoveBase(const DocumentKey& key, Sequence seq, std::int64_t generation);
  // The same while commands wait on it: kept for their rules, seen by nobody.
  Result<bool> HideBase(const DocumentKey& key, Sequence seq, std::int64_t generation);
  // No command waits on it any more.
  Status DropHidden(const DocumentKey& key);
  // What base holds, by collection. Reads all of it.
  Result<std::vector<CollectionSize>> Sizes();
  // What a resync has not brought again, at its end.
  Result<std::vector<DocumentKey>> OlderThan(std::int64_t generation);
  Status SweepOlderThan(std::int64_t generation);

  Result<std::optional<OverlayDocument>> Overlay(const DocumentKey& key);
  // Hidden if base is.
  Status PutOverlay(const OverlayDocument& document);
  Status RemoveOverlay(const DocumentKey& key);
  Result<std::vector<OverlayDocument>> AllOverlays();

  // Overlay over base; nullopt when neither has it, the overlay says deleted, or it is hidden.
  Result<std::optional<VisibleRow>> Visible(const DocumentKey& key);
  // The same as rules see it: hidden documents too.
  Result<std::optional<VisibleRow>> Current(const DocumentKey& key);
  Result<std::vector<VisibleRow>> ListVisible(const CollectionName& collection, std::size_t limit);

 private:
  Result<std::optional<VisibleRow>> Read(const DocumentKey& key, bool hidden_too);

  sqlite::Connection* connection_ = nullptr;
  sqlite::Statement base_, store_, remove_, hide_, drop_hidden_, sweep_list_, sweep_, sizes_;
  sqlite::Statement overlay_, put_overlay_, remove_overlay_, all_overlays_, visible_, list_visible_;
};

}  // namespace outpost::engine
