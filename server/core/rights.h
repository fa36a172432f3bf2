// What a caller may read, worked out once from the roles of the token: the same for feeds, answers and replays.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "protocol/ids.h"
#include "protocol/json.h"

namespace outpost::server {

// As a token names them.
using Roles = std::vector<std::string>;

class ReadRights {
 public:
  ReadRights(std::span<const std::string> roles, const UserId& user);

  // nullopt: every collection; sorted otherwise.
  const std::optional<std::vector<CollectionName>>& collections() const { return collections_; }
  // Set for guests, who see only what they created themselves.
  const std::optional<UserId>& only_created_by() const { return only_created_by_; }

  // Internal collections (leading underscore) are nobody's to read.
  bool MayRead(const CollectionName& collection) const;
  bool MayRead(const CollectionName& collection, const json::object& body) const;
  bool MayRead(const CollectionName& collection, std::string_view body_text) const;

 private:
  std::optional<std::vector<CollectionName>> collections_;
  std::optional<UserId> only_created_by_;
};

}  // namespace outpost::server
