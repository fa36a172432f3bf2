// The open streams of one workspace, by what they listen to: a commit finds those it concerns by a look-up per place it
// touched, however many others are open. A dirty bit per interest and per stream; what is marked twice is taken once.
// Belongs to the live hub, which guards it.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "http/live_stream.h"
#include "server/core/feed.h"
#include "server/core/touched.h"

namespace outpost::server {

struct Subscription {
  Caller caller;
  PullRequest request;  // with its cursor
  http::Live::Kind kind = http::Live::Kind::kEvents;
};

struct Subscriber {
  Subscription subscription;
  std::shared_ptr<http::LiveStream> stream;
  std::vector<std::string> interests = {};
  bool behind = false;      // something waits until its peer has read what it was sent
  std::uint64_t taken = 0;  // the last time it was taken
};

// Names of what a subscription has to be told of. May name too much, never too little.
std::vector<std::string> InterestsOf(const Subscription& subscription);

class Subscribers {
 public:
  using Ptr = std::shared_ptr<Subscriber>;

  void Add(const Ptr& subscriber);
  void Remove(const std::set<const Subscriber*>& gone);
  bool empty() const { return all_.empty(); }
  const std::vector<Ptr>& all() const { return all_; }

  // False: nobody is concerned.
  bool Mark(const Touched& touched);
  void MarkAll() { everybody_ = true; }
  void Mark(const Ptr& subscriber) { marked_.push_back(subscriber); }
  // Who was marked since the last time, each once, in the order in which they came.
  std::vector<Ptr> TakeMarked();

 private:
  bool MarkInterest(const std::string& interest);

  std::vector<Ptr> all_;
  std::unordered_map<std::string, std::vector<Ptr>> interested_;
  std::set<std::string> changed_;  // interests
  std::vector<Ptr> marked_;
  bool everybody_ = false;
  std::uint64_t takes_ = 0;
};

}  // namespace outpost::server
