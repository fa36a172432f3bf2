// The opaque cursor: epoch, sequence, a tag of the command at that sequence, hashes of filter and rights, and a
// checksum over all of it. Whoever forges one gains nothing: rights are checked anew with every request.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "protocol/ids.h"
#include "server/core/collections.h"
#include "server/core/rights.h"

namespace outpost::server {

// A hash of a set of collections with the scope each is read through. Adding two disjoint filters gives their union:
// that is how a cursor after a join knows the filter it is good for.
using FilterHash = Tagged<struct FilterHashTag, std::uint64_t>;
using RightsHash = Tagged<struct RightsHashTag, std::uint64_t>;

// No collections: all of them.
FilterHash HashFilter(const std::vector<CollectionName>& collections, const std::string& scope,
                      const Collections& known = *Collections::BuiltIn());
RightsHash HashRights(const ReadRights& rights);

struct CursorContent {
  std::uint64_t epoch = 0;
  Sequence seq;
  std::uint64_t tag = 0;
  FilterHash filter;
  RightsHash rights;
  FilterHash joined;  // 0: none; a cursor is then good for `filter` and for the union of both
  Sequence began;     // the head when the first sync began that this cursor is still within; 0: it is over
};

std::uint64_t HashEpoch(const Epoch& epoch);
Cursor EncodeCursor(const WorkspaceId& workspace, const CursorContent& content);
// kInvalidArgument: not a cursor, or another workspace's.
Result<CursorContent> DecodeCursor(const WorkspaceId& workspace, const Cursor& cursor);

}  // namespace outpost::server
