// The identifiers that device and server speak of, one type each. Wire form: 1–128 of [A-Za-z0-9_.:-].
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/tagged.h"

namespace outpost {

using WorkspaceId = Tagged<struct WorkspaceIdTag, std::string>;
using UserId = Tagged<struct UserIdTag, std::string>;
using DeviceId = Tagged<struct DeviceIdTag, std::string>;
// Random at the creation of a device's store; a store that is found behind takes a new one.
using Incarnation = Tagged<struct IncarnationTag, std::string>;
using CommandId = Tagged<struct CommandIdTag, std::string>;
using IdempotencyKey = Tagged<struct IdempotencyKeyTag, std::string>;
using CollectionName = Tagged<struct CollectionNameTag, std::string>;
using DocumentId = Tagged<struct DocumentIdTag, std::string>;
// Identity of one life of the server's store; a restored backup gets another.
using Epoch = Tagged<struct EpochTag, std::string>;
// Opaque to everybody but the server that made it.
using Cursor = Tagged<struct CursorTag, std::string>;

// Position in a workspace's history: 1, 2, 3, … in commit order, no gaps. 0 = before everything.
using Sequence = Tagged<struct SequenceTag, std::int64_t>;
// Counts the changes of one document, from 1. 0 = does not exist.
using Version = Tagged<struct VersionTag, std::int64_t>;
// Gapless number of a command within its device's incarnation, from 1.
using CommandNumber = Tagged<struct CommandNumberTag, std::int64_t>;
// Raised by the device only after a verified refusal (retry, latest, force).
using Revision = Tagged<struct RevisionTag, std::int64_t>;

inline constexpr std::size_t kIdLengthMax = 128;
inline constexpr std::size_t kKeyLengthMax = 255;

// 1–128 of [A-Za-z0-9_.:-].
bool IsValidId(std::string_view text);
// 1–255 visible ASCII characters.
bool IsValidKey(std::string_view text);
// "local_" + ULID: a device-made temporary id that the server maps.
bool IsLocalId(std::string_view text);

struct DocumentKey {
  CollectionName collection;
  DocumentId id;

  friend bool operator==(const DocumentKey& a, const DocumentKey& b) {
    return a.id == b.id && a.collection == b.collection;
  }
  friend bool operator!=(const DocumentKey& a, const DocumentKey& b) { return !(a == b); }
  friend bool operator<(const DocumentKey& a, const DocumentKey& b) {
    return a.collection == b.collection ? a.id < b.id : a.collection < b.collection;
  }
};

}  // namespace outpost

template <>
struct std::hash<outpost::DocumentKey> {
  std::size_t operator()(const outpost::DocumentKey& key) const noexcept {
    return std::hash<std::string>{}(key.id.value) * 31 + std::hash<std::string>{}(key.collection.value);
  }
};
