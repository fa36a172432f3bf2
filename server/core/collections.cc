#include "server/core/collections.h"

#include <algorithm>
#include <array>

namespace outpost::server {
namespace {

constexpr std::array<std::string_view, 11> kNames{"orders",    "tickets",  "reservations", "products",
                                                  "stock",     "expenses", "invoices",     "ledger",
                                                  "shipments", "quotes",   "settings"};

std::string_view ScopeFieldOf(std::string_view name) { return name == "tickets" ? "station" : std::string_view(); }

std::span<const std::string_view> ReadableBy(std::string_view role) {
  static constexpr std::array<std::string_view, 3> kKitchen{"orders", "tickets", "products"};
  static constexpr std::array<std::string_view, 1> kGuest{"reservations"};
  if (role == "kitchen") return kKitchen;
  if (role == "guest") return kGuest;
  return {};
}

}  // namespace

Collections::Collections(rules::CollectionCatalog declared) : declared_(std::move(declared)) {
  for (const std::string_view name : kNames) {
    if (declared_.Find(name) == nullptr) all_.push_back({std::string(name), std::string(ScopeFieldOf(name))});
  }
  for (const auto& [name, collection] : declared_.all()) all_.push_back({name, collection.scope_field});
}

const std::shared_ptr<const Collections>& Collections::BuiltIn() {
  static const std::shared_ptr<const Collections> built_in = std::make_shared<const Collections>();
  return built_in;
}

const Collection* Collections::Find(std::string_view name) const {
  const auto found = std::find_if(all_.begin(), all_.end(), [name](const Collection& c) { return c.name == name; });
  return found == all_.end() ? nullptr : &*found;
}

std::string Collections::ScopeOf(const DocumentKey& key, const json::object& body) const {
  const Collection* collection = Find(key.collection.value);
  if (collection == nullptr || collection->scope_field.empty()) return {};
  const std::string_view value = StringOr(body, collection->scope_field);
  if (value.empty()) return {};
  std::string scope(collection->scope_field);
  scope += ':';
  scope += value;
  return scope;
}

bool Collections::Narrows(std::string_view scope, const CollectionName& name) const {
  const std::size_t colon = scope.find(':');
  const Collection* collection = colon == std::string_view::npos ? nullptr : Find(name.value);
  return collection != nullptr && !collection->scope_field.empty() && scope.substr(0, colon) == collection->scope_field;
}

std::span<const Collection> AllCollections() { return Collections::BuiltIn()->all(); }

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
