#include "server/core/collections.h"

#include <algorithm>
#include <array>

namespace outpost::server {
namespace {

constexpr std::array<Collection, 11> kCollections{{
    {"orders", ""},
    {"tickets", "station"},
    {"reservations", ""},
    {"products", ""},
    {"stock", ""},
    {"expenses", ""},
    {"invoices", ""},
    {"ledger", ""},
    {"shipments", ""},
    {"quotes", ""},
    {"settings", ""},
}};

std::span<const std::string_view> ReadableBy(std::string_view role) {
  static constexpr std::array<std::string_view, 3> kKitchen{"orders", "tickets", "products"};
  static constexpr std::array<std::string_view, 1> kGuest{"reservations"};
  if (role == "kitchen") return kKitchen;
  if (role == "guest") return kGuest;
  return {};
}

}  // namespace

std::span<const Collection> AllCollections() { return kCollections; }

const Collection* FindCollection(std::string_view name) {
  const auto found = std::find_if(kCollections.begin(), kCollections.end(),
                                  [name](const Collection& collection) { return collection.name == name; });
  return found == kCollections.end() ? nullptr : &*found;
}

std::string ScopeOf(const DocumentKey& key, const json::object& body) {
  const Collection* collection = FindCollection(key.collection.value);
  if (collection == nullptr || collection->scope_field.empty()) return {};
  const std::string_view value = StringOr(body, collection->scope_field);
  if (value.empty()) return {};
  std::string scope(collection->scope_field);
  scope += ':';
  scope += value;
  return scope;
}

std::optional<std::vector<CollectionName>> ReadableCollections(std::span<const std::string> roles) {
  std::vector<CollectionName> readable;
  for (const std::string& role : roles) {
    if (role == "admin" || role == "staff" || role == "terminal") return std::nullopt;
    for (const std::string_view name : ReadableBy(role)) readable.emplace_back(std::string(name));
  }
  std::sort(readable.begin(), readable.end());
  readable.erase(std::unique(readable.begin(), readable.end()), readable.end());
  return readable;
}

}  // namespace outpost::server
