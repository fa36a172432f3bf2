#include "server/core/feed.h"

#include <algorithm>

#include "base/mutant.h"
#include "server/core/cursor.h"

namespace outpost::server {
namespace {

Problem Unavailable(const Error& error) { return {ProblemCode::kUnavailable, error.message}; }

std::optional<Problem> CheckParameters(const PullRequest& request) {
  if (request.limit < 1 || request.limit > kPageLimitMax) {
    return Problem{ProblemCode::kInvalidParameter, "limit is 1 to " + std::to_string(kPageLimitMax)};
  }
  for (const CollectionName& name : request.collections) {
    if (request.known->Find(name.value) != nullptr) continue;
    return Problem{ProblemCode::kInvalidParameter, "there is no collection " + name.value};
  }
  const std::size_t colon = request.scope.find(':');
  if (!request.scope.empty() && (colon == 0 || colon == std::string::npos || colon + 1 == request.scope.size())) {
    return Problem{ProblemCode::kInvalidParameter, "scope is field:value"};
  }
  return std::nullopt;
}

// One request over one snapshot.
class FeedRequest {
 public:
  FeedRequest(Store& store, ReadTransaction& snapshot, const Caller& caller, const PullRequest& request)
      : epoch_(store.epoch()),
        snapshot_(snapshot),
        caller_(caller),
        request_(request),
        rights_(caller.roles, caller.user),
        filter_(HashFilter(request.collections, request.scope, *request.known)),
        rights_hash_(HashRights(rights_)) {}

  Result<PullResult> Read();
  Result<Cursor> Head();

 private:
  // The problem a cursor has with this caller and this history; the filter is the caller's to check.
  Result<std::optional<Problem>> Check(const CursorContent& cursor, const WorkspaceHead& head);
  std::vector<CollectionName> Wanted() const;
  Result<FeedPage> Page(Sequence after, const std::optional<CursorContent>& join);
  bool FitsFilter(const CursorContent& cursor) const {
    if (cursor.filter == filter_) return true;
    return cursor.joined.value != 0 && FilterHash(cursor.filter.value + cursor.joined.value) == filter_;
  }
  Result<Cursor> CursorAt(Sequence seq, FilterHash joined, Sequence began);

  Epoch epoch_;
  ReadTransaction& snapshot_;
  const Caller& caller_;
  const PullRequest& request_;
  ReadRights rights_;
  FilterHash filter_;
  RightsHash rights_hash_;
};

Result<std::optional<Problem>> FeedRequest::Check(const CursorContent& cursor, const WorkspaceHead& head) {
  using Verdict = std::optional<Problem>;
  const auto expired = [](const char* why) { return Verdict(Problem{ProblemCode::kCursorExpired, why}); };
  if (cursor.epoch != HashEpoch(epoch_)) return expired("the server's store was replaced");
  if (cursor.rights != rights_hash_ && !OUTPOST_MUTANT("rights-not-bound"))
    return expired("what you may read has changed");
  // What was gone when a first sync began was never shown to it: only deletions since then matter.
  const Sequence knows_deletions_to = std::max(cursor.seq, cursor.began);
  if (knows_deletions_to > head.head) return expired("the cursor is ahead of the server");
  if (knows_deletions_to < head.purged_below && !OUTPOST_MUTANT("tombstones-swept-early"))
    return expired("the cursor is older than what is kept of deletions");
  if (cursor.seq.value == 0) return Verdict();
  OUTPOST_TRY(const auto tag, snapshot_.TagAt(caller_.workspace, cursor.seq));
  // A command whose key was purged has no tag any more; a first sync passes such sequences, and 0 stands for them.
  if (tag.value_or(0) != cursor.tag && !OUTPOST_MUTANT("tag-not-compared"))
    return expired("the server's history differs from the one the cursor was made in");
  return Verdict();
}

// Empty: every document, whatever its collection.
std::vector<CollectionName> FeedRequest::Wanted() const {
  std::vector<CollectionName> wanted = request_.collections;
  const auto& allowed = rights_.collections();
  if (wanted.empty() && allowed) wanted = *allowed;
  if (wanted.empty() && !allowed && !request_.scope.empty()) {
    for (const Collection& collection : request_.known->all()) wanted.emplace_back(collection.name);
  }
  if (!allowed) return wanted;
  std::erase_if(wanted, [&](const CollectionName& name) { return !rights_.MayRead(name); });
  // Nothing allowed must not read as "everything": a name that nothing has yields nothing.
  if (wanted.empty()) wanted.emplace_back();
  return wanted;
}

Result<FeedPage> FeedRequest::Page(Sequence after, const std::optional<CursorContent>& join) {
  FeedQuery query;
  query.after = after;
  if (join) query.up_to = join->seq;
  if (join && OUTPOST_MUTANT("joining-without-backfill")) query.after = join->seq;
  query.collections = Wanted();
  query.scope = request_.scope;
  for (const CollectionName& name : query.collections) {
    if (request_.known->Narrows(request_.scope, name)) query.scoped.push_back(name);
  }
  query.only_created_by = rights_.only_created_by();
  query.from_start = !request_.cursor.has_value();
  query.limit = request_.limit;
  return snapshot_.ReadFeed(caller_.workspace, query);
}

Result<Cursor> FeedRequest::CursorAt(Sequence seq, FilterHash joined, Sequence began) {
  std::uint64_t tag = 0;
  if (seq.value > 0) {
    OUTPOST_TRY(const auto found, snapshot_.TagAt(caller_.workspace, seq));
    tag = found.value_or(0);
  }
  return EncodeCursor(caller_.workspace,
                      {HashEpoch(epoch_), seq, tag, filter_, rights_hash_, joined, began > seq ? began : Sequence(0)});
}

Result<PullResult> FeedRequest::Read() {
  OUTPOST_TRY(const WorkspaceHead head, snapshot_.Head(caller_.workspace));
  std::optional<CursorContent> from, join;
  for (const auto& [text, content] : {std::pair(&request_.cursor, &from), std::pair(&request_.join, &join)}) {
    if (!*text) continue;
    const auto decoded = DecodeCursor(caller_.workspace, **text);
    if (!decoded.ok()) return PullResult(Problem{ProblemCode::kCursorInvalid, decoded.error().message});
    if (content == &from && !FitsFilter(decoded.value())) {
      return PullResult(Problem{ProblemCode::kCursorMismatch, "the cursor belongs to another filter"});
    }
    OUTPOST_TRY(auto problem, Check(decoded.value(), head));
    if (problem) return PullResult(*std::move(problem));
    *content = decoded.value();
  }
  const Sequence after = from ? from->seq : Sequence(0);
  OUTPOST_TRY(FeedPage read, Page(after, join));
  ChangesPage page;
  page.epoch = epoch_;
  page.changes = std::move(read.changes);
  page.more = read.more;
  if (OUTPOST_MUTANT("left-not-sent")) std::erase_if(page.changes, [](const Change& c) { return c.reason == "left"; });
  FilterHash joined;
  if (join && !read.more) joined = FilterHash(join->filter.value + join->joined.value);
  OUTPOST_TRY(page.cursor, CursorAt(read.last, joined, from ? from->began : head.head));
  if (request_.device && !OUTPOST_MUTANT("own-not-listed")) {
    OUTPOST_TRY(page.own, snapshot_.OwnCommands(caller_.workspace, request_.device->device, after, read.last));
  }
  return PullResult(std::move(page));
}

Result<Cursor> FeedRequest::Head() {
  OUTPOST_TRY(const WorkspaceHead head, snapshot_.Head(caller_.workspace));
  return CursorAt(head.head, FilterHash(0), Sequence(0));
}

}  // namespace

PullResult ReadChanges(Store& store, const Caller& caller, const PullRequest& request) {
  if (auto problem = CheckParameters(request)) return *std::move(problem);
  auto snapshot = store.BeginRead();
  if (!snapshot.ok()) return Unavailable(snapshot.error());
  auto result = FeedRequest(store, *snapshot.value(), caller, request).Read();
  if (!result.ok()) return Unavailable(result.error());
  return std::move(result).value();
}

Result<std::vector<OwnCommand>> ReadOwn(Store& store, const Caller& caller, const DeviceRef& device,
                                        const Cursor& after, const Cursor& up_to) {
  OUTPOST_TRY(const CursorContent from, DecodeCursor(caller.workspace, after));
  OUTPOST_TRY(const CursorContent to, DecodeCursor(caller.workspace, up_to));
  OUTPOST_TRY(const auto snapshot, store.BeginRead());
  return snapshot->OwnCommands(caller.workspace, device.device, from.seq, to.seq);
}

Result<Cursor> HeadCursor(Store& store, const Caller& caller, const PullRequest& request) {
  OUTPOST_TRY(const auto snapshot, store.BeginRead());
  return FeedRequest(store, *snapshot, caller, request).Head();
}

}  // namespace outpost::server
