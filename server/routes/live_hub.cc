#include "server/routes/live_hub.h"

#include <algorithm>

#include "http/thread_name.h"
#include "server/routes/auth.h"

namespace outpost::server {
namespace {

constexpr std::chrono::seconds kExpiryCheck{1};

std::string EventText(const ChangesPage& page) {
  return "id: " + page.cursor.value + "\nevent: changes\ndata: " + ToJson(page) + "\n\n";
}

std::string MessageText(const ChangesPage& page) {
  std::string text = ToJson(page);
  return R"({"type":"changes",)" + text.substr(1);
}

// Everything a page depends on: the cursor carries workspace, rights and place.
std::string PageName(const Subscription& subscription) {
  std::string name = subscription.request.cursor->value + '\n' + subscription.request.scope;
  for (const CollectionName& collection : subscription.request.collections) name += '\n' + collection.value;
  return name;
}

}  // namespace

LiveHub::LiveHub(Store& store, Clock clock) : store_(store), clock_(std::move(clock)) {
  thread_ = std::thread([this] { Run(); });
}

LiveHub::~LiveHub() { Stop(); }

void LiveHub::Add(Subscription subscription, std::shared_ptr<http::LiveStream> stream) {
  const auto subscriber = std::make_shared<Subscriber>(Subscriber{std::move(subscription), std::move(stream)});
  subscriber->stream->OnChange([this, weak = std::weak_ptr<Subscriber>(subscriber)] {
    if (const auto alive = weak.lock()) StreamChanged(alive);
  });
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) {
      subscriber->stream->Close(http::kCloseGoingAway, "the server is stopping");
      return;
    }
    workspaces_[subscriber->subscription.caller.workspace].subscribers.Add(subscriber);
  }
  LookAgain(subscriber);  // what came since its cursor was made
}

void LiveHub::Notify(const Touched& touched) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = workspaces_.find(touched.workspace);
    if (found == workspaces_.end() || !found->second.subscribers.Mark(touched)) return;
    if (!changed_.insert(touched.workspace).second) return;
  }
  wake_.notify_one();
}

void LiveHub::Notify(const WorkspaceId& workspace) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = workspaces_.find(workspace);
    if (found == workspaces_.end()) return;
    found->second.subscribers.MarkAll();
    changed_.insert(workspace);
  }
  wake_.notify_one();
}

// A peer that has read its message may have fallen behind meanwhile; one that is gone is let go.
void LiveHub::StreamChanged(const Subscribers::Ptr& subscriber) {
  {
    const std::lock_guard lock(mutex_);
    if (!std::exchange(subscriber->behind, false) && !subscriber->stream->gone()) return;
  }
  LookAgain(subscriber);
}

void LiveHub::LookAgain(const Subscribers::Ptr& subscriber) {
  const WorkspaceId& workspace = subscriber->subscription.caller.workspace;
  {
    const std::lock_guard lock(mutex_);
    const auto found = workspaces_.find(workspace);
    if (found == workspaces_.end()) return;
    found->second.subscribers.Mark(subscriber);
    changed_.insert(workspace);
  }
  wake_.notify_one();
}

// Marked before it is asked: a peer that reads the last byte in between is not forgotten.
void LiveHub::LookAgainWhenRead(const Subscribers::Ptr& subscriber) {
  {
    const std::lock_guard lock(mutex_);
    subscriber->behind = true;
  }
  if (subscriber->stream->drained()) StreamChanged(subscriber);
}

std::size_t LiveHub::size() const {
  const std::lock_guard lock(mutex_);
  std::size_t count = 0;
  for (const auto& [id, workspace] : workspaces_) count += workspace.subscribers.all().size();
  return count;
}

std::vector<WorkspaceId> LiveHub::watched() const {
  const std::lock_guard lock(mutex_);
  std::vector<WorkspaceId> watched;
  for (const auto& [id, workspace] : workspaces_) watched.push_back(id);
  return watched;
}

LiveCounters LiveHub::counters() const {
  const std::lock_guard lock(mutex_);
  return counters_;
}

void LiveHub::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
  std::map<WorkspaceId, Workspace> open;
  {
    const std::lock_guard lock(mutex_);
    open.swap(workspaces_);
  }
  for (auto& [id, workspace] : open) {
    for (const auto& subscriber : workspace.subscribers.all()) {
      subscriber->stream->OnChange({});
      subscriber->stream->Close(http::kCloseGoingAway, "the server is stopping");
    }
  }
}

void LiveHub::Run() {
  http::NameThisThread("live");
  auto next_check = Steady::now() + kExpiryCheck;
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const auto next = std::min(NextDue(), next_check);
    if (next > Steady::now()) {
      wake_.wait_until(lock, next);  // or until a commit brings it forward
      continue;
    }
    const std::vector<WorkspaceId> due = TakeDue(Steady::now());
    lock.unlock();
    for (const WorkspaceId& workspace : due) Serve(workspace);
    if (Steady::now() >= next_check) {
      EndExpired();
      next_check = Steady::now() + kExpiryCheck;
    }
    lock.lock();
  }
}

LiveHub::Steady::time_point LiveHub::NextDue() const {
  auto next = Steady::time_point::max();
  for (const WorkspaceId& id : changed_) {
    const auto found = workspaces_.find(id);
    if (found != workspaces_.end()) next = std::min(next, found->second.served + kCoalesce);
  }
  return next;
}

std::vector<WorkspaceId> LiveHub::TakeDue(Steady::time_point now) {
  std::vector<WorkspaceId> due;
  for (auto id = changed_.begin(); id != changed_.end();) {
    const auto found = workspaces_.find(*id);
    if (found != workspaces_.end() && found->second.served + kCoalesce > now) {
      ++id;
      continue;
    }
    if (found != workspaces_.end()) {
      found->second.served = now;
      due.push_back(*id);
    }
    id = changed_.erase(id);
  }
  return due;
}

void LiveHub::Serve(const WorkspaceId& workspace) {
  std::vector<Subscribers::Ptr> marked;
  {
    const std::lock_guard lock(mutex_);
    const auto found = workspaces_.find(workspace);
    if (found != workspaces_.end()) marked = found->second.subscribers.TakeMarked();
  }
  Pages pages;
  std::set<const Subscriber*> over;
  for (const auto& subscriber : marked) {
    if (!ServeOne(subscriber, pages)) over.insert(subscriber.get());
  }
  if (over.empty()) return;
  const std::lock_guard lock(mutex_);
  const auto found = workspaces_.find(workspace);
  if (found == workspaces_.end()) return;
  found->second.subscribers.Remove(over);
  if (found->second.subscribers.empty()) workspaces_.erase(found);
}

bool LiveHub::ServeOne(const Subscribers::Ptr& marked, Pages& pages) {
  Subscriber& subscriber = *marked;
  if (subscriber.stream->gone()) return false;
  if (!subscriber.stream->drained()) {
    LookAgainWhenRead(marked);
    return true;
  }
  PullRequest& request = subscriber.subscription.request;
  const std::shared_ptr<SharedPage> shared = ReadPage(subscriber, pages);
  if (const auto* problem = std::get_if<Problem>(&shared->result)) {
    const bool busy = problem->code == ProblemCode::kUnavailable;
    if (busy) LookAgain(marked);
    return busy || Refused(subscriber, *problem);
  }
  const auto& page = std::get<ChangesPage>(shared->result);
  std::vector<OwnCommand> own;
  if (request.device) {
    auto found = ReadOwn(store_, subscriber.subscription.caller, *request.device, *request.cursor, page.cursor);
    if (!found.ok()) {  // the store is busy
      LookAgain(marked);
      return true;
    }
    own = std::move(found).value();
  }
  const bool says_something = !page.changes.empty() || !own.empty();
  request.cursor = page.cursor;
  if (says_something) Deliver(subscriber, *shared, page, std::move(own));
  if (page.more) LookAgainWhenRead(marked);
  return true;
}

// The stream is over: always false.
bool LiveHub::Refused(Subscriber& subscriber, const Problem& problem) {
  const bool expired = problem.code == ProblemCode::kCursorExpired;
  subscriber.stream->OnChange({});
  subscriber.stream->Close(expired ? kCloseCursorExpired : http::kCloseInternal, problem.detail);
  return false;
}

std::shared_ptr<LiveHub::SharedPage> LiveHub::ReadPage(const Subscriber& subscriber, Pages& pages) {
  const auto [found, inserted] = pages.try_emplace(PageName(subscriber.subscription));
  if (inserted) {
    PullRequest request = subscriber.subscription.request;
    request.device.reset();
    request.limit = kLivePageLimit;
    found->second =
        std::make_shared<SharedPage>(SharedPage{ReadChanges(store_, subscriber.subscription.caller, request), {}, {}});
    const std::lock_guard lock(mutex_);
    ++counters_.pages_read;
  }
  return found->second;
}

void LiveHub::Deliver(Subscriber& subscriber, SharedPage& shared, const ChangesPage& page,
                      std::vector<OwnCommand> own) {
  const bool events = subscriber.subscription.kind == http::Live::Kind::kEvents;
  std::shared_ptr<const std::string>& text = events ? shared.events : shared.websocket;
  std::shared_ptr<const std::string> message = text;
  if (!own.empty()) {
    ChangesPage mine = page;
    mine.own = std::move(own);
    message = std::make_shared<const std::string>(events ? EventText(mine) : MessageText(mine));
  } else if (message == nullptr) {
    message = text = std::make_shared<const std::string>(events ? EventText(page) : MessageText(page));
  }
  subscriber.stream->Send(std::move(message));
  const std::lock_guard lock(mutex_);
  ++counters_.messages;
}

void LiveHub::EndExpired() {
  const Timestamp now = clock_();
  std::vector<Subscribers::Ptr> expired;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [id, workspace] : workspaces_) {
      std::set<const Subscriber*> over;
      for (const auto& subscriber : workspace.subscribers.all()) {
        if (now <= subscriber->subscription.caller.expires + kExpiryLeeway) continue;
        over.insert(subscriber.get());
        expired.push_back(subscriber);
      }
      if (!over.empty()) workspace.subscribers.Remove(over);
    }
    std::erase_if(workspaces_, [](const auto& entry) { return entry.second.subscribers.empty(); });
  }
  for (const auto& subscriber : expired) {
    subscriber->stream->OnChange({});
    subscriber->stream->Close(kCloseTokenExpired, "the token has expired");
  }
}

}  // namespace outpost::server
