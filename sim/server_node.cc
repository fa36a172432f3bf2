#include "sim/server_node.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

#include "protocol/json.h"
#include "server/core/cursor.h"
#include "server/sqlite/sqlite_store.h"
#include "sim/declared.h"
#include "sim/seed.h"

namespace outpost::sim {
namespace {

constexpr Milliseconds kOutcomesKept{5 * 60'000};

using engine::HttpRequest;
using engine::HttpResponse;

HttpResponse ProblemAnswer(const Problem& problem) {
  HttpResponse response{HttpStatus(problem.code), "application/problem+json", {}, ToJson(ToProblemDocument(problem))};
  if (problem.code == ProblemCode::kUnavailable) response.retry_after_ms = 1000;
  return response;
}

HttpResponse ProblemAnswer(ProblemCode code, std::string detail) {
  return ProblemAnswer(Problem{code, std::move(detail)});
}

std::string PercentDecode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16).ec == std::errc{}) {
      out += static_cast<char>(value);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

struct Target {
  std::string path;
  std::map<std::string, std::string, std::less<>> query;
};

Target ParseTarget(std::string_view text) {
  Target target;
  const auto mark = text.find('?');
  target.path = text.substr(0, mark);
  std::string_view rest = mark == std::string_view::npos ? std::string_view{} : text.substr(mark + 1);
  while (!rest.empty()) {
    const auto end = rest.find('&');
    const std::string_view pair = rest.substr(0, end);
    const auto equals = pair.find('=');
    target.query[PercentDecode(pair.substr(0, equals))] =
        equals == std::string_view::npos ? std::string{} : PercentDecode(pair.substr(equals + 1));
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
  }
  return target;
}

std::string_view HeaderOf(const HttpRequest& request, std::string_view name) {
  for (const auto& [key, value] : request.headers) {
    if (key == name) return value;
  }
  return {};
}

void Add(server::ServiceCounters& sum, const server::ServiceCounters& more) {
  sum.groups += more.groups;
  sum.commands += more.commands;
  sum.succeeded += more.succeeded;
  sum.refused += more.refused;
  sum.replayed += more.replayed;
  sum.blocked += more.blocked;
  sum.retried += more.retried;
  sum.group_failures += more.group_failures;
}

std::optional<server::PullRequest> ParsePull(const Target& target, const HttpRequest& request) {
  server::PullRequest pull;
  pull.known = DeclaredHere();
  for (const auto& [name, value] : target.query) {
    if (name == "cursor") {
      pull.cursor = Cursor(value);
    } else if (name == "join") {
      pull.join = Cursor(value);
    } else if (name == "scope") {
      pull.scope = value;
    } else if (name == "limit") {
      if (std::from_chars(value.data(), value.data() + value.size(), pull.limit).ec != std::errc{}) return std::nullopt;
    } else if (name == "collections") {
      for (std::size_t at = 0; at <= value.size();) {
        const auto comma = std::min(value.find(',', at), value.size());
        if (comma > at) pull.collections.emplace_back(value.substr(at, comma - at));
        at = comma + 1;
      }
    } else {
      return std::nullopt;
    }
  }
  const std::string_view device = HeaderOf(request, "Outpost-Device");
  if (const auto space = device.find(' '); space != std::string_view::npos) {
    pull.device = server::DeviceRef{DeviceId(std::string(device.substr(0, space))),
                                    Incarnation(std::string(device.substr(space + 1)))};
  }
  return pull;
}

}  // namespace

ServerNode::ServerNode(Environment& environment, Truth& truth, FaultPlan plan, std::uint64_t seed, OpenStore open_store)
    : environment_(environment),
      truth_(truth),
      own_lists_(truth),
      plan_(plan),
      random_(RandomFor(seed, "server")),
      store_random_(RandomFor(seed, "server store")),
      disk_(
          "outpost-sim-server", [&environment] { return environment.now(); }, RandomFor(seed, "server disk")),
      open_store_(std::move(open_store)),
      processes_(1 + static_cast<std::size_t>(plan.more_servers)) {}

ServerNode::~ServerNode() = default;

bool ServerNode::Start() {
  auto store = open_store_(disk_, store_random_);
  if (disk_.down() || !store.ok()) {
    // Without a crash of the disk a store opens, always.
    if (!disk_.down()) environment_.Fail("server", "the store does not open again: " + store.error().message);
    if (store.ok()) store.value().reset();
    Down();
    return false;
  }
  store_ = std::move(store).value();
  StartProcesses();
  environment_.Log("server", "up");
  return true;
}

void ServerNode::StartProcesses() {
  for (Process& process : processes_) {
    if (process.service != nullptr) continue;
    process.service =
        std::make_unique<server::CommandService>(*store_, server::ServiceSettings{.collections = DeclaredHere()});
  }
}

void ServerNode::End(Process& process) {
  ++process.life;
  if (process.service != nullptr) Add(earlier_, process.service->counters());
  process.service.reset();
  process.group_planned = false;
  process.waiting.clear();
  for (const Network::Reply& reply : std::exchange(process.replies, {})) reply(std::nullopt);
}

void ServerNode::KillProcess(std::size_t process) {
  if (!up()) return;
  environment_.Count("server: one of several processes killed");
  environment_.Log("server", "process " + std::to_string(process) + " is killed");
  End(processes_.at(process));
  StartProcesses();
}

void ServerNode::Close() {
  ++life_;
  for (Process& process : processes_) End(process);
  store_.reset();
}

void ServerNode::Down() {
  environment_.Count("server: power cut");
  environment_.Log("server", "power cut");
  disk_.Crash();  // first: nobody has time to tidy up
  Close();
  const std::int64_t pause = random_.OneIn(3) ? Between(random_, 5'000, 60'000) : Between(random_, 50, 3'000);
  environment_.scheduler.After(pause, [this, life = life_] {
    if (life == life_ && !up()) Start();
  });
}

void ServerNode::PowerCut() {
  if (up()) Down();
}

void ServerNode::PurgeBefore(Timestamp outcomes, Timestamp keys) {
  if (!up()) return;
  for (bool more = true; more;) {
    const auto purged = store_->Purge(
        {.outcomes_before = outcomes, .keys_before = keys, .tombstones_before = outcomes, .rows_max = 50});
    if (disk_.down()) return Down();
    more = purged.ok() && purged.value();
  }
}

void ServerNode::Purge() {
  PurgeBefore(environment_.now() - kOutcomesKept, Timestamp{0});
  environment_.Count("server: outcomes purged");
}

void ServerNode::PurgeKeys() {
  own_lists_.KeysForgotten();
  const Timestamp later = environment_.now() + Milliseconds(1);
  PurgeBefore(later, later);
}

bool ServerNode::Restore(const CrashVfs::Image& image, RestoreAs as) {
  Close();
  disk_.Replace(image);
  disk_.CrashAtOperation(0);
  disk_.FailAtOperation(0);
  disk_.SetFull(false);
  if (!Start()) return false;
  if (as == RestoreAs::kSilently) return true;
  auto* sqlite = dynamic_cast<server::SqliteStore*>(store_.get());
  return sqlite != nullptr && sqlite->RotateEpoch(store_random_).ok();
}

void ServerNode::SetTokenExpired(const UserId& user, bool expired) {
  std::erase(expired_, user);
  if (expired) expired_.push_back(user);
}

void ServerNode::Heal() {
  // A proxy that takes only small batches stays.
  const double batch_limit = plan_.batch_limit;
  plan_ = FaultPlan{};
  plan_.batch_limit = batch_limit;
  expired_.clear();
  disk_.CrashAtOperation(0);
  disk_.FailAtOperation(0);
  disk_.SetFull(false);
  if (!up()) Start();
}

server::ServiceCounters ServerNode::counters() const {
  server::ServiceCounters sum = earlier_;
  for (const Process& process : processes_) {
    if (process.service != nullptr) Add(sum, process.service->counters());
  }
  return sum;
}

void ServerNode::Serve(const server::Caller& caller, const HttpRequest& request, Network::Reply reply) {
  if (!up()) {
    environment_.Count("server: refused a connection while down");
    reply(std::nullopt);
    return;
  }
  if (std::find(expired_.begin(), expired_.end(), caller.user) != expired_.end()) {
    environment_.Count("server: token expired");
    reply(ProblemAnswer(ProblemCode::kUnauthenticated, "the token has expired"));
    return;
  }
  if (Chance(random_, plan_.server_problem)) {
    environment_.Count("server: unavailable");
    reply(ProblemAnswer(ProblemCode::kUnavailable, "overloaded"));
    return;
  }
  if (request.method == "POST" && request.target == "/sync/commands") {
    ServePush(caller, request, std::move(reply));
  } else if (request.method == "GET" && request.target.rfind("/sync/changes", 0) == 0) {
    auto response = ServePull(caller, request);
    if (disk_.down()) return Down(), reply(std::nullopt);
    reply(std::move(response));
  } else {
    reply(ProblemAnswer(ProblemCode::kNotFound, request.target));
  }
}

void ServerNode::ServePush(const server::Caller& caller, const HttpRequest& request, Network::Reply reply) {
  const auto body = ParseJson(request.body);
  if (!body.ok()) return reply(ProblemAnswer(ProblemCode::kMalformedJson, body.error().message));
  auto parsed = PushRequestFromJson(body.value());
  if (const auto* problem = std::get_if<Problem>(&parsed)) return reply(ProblemAnswer(*problem));
  auto& push = std::get<PushRequest>(parsed);
  if (plan_.batch_limit > 0 && static_cast<double>(push.commands.size()) > plan_.batch_limit) {
    environment_.Count("server: batch too large");
    return reply(ProblemAnswer(ProblemCode::kBatchTooLarge, "too many commands"));
  }
  own_lists_.Sent(caller.workspace, push);
  const std::size_t index = random_.Below(processes_.size());
  Process& process = processes_[index];
  process.waiting.push_back({caller, std::move(push)});
  process.replies.push_back(std::move(reply));
  if (std::exchange(process.group_planned, true)) return;
  environment_.scheduler.After(Between(random_, 1, plan_.group_delay_ms_max), [this, index, life = process.life] {
    if (life == processes_[index].life) RunGroup(index);
  });
}

void ServerNode::RunGroup(std::size_t index) {
  Process& process = processes_[index];
  process.group_planned = false;
  const std::vector<server::Submission> group = std::exchange(process.waiting, {});
  environment_.Count(group.size() > 1 ? "server: groups of several" : "server: groups of one");
  const auto results = process.service->ExecuteGroup(group, environment_.now());
  if (disk_.down()) {
    environment_.Count("server: power cut inside a group");
    return Down();
  }
  if (Chance(random_, plan_.crash_before_answer)) {
    environment_.Count("server: power cut before the answers");
    return processes_.size() > 1 ? KillProcess(index) : Down();
  }
  OUTPOST_ASSERT(results.size() == group.size());
  const std::vector<Network::Reply> replies = std::exchange(process.replies, {});
  for (std::size_t i = 0; i < group.size(); ++i) replies[i](Encode(group[i], results[i]));
}

HttpResponse ServerNode::Encode(const server::Submission& submission, const server::SubmissionResult& result) {
  if (const auto* problem = std::get_if<Problem>(&result)) {
    environment_.Count("push refused whole: " + std::string(Name(problem->code)));
    return ProblemAnswer(*problem);
  }
  const auto& response = std::get<PushResponse>(result);
  truth_.Answered(submission.caller, submission.request, response);
  return {200, "application/json", {}, ToJson(response)};
}

void ServerNode::CheckOwn(const server::Caller& caller, const server::PullRequest& pull, const ChangesPage& page) {
  const auto place = [&](const std::optional<Cursor>& cursor) {
    return cursor ? server::DecodeCursor(caller.workspace, *cursor).value().seq : Sequence(0);
  };
  if (!pull.device) return;
  const PageRange range{caller.workspace, pull.device->device, place(pull.cursor), place(page.cursor)};
  const std::string wrong = own_lists_.Check(range, page.own);
  if (wrong.empty()) return;
  environment_.Fail("server", "the page of " + range.device.value + " from " + std::to_string(range.after.value) +
                                  " to " + std::to_string(range.last.value) + " " + wrong);
}

HttpResponse ServerNode::ServePull(const server::Caller& caller, const HttpRequest& request) {
  const auto pull = ParsePull(ParseTarget(request.target), request);
  if (!pull.has_value()) return ProblemAnswer(ProblemCode::kInvalidParameter, request.target);
  if (pull->cursor.has_value() && Chance(random_, plan_.expire_cursor)) {
    environment_.Count("server: cursor expired");
    return ProblemAnswer(ProblemCode::kCursorExpired, "too old");
  }
  const auto result = server::ReadChanges(*store_, caller, *pull);
  if (const auto* problem = std::get_if<Problem>(&result)) {
    environment_.Count("pull refused: " + std::string(Name(problem->code)));
    return ProblemAnswer(*problem);
  }
  const auto& page = std::get<ChangesPage>(result);
  CheckOwn(caller, *pull, page);
  truth_.Listed(page.own);
  truth_.Shown(caller.workspace, page.changes);
  if (page.more) environment_.Count("server: page of several");
  if (HeaderOf(request, "Accept").find("ndjson") != std::string_view::npos) {
    return {200, "application/x-ndjson", {}, ToNdjson(page)};
  }
  return {200, "application/json", {}, ToJson(page)};
}

}  // namespace outpost::sim
