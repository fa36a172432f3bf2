#include "server/routes/subscribers.h"

#include <algorithm>

#include "server/core/rights.h"

namespace outpost::server {
namespace {

// Neither collections nor scopes contain a line break.
const std::string kEverything;
std::string InScope(const CollectionName& collection, const std::string& scope) {
  return collection.value + '\n' + scope;
}
std::string OfDevice(const DeviceId& device) { return "\n" + device.value; }

}  // namespace

std::vector<std::string> InterestsOf(const Subscription& subscription) {
  const PullRequest& request = subscription.request;
  std::vector<std::string> interests;
  if (request.device) interests.push_back(OfDevice(request.device->device));
  std::vector<CollectionName> collections = request.collections;
  if (collections.empty()) {
    const ReadRights rights(subscription.caller.roles, subscription.caller.user);
    if (rights.collections()) {
      collections = *rights.collections();
    } else if (!request.scope.empty()) {
      for (const Collection& known : request.known->all()) collections.emplace_back(known.name);
    } else {
      interests.push_back(kEverything);
    }
  }
  for (const CollectionName& name : collections) {
    interests.push_back(request.known->Narrows(request.scope, name) ? InScope(name, request.scope) : name.value);
  }
  return interests;
}

void Subscribers::Add(const Ptr& subscriber) {
  subscriber->interests = InterestsOf(subscriber->subscription);
  all_.push_back(subscriber);
  for (const std::string& interest : subscriber->interests) interested_[interest].push_back(subscriber);
}

void Subscribers::Remove(const std::set<const Subscriber*>& gone) {
  const auto is_gone = [&](const Ptr& subscriber) { return gone.count(subscriber.get()) > 0; };
  std::set<std::string> left;
  for (const Subscriber* subscriber : gone) left.insert(subscriber->interests.begin(), subscriber->interests.end());
  for (const std::string& interest : left) {
    const auto found = interested_.find(interest);
    if (found == interested_.end()) continue;
    std::erase_if(found->second, is_gone);
    if (found->second.empty()) interested_.erase(found);
  }
  std::erase_if(marked_, is_gone);
  std::erase_if(all_, is_gone);
}

bool Subscribers::MarkInterest(const std::string& interest) {
  if (interested_.count(interest) == 0) return false;
  changed_.insert(interest);
  return true;
}

bool Subscribers::Mark(const Touched& touched) {
  bool concerns = MarkInterest(kEverything);
  for (const TouchedPlace& place : touched.places) {
    concerns |= MarkInterest(place.collection.value);
    if (!place.scope.empty()) concerns |= MarkInterest(InScope(place.collection, place.scope));
    if (!place.previous_scope.empty()) concerns |= MarkInterest(InScope(place.collection, place.previous_scope));
  }
  for (const DeviceId& device : touched.devices) concerns |= MarkInterest(OfDevice(device));
  return concerns;
}

std::vector<Subscribers::Ptr> Subscribers::TakeMarked() {
  ++takes_;
  std::vector<Ptr> taken;
  const auto take = [&](const std::vector<Ptr>& some) {
    for (const Ptr& subscriber : some) {
      if (std::exchange(subscriber->taken, takes_) != takes_) taken.push_back(subscriber);
    }
  };
  if (everybody_) {
    take(all_);
  } else {
    for (const std::string& interest : changed_) {
      if (const auto found = interested_.find(interest); found != interested_.end()) take(found->second);
    }
    take(marked_);
  }
  everybody_ = false;
  changed_.clear();
  marked_.clear();
  return taken;
}

}  // namespace outpost::server
