// Cuts a page out of changes that come in order of their sequence: whole commits only, at most `limit` changes unless
// one commit alone is larger, without what a first sync or a guest is not shown. Shared by the databases; where the
// changes come from is theirs.
#pragma once

#include "server/core/store.h"

namespace outpost::server {

class FeedPageCutter {
 public:
  explicit FeedPageCutter(const FeedQuery& query) : query_(query), current_(query.after) {}

  // False: the page is complete without this change; nothing more is to be added.
  bool Add(Change&& change);
  // The page when every change up to `up_to` was added, or the one that Add found complete.
  FeedPage Take(Sequence up_to);

 private:
  bool IsHidden(const Change& change) const;
  bool EndAt(Sequence last);

  const FeedQuery& query_;
  FeedPage page_;
  Sequence current_;              // the sequence being read
  std::size_t commit_began_ = 0;  // index of its first change
};

}  // namespace outpost::server
