#include "server/postgres/change_channel.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>

namespace outpost::server {
namespace {

using postgres::Parameters;
using postgres::Rows;
using postgres::Statement;
using postgres::Texts;

constexpr Milliseconds kConnectAgain{300};
constexpr std::size_t kPayloadMax = 7900;  // PostgreSQL takes 8000 bytes

constexpr Statement kNotify{"announce", "SELECT pg_notify($1::text, $2::text)"};
constexpr Statement kHeads{"heads", "SELECT name, head FROM workspace WHERE name = any($1::text[])"};

}  // namespace

// The schema names the store: several may share a database.
ChangeChannel::ChangeChannel(postgres::ConnectionOptions options, OnChange changed, Watched watched)
    : options_(std::move(options)),
      channel_("outpost " + options_.schema),
      changed_(std::move(changed)),
      watched_(std::move(watched)),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  OUTPOST_ASSERT(wake_ >= 0);
  thread_ = std::thread([this] { Run(); });
}

ChangeChannel::~ChangeChannel() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  ::eventfd_write(wake_, 1);
  thread_.join();
  ::close(wake_);
}

void ChangeChannel::Announce(const WorkspaceId& workspace) {
  {
    const std::lock_guard lock(mutex_);
    if (!to_announce_.insert(workspace).second) return;
  }
  ::eventfd_write(wake_, 1);
}

bool ChangeChannel::stopping() {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void ChangeChannel::Run() {
  auto look_at = Steady::now();
  while (!stopping()) {
    if (connection_ == nullptr && !Connect().ok()) {
      WaitForNews(kConnectAgain);
      continue;
    }
    const bool look = Steady::now() >= look_at;
    const Status done = look ? LookAtHeads() : Exchange();
    if (look) look_at = Steady::now() + kLookAtHeadsEvery;
    if (!done.ok() || !connection_->alive()) {
      connection_.reset();
      look_at = Steady::now();
      WaitForNews(kConnectAgain);
      continue;
    }
    WaitForNews(std::chrono::duration_cast<Milliseconds>(look_at - Steady::now()));
  }
}

Status ChangeChannel::Connect() {
  OUTPOST_TRY(auto connection, postgres::Connection::Open(options_));
  OUTPOST_CHECK(
      connection->Execute("SET synchronous_commit = off; SET idle_in_transaction_session_timeout = 0; LISTEN " +
                          connection->Quoted(channel_)));
  connection_ = std::move(connection);
  heads_.clear();  // what was announced meanwhile is unknown: every watched workspace may have changed
  return {};
}

void ChangeChannel::WaitForNews(Milliseconds wait) {
  pollfd both[2] = {{wake_, POLLIN, 0}, {connection_ == nullptr ? -1 : connection_->socket(), POLLIN, 0}};
  // While there is no connection, what is to be announced waits as well.
  if (connection_ == nullptr && !stopping()) both[0].fd = -1;
  ::poll(both, 2, static_cast<int>(std::max<std::int64_t>(wait.count(), 0)));
  eventfd_t count = 0;
  if (both[0].revents != 0) ::eventfd_read(wake_, &count);
}

Status ChangeChannel::Exchange() {
  OUTPOST_CHECK(AnnounceWaiting());
  return Hear();
}

Status ChangeChannel::Hear() {
  OUTPOST_TRY(const auto came, connection_->Listen(Milliseconds(0)));
  std::set<WorkspaceId> told;  // many commits, one look
  for (const auto& notification : came) {
    if (notification.sender == connection_->backend()) continue;
    std::size_t begin = 0;
    while (begin < notification.payload.size()) {
      const std::size_t end = std::min(notification.payload.find('\n', begin), notification.payload.size());
      told.insert(WorkspaceId(notification.payload.substr(begin, end - begin)));
      begin = end + 1;
    }
  }
  for (const WorkspaceId& workspace : told) changed_(workspace);
  return {};
}

Status ChangeChannel::AnnounceWaiting() {
  std::set<WorkspaceId> waiting;
  {
    const std::lock_guard lock(mutex_);
    waiting.swap(to_announce_);
  }
  std::string payload;
  const auto queue = [&] {
    if (!payload.empty()) connection_->Queue(kNotify, Parameters().Text(channel_).Text(payload));
    payload.clear();
  };
  for (const WorkspaceId& workspace : waiting) {
    if (payload.size() + workspace.value.size() > kPayloadMax) queue();
    payload += workspace.value + '\n';
  }
  queue();
  if (connection_->queued() == 0) return {};
  OUTPOST_TRY(const auto sent, connection_->Run());
  static_cast<void>(sent);
  return {};
}

Status ChangeChannel::LookAtHeads() {
  const std::vector<WorkspaceId> watched = watched_();
  if (watched.empty()) return Exchange();
  OUTPOST_CHECK(AnnounceWaiting());
  Texts names;
  for (const WorkspaceId& workspace : watched) names.Add(workspace.value);
  OUTPOST_TRY(const Rows rows, connection_->Query(kHeads, Parameters().Add(names)));
  std::map<WorkspaceId, std::int64_t> heads;
  for (int row = 0; row < rows.size(); ++row) heads[WorkspaceId(rows.String(row, 0))] = rows.Integer(row, 1);
  for (const auto& [workspace, head] : heads) {
    const auto known = heads_.find(workspace);
    if (known == heads_.end() || known->second != head) changed_(workspace);
  }
  heads_ = std::move(heads);
  return Hear();  // what came with the answer would make the socket readable no more
}

}  // namespace outpost::server
