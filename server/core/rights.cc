#include "server/core/rights.h"

#include <algorithm>

#include "server/core/collections.h"

namespace outpost::server {

ReadRights::ReadRights(std::span<const std::string> roles, const UserId& user)
    : collections_(ReadableCollections(roles)) {
  // Whoever is more than a guest sees what the other role sees, other people's documents included.
  const bool only_guest =
      collections_.has_value() &&
      std::all_of(roles.begin(), roles.end(), [](const std::string& role) { return role != "kitchen"; });
  if (only_guest) only_created_by_ = user;
}

bool ReadRights::MayRead(const CollectionName& collection) const {
  if (collection.value.starts_with('_')) return false;
  return !collections_ || std::binary_search(collections_->begin(), collections_->end(), collection);
}

bool ReadRights::MayRead(const CollectionName& collection, const json::object& body) const {
  return MayRead(collection) && (!only_created_by_ || StringOr(body, "createdBy") == only_created_by_->value);
}

bool ReadRights::MayRead(const CollectionName& collection, std::string_view body_text) const {
  if (!MayRead(collection)) return false;
  if (!only_created_by_) return true;
  const auto body = ParseJson(body_text);
  return body.ok() && body.value().is_object() && MayRead(collection, body.value().get_object());
}

}  // namespace outpost::server
