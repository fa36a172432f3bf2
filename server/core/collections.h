// What the server knows of each collection: who may read it and which field scopes it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/ids.h"
#include "protocol/json.h"

namespace outpost::server {

struct Collection {
  std::string_view name;
  std::string_view scope_field;  // e.g. "station" for tickets; empty: unscoped
};

std::span<const Collection> AllCollections();
// Null for an unknown name.
const Collection* FindCollection(std::string_view name);
// "station:grill" for a ticket of that station, else empty.
std::string ScopeOf(const DocumentKey& key, const json::object& body);
// The collections these roles may read; nullopt: all.
std::optional<std::vector<CollectionName>> ReadableCollections(std::span<const std::string> roles);

}  // namespace outpost::server
