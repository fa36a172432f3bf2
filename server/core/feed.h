// The change feed: pages of documents by sequence, cursors that notice when they no longer fit. Pure over the Store
// port: no socket. A cursor binds epoch, sequence, a tag of the command at that sequence, the filter and the caller's
// rights; a restored backup, another filter or changed rights are thereby found out, never silently skipped over.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "server/core/command_service.h"

namespace outpost::server {

struct PullRequest {
  std::optional<Cursor> cursor;
  std::optional<Cursor> join;
  std::vector<CollectionName> collections;  // empty: all
  std::string scope;                        // "station:grill"
  int limit = kPageLimitDefault;
  std::optional<DeviceRef> device;  // whose own commands the page lists
  std::shared_ptr<const Collections> known = Collections::BuiltIn();
};

// Problem: CURSOR_INVALID, CURSOR_MISMATCH (400), CURSOR_EXPIRED (410), INVALID_PARAMETER, UNAVAILABLE.
using PullResult = std::variant<ChangesPage, Problem>;

PullResult ReadChanges(Store& store, const Caller& caller, const PullRequest& request);

// The commands of a device between two cursors, both of which this server made for this caller.
Result<std::vector<OwnCommand>> ReadOwn(Store& store, const Caller& caller, const DeviceRef& device,
                                        const Cursor& after, const Cursor& up_to);

// Cursor at the head for this filter and these rights.
Result<Cursor> HeadCursor(Store& store, const Caller& caller, const PullRequest& request);

}  // namespace outpost::server
