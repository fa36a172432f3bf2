// What the server knows of each collection, the business's own and the declared ones: who may read it and which field
// scopes it. Immutable once put together; the composition root makes one and everything refers to it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/ids.h"
#include "protocol/json.h"
#include "rules/collection_catalog.h"

namespace outpost::server {

struct Collection {
  std::string name;
  std::string scope_field;  // e.g. "station" for tickets; empty: unscoped
};

class Collections {
 public:
  explicit Collections(rules::CollectionCatalog declared = {});
  // The business alone, nothing declared.
  static const std::shared_ptr<const Collections>& BuiltIn();

  // Null for an unknown name.
  const Collection* Find(std::string_view name) const;
  std::span<const Collection> all() const { return all_; }
  const rules::CollectionCatalog& declared() const { return declared_; }

  // "station:grill" for a ticket of that station, else empty.
  std::string ScopeOf(const DocumentKey& key, const json::object& body) const;
  // Whether a scope ("station:grill") narrows this collection; the others come whole.
  bool Narrows(std::string_view scope, const CollectionName& collection) const;

 private:
  rules::CollectionCatalog declared_;
  std::vector<Collection> all_;
};

// The business's own collections and settings.
std::span<const Collection> AllCollections();
// The collections these roles may read; nullopt: all.
std::optional<std::vector<CollectionName>> ReadableCollections(std::span<const std::string> roles);

}  // namespace outpost::server
