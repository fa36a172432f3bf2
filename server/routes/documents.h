// Stored documents as answers: one resource with its ETag, or a list whose stored JSON is spliced in, never parsed to
// be sent.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/routes/call.h"

namespace outpost::server {

inline constexpr int kListLimitDefault = 100;

// What a list shows: a collection, optionally only where one top-level text field has a value.
struct ListFilter {
  CollectionName collection;
  std::string_view field;
  std::string_view value;
};

// FORBIDDEN when the caller's roles may not read the collection.
std::optional<Problem> CheckReadable(const Caller& caller, const CollectionName& collection);

// The document with ETag, or 304 when If-None-Match names its version; 404 when there is none, also when it is another
// workspace's.
http::Response DocumentAnswer(Services& services, const Call& call, const DocumentKey& key);

// {"items":[…],"cursor","more"}; takes the parameters limit and cursor.
http::Response ListAnswer(Services& services, const Call& call, const ListFilter& filter);

}  // namespace outpost::server
