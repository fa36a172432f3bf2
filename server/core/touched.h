// What a group changed in one workspace, in the terms by which readers filter: enough to know whom a commit concerns
// without reading it back. Not what is delivered: that comes from the feed.
#pragma once

#include <string>
#include <vector>

#include "protocol/ids.h"
#include "server/core/store.h"

namespace outpost::server {

struct TouchedPlace {
  CollectionName collection;
  std::string scope;           // where the document is now; empty: none
  std::string previous_scope;  // where it was; empty: nowhere else
};

struct Touched {
  WorkspaceId workspace;
  std::vector<TouchedPlace> places;
  std::vector<DeviceId> devices;  // whose commands took part
};

// Of documents that a feed shows; empty places: no reader has anything new.
void AddTouched(const WriteSet& writes, Touched& touched);

}  // namespace outpost::server
