// Documents on the device: base (what the server last said) and overlay (what waiting commands make of it).
// Visible = overlay where there is one, else base (law 1).
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

class Documents {
 public:
  Status Prepare(sqlite::Connection& connection);

  Result<std::optional<BaseDocument>> Base(const DocumentKey& key);
  // Stores a server document unless the row is as new already (same generation and seq not lower); whether it changed
  // anything.
  Result<bool> StoreBase(const Change& change, std::int64_t generation);
  // Removes a document that the server says is gone.
  Result<bool> RemoveBase(const DocumentKey& key, Sequence seq, std::int64_t generation);
  // Ends a resync: what an older generation held and the new one did not bring is gone. Returns those keys.
  Result<std::vector<DocumentKey>> SweepOlderThan(std::int64_t generation);

  Result<std::optional<OverlayDocument>> Overlay(const DocumentKey& key);
  Status PutOverlay(const OverlayDocument& document);
  Status RemoveOverlay(const DocumentKey& key);
  Result<std::vector<OverlayDocument>> AllOverlays();

  // Overlay over base; nullopt when neither has it or the overlay says deleted.
  Result<std::optional<VisibleRow>> Visible(const DocumentKey& key);
  Result<std::vector<VisibleRow>> ListVisible(const CollectionName& collection, std::size_t limit);

 private:
  sqlite::Connection* connection_ = nullptr;
  sqlite::Statement base_, store_, remove_, sweep_list_, sweep_;
  sqlite::Statement overlay_, put_overlay_, remove_overlay_, all_overlays_, list_visible_;
};

}  // namespace outpost::engine
