#include "engine/device/subscription.h"

#include <algorithm>

#include "protocol/json.h"

namespace outpost::engine {
namespace {

void Sort(std::vector<CollectionName>& names) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
}

bool Contains(const std::vector<CollectionName>& names, const CollectionName& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string Join(const std::vector<CollectionName>& names) {
  std::string text;
  for (const CollectionName& name : names) text += name.value + ",";
  return text;
}

std::vector<CollectionName> Split(std::string_view text) {
  std::vector<CollectionName> names;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    names.emplace_back(std::string(text.substr(0, comma)));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return names;
}

}  // namespace

bool Subscription::Has(const CollectionName& collection) const {
  return collections.empty() || Contains(collections, collection);
}

bool Subscription::HoldsAllOf(const CollectionName& collection) const {
  return Has(collection) && (scope.empty() || !Contains(scoped, collection));
}

bool Subscription::Shows(const CollectionName& collection, std::string_view body) const {
  if (scope.empty() || !Contains(scoped, collection)) return true;
  const auto parsed = ParseJson(body);
  if (!parsed.ok() || !parsed.value().is_object()) return false;
  const std::size_t colon = scope.find(':');
  return StringOr(parsed.value().get_object(), scope.substr(0, colon)) == std::string_view(scope).substr(colon + 1);
}

std::vector<CollectionName> Subscription::Beyond(const Subscription& narrower) const {
  std::vector<CollectionName> beyond;
  if (collections.empty() || narrower.collections.empty()) return beyond;
  // The scope of what is held already must stay as it is.
  for (const CollectionName& name : narrower.collections) {
    const bool was_scoped = !narrower.HoldsAllOf(name);
    const bool is_scoped = !HoldsAllOf(name);
    if (!Has(name) || was_scoped != is_scoped || (was_scoped && scope != narrower.scope)) return {};
  }
  for (const CollectionName& name : collections) {
    if (!narrower.Has(name)) beyond.push_back(name);
  }
  return beyond;
}

Result<Subscription> MakeSubscription(std::vector<CollectionName> collections, std::string scope,
                                      std::vector<CollectionName> scoped) {
  for (const auto* names : {&collections, &scoped}) {
    for (const CollectionName& name : *names) {
      if (!IsValidId(name.value)) return Error{ErrorCode::kInvalidArgument, "'" + name.value + "' is no collection"};
    }
  }
  const std::size_t colon = scope.find(':');
  const bool field_and_value = colon != std::string::npos && colon != 0 && colon + 1 != scope.size();
  if (!scope.empty() && (!field_and_value || scope.find('|') != std::string::npos)) {
    return Error{ErrorCode::kInvalidArgument, "a scope is field:value, not '" + scope + "'"};
  }
  Sort(collections);
  Sort(scoped);
  return Subscription{std::move(collections), std::move(scope), std::move(scoped)};
}

std::string ToText(const Subscription& subscription) {
  const std::string names = Join(subscription.collections);
  return subscription.scope.empty() ? names : names + "|" + subscription.scope + "|" + Join(subscription.scoped);
}

Result<Subscription> SubscriptionFromText(std::string_view text) {
  const std::size_t first = text.find('|');
  const std::size_t second = first == std::string_view::npos ? first : text.find('|', first + 1);
  if (first == std::string_view::npos) return MakeSubscription(Split(text), "", {});
  if (second == std::string_view::npos) return Error{ErrorCode::kCorrupt, "the store's subscription is unreadable"};
  return MakeSubscription(Split(text.substr(0, first)), std::string(text.substr(first + 1, second - first - 1)),
                          Split(text.substr(second + 1)));
}

}  // namespace outpost::engine
