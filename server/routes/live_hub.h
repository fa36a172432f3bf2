// Delivers changes to open streams. One thread. A commit only marks the subscribers it concerns; the thread then reads,
// for each of them whose last message is out, the page from that subscriber's cursor. Subscribers that ask the same
// (workspace, cursor, filter, rights) share one page and one text.
//
// Law: a slow peer costs nothing: what it has not read is not piled up but read again from its cursor when it is ready.
// The first change goes at once, what follows within kCoalesce goes together. A stream ends when its token does.
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "server/routes/clock.h"
#include "server/routes/subscribers.h"

namespace outpost::server {

inline constexpr std::chrono::milliseconds kCoalesce{20};
inline constexpr int kLivePageLimit = 1000;
inline constexpr int kCloseTokenExpired = 4401;
inline constexpr int kCloseCursorExpired = 4410;

struct LiveCounters {
  std::uint64_t pages_read = 0;
  std::uint64_t messages = 0;
};

class LiveHub {
 public:
  LiveHub(Store& store, Clock clock);
  ~LiveHub();

  void Add(Subscription subscription, std::shared_ptr<http::LiveStream> stream);
  // After a commit: whom it concerns is told.
  void Notify(const Touched& touched);
  // Something has changed and nobody knows what (another node's commit): everybody there looks.
  void Notify(const WorkspaceId& workspace);
  std::size_t size() const;
  // Where streams are open.
  std::vector<WorkspaceId> watched() const;
  LiveCounters counters() const;
  // Closes every stream.
  void Stop();

 private:
  using Steady = std::chrono::steady_clock;
  struct Workspace {
    Subscribers subscribers;
    Steady::time_point served{};
  };
  // One page of one pass, shared by all who are at the same place.
  struct SharedPage {
    PullResult result;
    std::shared_ptr<const std::string> events;  // its text, without commands of a device
    std::shared_ptr<const std::string> websocket;
  };
  using Pages = std::map<std::string, std::shared_ptr<SharedPage>>;

  void Run();
  std::vector<WorkspaceId> TakeDue(Steady::time_point now);
  Steady::time_point NextDue() const;
  void Serve(const WorkspaceId& workspace);
  // False: the stream is over.
  bool ServeOne(const Subscribers::Ptr& subscriber, Pages& pages);
  // The stream's peer has read everything, or is gone.
  void StreamChanged(const Subscribers::Ptr& subscriber);
  void LookAgain(const Subscribers::Ptr& subscriber);
  void LookAgainWhenRead(const Subscribers::Ptr& subscriber);
  bool Refused(Subscriber& subscriber, const Problem& problem);
  std::shared_ptr<SharedPage> ReadPage(const Subscriber& subscriber, Pages& pages);
  void Deliver(Subscriber& subscriber, SharedPage& shared, const ChangesPage& page, std::vector<OwnCommand> own);
  void EndExpired();

  Store& store_;
  Clock clock_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::map<WorkspaceId, Workspace> workspaces_;
  std::set<WorkspaceId> changed_;  // those with marked subscribers
  LiveCounters counters_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace outpost::server
