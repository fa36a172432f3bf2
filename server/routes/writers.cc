#include "server/routes/writers.h"

#include <algorithm>

namespace outpost::server {

Writers::Writers(const std::vector<Store*>& stores, const ServiceSettings& settings, const Clock& clock,
                 std::size_t queue_bytes_max, const GroupCommitter::OnCommit& on_commit) {
  OUTPOST_ASSERT(!stores.empty());
  for (Store* store : stores)
    lanes_.push_back(std::make_unique<Lane>(*store, settings, clock, queue_bytes_max / stores.size(), on_commit));
}

bool Writers::HasRoom() const {
  return std::all_of(lanes_.begin(), lanes_.end(), [](const auto& lane) { return lane->committer.HasRoom(); });
}

Status Writers::Ready() {
  for (const auto& lane : lanes_) OUTPOST_CHECK(lane->store.Ready());
  return {};
}

bool Writers::Submit(Submission submission, std::size_t bytes, GroupCommitter::Done done) {
  const std::size_t lane = std::hash<WorkspaceId>{}(submission.caller.workspace) % lanes_.size();
  return lanes_[lane]->committer.Submit(std::move(submission), bytes, std::move(done));
}

void Writers::Stop() {
  for (const auto& lane : lanes_) lane->committer.Stop();
}

std::size_t Writers::depth() const {
  std::size_t depth = 0;
  for (const auto& lane : lanes_) depth += lane->committer.depth();
  return depth;
}

ServiceCounters Writers::counters() const {
  ServiceCounters sum;
  for (const auto& lane : lanes_) sum += lane->committer.counters();
  return sum;
}

}  // namespace outpost::server
