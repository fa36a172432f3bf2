// What of the server's documents a device holds: collections, and a scope that narrows some of them. Values only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "protocol/ids.h"

namespace outpost::engine {

struct Subscription {
  std::vector<CollectionName> collections;  // sorted, each once; empty: all
  std::string scope;                        // "station:grill"; empty: none
  std::vector<CollectionName> scoped;       // those the scope narrows, as the server declares them

  friend bool operator==(const Subscription& a, const Subscription& b) {
    return a.collections == b.collections && a.scope == b.scope && a.scoped == b.scoped;
  }
  friend bool operator!=(const Subscription& a, const Subscription& b) { return !(a == b); }

  bool Has(const CollectionName& collection) const;
  // Whether "not here" means "not there": a scope leaves documents of its collections out.
  bool HoldsAllOf(const CollectionName& collection) const;
  // Whether a document (JSON text) is within the scope, where there is one.
  bool Shows(const CollectionName& collection, std::string_view body) const;
  // What has to be pulled to come from `narrower` to this; empty when that cannot be had by adding collections.
  std::vector<CollectionName> Beyond(const Subscription& narrower) const;
};

// kInvalidArgument: names that are none, or a scope that is not field:value.
Result<Subscription> MakeSubscription(std::vector<CollectionName> collections, std::string scope,
                                      std::vector<CollectionName> scoped);
// One line for the store. Without a scope it is the list that older releases wrote.
std::string ToText(const Subscription& subscription);
Result<Subscription> SubscriptionFromText(std::string_view text);

}  // namespace outpost::engine
