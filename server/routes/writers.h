// The write path of a server: one group committer per store that writes, each with a thread of its own. A workspace
// always goes the same way, so that its commands are in order and never wait for each other's lock; with one store this
// is one committer. Bounded and stopped as a whole.
#pragma once

#include <memory>
#include <vector>

#include "server/routes/group_committer.h"

namespace outpost::server {

class Writers {
 public:
  // All stores are of one database.
  Writers(const std::vector<Store*>& stores, const ServiceSettings& settings, const Clock& clock,
          std::size_t queue_bytes_max, const GroupCommitter::OnCommit& on_commit);

  bool HasRoom() const;
  // Whether every store takes writes, as Store::Ready.
  Status Ready();
  bool Submit(Submission submission, std::size_t bytes, GroupCommitter::Done done);
  // Between two groups of the first store.
  void RunBetweenGroups(std::function<void()> job) { lanes_.front()->committer.RunBetweenGroups(std::move(job)); }
  void Stop();

  std::size_t depth() const;
  ServiceCounters counters() const;

 private:
  struct Lane {
    Lane(Store& writes_to, const ServiceSettings& settings, const Clock& clock, std::size_t queue_bytes_max,
         const GroupCommitter::OnCommit& on_commit)
        : store(writes_to), service(writes_to, settings), committer(service, clock, queue_bytes_max, on_commit) {}
    Store& store;
    CommandService service;
    GroupCommitter committer;
  };

  std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace outpost::server
