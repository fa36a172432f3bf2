#include "cli/queue_sync.h"

#include <chrono>
#include <cstdio>
#include <optional>

#include "cli/client_token.h"
#include "cli/stop_signals.h"
#include "transport/device_host.h"
#include "transport/notice_log.h"

namespace outpost::cli {
namespace {

using Steady = std::chrono::steady_clock;

constexpr Milliseconds kTurn{50};

class Sync {
 public:
  Sync(engine::Device& device, transport::HttpTransport& http, transport::NoticeLog& log)
      : device_(device), host_(device, http, [this](const engine::Notice& notice) { Note(notice); }) {
    host_.LogTo(log);
  }

  Status Run(Milliseconds patience);

 private:
  void Note(const engine::Notice& notice);
  Result<bool> Done();

  engine::Device& device_;
  transport::DeviceHost host_;
  StopSignals stop_;
  bool round_finished_ = false;
  bool token_refused_ = false;
};

void Sync::Note(const engine::Notice& notice) {
  using Kind = engine::Notice::Kind;
  round_finished_ = round_finished_ || notice.kind == Kind::kRoundFinished;
  token_refused_ = token_refused_ || notice.kind == Kind::kSignInNeeded;
  const bool about_one = notice.kind == Kind::kSettled || notice.kind == Kind::kConflict ||
                         notice.kind == Kind::kFailed || notice.kind == Kind::kDiscarded ||
                         notice.kind == Kind::kAlreadyApplied || notice.kind == Kind::kNeedsAttention;
  if (!about_one || !notice.command) return;
  const std::string name(engine::Name(notice.kind));
  std::printf("%s\t%s\t%s\n", name.c_str(), notice.command->value.c_str(), notice.detail.c_str());
}

// Asked of the store: another process may be the one that sends.
Result<bool> Sync::Done() {
  OUTPOST_TRY(const auto waiting, device_.Queue(engine::CommandStatus::kPending, 1));
  return waiting.empty() && (round_finished_ || !device_.status().flushing);
}

Status Sync::Run(Milliseconds patience) {
  host_.Start();
  host_.Tell(engine::SyncNow{});
  for (const auto end = Steady::now() + patience; Steady::now() < end && !stop_.Stopped();) {
    host_.RunOnce(kTurn);
    if (token_refused_) return Error{ErrorCode::kRefused, "the server does not accept the token"};
    if (!device_.status().store_error.empty()) return Error{ErrorCode::kIo, device_.status().store_error};
    OUTPOST_TRY(const bool done, Done());
    if (done) return {};
  }
  OUTPOST_TRY(const auto waiting, device_.Queue(engine::CommandStatus::kPending));
  return Error{ErrorCode::kUnavailable, std::to_string(waiting.size()) + " operations still wait"};
}

}  // namespace

Status SyncQueue(const SyncOptions& options) {
  OUTPOST_TRY(const ClientToken token, ReadClientToken(options.token_file));
  OUTPOST_TRY(auto http, transport::HttpTransport::Create(options.server, [text = token.text] { return text; }));
  OUTPOST_TRY(const auto store, OpenQueueStore(options.queue));
  OUTPOST_TRY(const engine::StoreOwner owner, engine::Device::OwnerOf({.path = StorePath(options.queue)}));
  const bool anybodys = owner.user.value.empty();
  if (owner.workspace != token.workspace || (!anybodys && owner.user != token.user)) {
    return Error{ErrorCode::kInvalidArgument, "the store belongs to " + owner.workspace.value + "/" + owner.user.value +
                                                  ", the token to " + token.workspace.value + "/" + token.user.value};
  }
  OUTPOST_TRY(auto log, transport::NoticeLog::OpenIn(options.queue.data));
  OUTPOST_CHECK(Sync(*store->device, *http, log).Run(options.patience));
  const engine::SyncStatus status = store->device->status();
  std::printf("nothing waits; %lld set aside\n", static_cast<long long>(status.quarantined));
  return {};
}

}  // namespace outpost::cli
