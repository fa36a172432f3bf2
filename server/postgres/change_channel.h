// Tells the servers on one database of each other's commits, so that each wakes those who wait on it. One connection
// and one thread a server. Workspaces that were committed to are announced together after their commits, in a
// transaction that waits for no disk, since NOTIFY within a group's own would make all groups of all servers queue for
// one lock.
//
// An announcement may be lost (a server dies after its commit, a connection breaks): the heads of the workspaces that
// somebody waits on are looked at every few seconds, and at once after the connection came back.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "protocol/ids.h"
#include "server/postgres/connection.h"

namespace outpost::server {

inline constexpr Milliseconds kLookAtHeadsEvery{2000};

class ChangeChannel {
 public:
  using OnChange = std::function<void(const WorkspaceId&)>;
  using Watched = std::function<std::vector<WorkspaceId>()>;

  // `changed`: another server committed there, or may have. `watched`: where somebody waits. Both on the channel's
  // thread.
  ChangeChannel(postgres::ConnectionOptions options, OnChange changed, Watched watched);
  ~ChangeChannel();
  ChangeChannel(const ChangeChannel&) = delete;
  ChangeChannel& operator=(const ChangeChannel&) = delete;

  // After a commit of this server; from any thread, never waits.
  void Announce(const WorkspaceId& workspace);

 private:
  using Steady = std::chrono::steady_clock;

  void Run();
  bool stopping();
  Status Connect();
  void WaitForNews(Milliseconds wait);
  // Says what is to be said, and hears what has been.
  Status Exchange();
  Status Hear();
  Status AnnounceWaiting();
  Status LookAtHeads();

  const postgres::ConnectionOptions options_;
  const std::string channel_;
  const OnChange changed_;
  const Watched watched_;
  int wake_ = -1;  // eventfd
  std::unique_ptr<postgres::Connection> connection_;
  std::map<WorkspaceId, std::int64_t> heads_;  // as last seen, of those watched

  std::mutex mutex_;
  std::set<WorkspaceId> to_announce_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace outpost::server
