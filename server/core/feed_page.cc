#include "server/core/feed_page.h"

#include "base/mutant.h"
#include "protocol/json.h"

namespace outpost::server {
namespace {

bool CreatedBy(const std::string& body, const UserId& user) {
  boost::system::error_code error;
  const json::value value = json::parse(body, error);
  return !error && value.is_object() && StringOr(value.get_object(), "createdBy") == user.value;
}

}  // namespace

bool FeedPageCutter::IsHidden(const Change& change) const {
  const bool gone = change.doc.empty();
  if (gone && query_.from_start) return true;
  return query_.only_created_by && (gone || !CreatedBy(change.doc, *query_.only_created_by));
}

bool FeedPageCutter::EndAt(Sequence last) {
  page_.last = last;
  page_.more = true;
  return false;
}

bool FeedPageCutter::Add(Change&& change) {
  if (IsHidden(change)) return true;
  const bool full = page_.changes.size() >= static_cast<std::size_t>(query_.limit);
  if (change.seq != current_) {
    if (full) return EndAt(current_);
    commit_began_ = page_.changes.size();
    current_ = change.seq;
  } else if (full && commit_began_ > 0) {
    if (OUTPOST_MUTANT("page-cut-inside-commit")) return EndAt(current_);
    // This commit does not fit any more: the page ends before it.
    const Sequence last = page_.changes[commit_began_ - 1].seq;
    page_.changes.resize(commit_began_);
    return EndAt(last);
  }
  page_.changes.push_back(std::move(change));
  return true;
}

FeedPage FeedPageCutter::Take(Sequence up_to) {
  if (!page_.more) page_.last = up_to;
  return std::move(page_);
}

}  // namespace outpost::server
