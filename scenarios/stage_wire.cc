// Stage: what happens on the wire, and to the server.
#include <algorithm>
#include <charconv>

#include "scenarios/stage.h"

namespace outpost::scenarios {
namespace {

// Longer than any wait the engine makes by itself (Retry-After is believed up to 15 minutes).
constexpr std::int64_t kPatienceMs = 20 * 60'000;
constexpr int kEventsMax = 20'000;

engine::NetworkFailure NoAnswer() { return {"no answer came", true}; }

// A body of results for what was asked, each as the story says: {"c1": {"status": "RETRY", …}}.
std::string ResultsFor(const json::object& wanted, const engine::HttpRequest& request) {
  const auto body = ParseJson(request.body);
  PushResponse response;
  response.epoch = Epoch("");
  if (!body.ok()) return {};
  const auto parsed = PushRequestFromJson(body.value());
  if (!std::holds_alternative<PushRequest>(parsed)) return {};
  const PushRequest& push = std::get<PushRequest>(parsed);
  response.epoch = push.epoch.value_or(Epoch("story"));
  for (const Command& command : push.commands) {
    const json::object* as = ObjectAt(wanted, command.id.value);
    if (as == nullptr) continue;
    CommandResult result;
    result.id = command.id;
    result.fingerprint = StringOr(*as, "fingerprint");
    if (result.fingerprint.empty()) {
      result.fingerprint = ToHex(FingerprintOf(ParseTypeName(command.type).value().family, command.payload));
    }
    for (const WireStatus status : {WireStatus::kSucceeded, WireStatus::kConflict, WireStatus::kFailed,
                                    WireStatus::kBlocked, WireStatus::kRetry}) {
      if (Name(status) == StringOr(*as, "status")) result.status = status;
    }
    if (const auto code = ProblemCodeFromName(StringOr(*as, "problem"))) result.problem = Problem{*code, "as told"};
    result.http_status = result.problem ? HttpStatus(result.problem->code) : 200;
    result.retry_after_ms = IntegerOr(*as, "retryAfterMs", 0);
    response.results.push_back(std::move(result));
  }
  return ToJson(response);
}

}  // namespace

std::optional<engine::HttpResponse> Stage::AskServer(const server::Caller& caller, const engine::HttpRequest& request) {
  std::optional<engine::HttpResponse> answer;
  bool done = false;
  server_->Serve(caller, request, [&](std::optional<engine::HttpResponse> response) {
    answer = std::move(response);
    done = true;
  });
  for (int i = 0; i < kEventsMax && !done; ++i) environment_.scheduler.RunOne(environment_.now() + Milliseconds(1'000));
  return answer;
}

void Stage::Deliver(Actor& actor, const WaitingRequestPtr& waiting) {
  const auto answer = AskServer(actor.caller, waiting->request);
  if (!answer) return waiting->End(engine::NetworkFailure{"connection refused", false});
  waiting->End(*answer);
}

Result<WaitingRequestPtr> Stage::NextRequest(Actor& actor, std::string_view what) {
  const Timestamp until = environment_.now() + Milliseconds(kPatienceMs);
  for (int i = 0; i < kEventsMax; ++i) {
    if (auto waiting = wire_.Take(actor.index, what)) return waiting;
    if (!environment_.scheduler.RunOne(until)) break;
  }
  return Broken(actor.name + " sends no " + (what.empty() ? std::string("request") : std::string(what)));
}

Status Stage::Deliver(const json::object& step) {
  OUTPOST_TRY(Actor* const actor, Find(step, "deliver"));
  OUTPOST_TRY(const WaitingRequestPtr waiting, NextRequest(*actor, StringOr(step, "what")));
  if (step.contains("twice")) AskServer(actor->caller, waiting->request);
  if (step.contains("copyAs")) late_[std::string(StringOr(step, "copyAs"))] = waiting->request;
  Deliver(*actor, waiting);
  return {};
}

Status Stage::LoseRequest(const json::object& step) {
  OUTPOST_TRY(Actor* const actor, Find(step, "loseRequest"));
  OUTPOST_TRY(const WaitingRequestPtr waiting, NextRequest(*actor, StringOr(step, "what")));
  if (step.contains("copyAs")) late_[std::string(StringOr(step, "copyAs"))] = waiting->request;
  waiting->End(NoAnswer());
  return {};
}

Status Stage::LoseAnswer(const json::object& step) {
  OUTPOST_TRY(Actor* const actor, Find(step, "loseAnswer"));
  OUTPOST_TRY(const WaitingRequestPtr waiting, NextRequest(*actor, StringOr(step, "what")));
  AskServer(actor->caller, waiting->request);
  waiting->End(NoAnswer());
  return {};
}

// A copy that was under way all the time reaches the server; nobody hears the answer.
Status Stage::ArriveLate(const json::object& step) {
  const auto found = late_.find(std::string(StringOr(step, "arrivesLate")));
  OUTPOST_TRY(Actor* const actor, Find(step, "of"));
  if (found == late_.end()) return WrongStory("nothing is under way under that name");
  AskServer(actor->caller, found->second);
  return {};
}

Result<engine::HttpOutcome> Stage::MakeAnswer(const json::object& step, const engine::HttpRequest& request) {
  if (const auto failure = StringOr(step, "failure"); !failure.empty()) {
    return engine::HttpOutcome(engine::NetworkFailure{std::string(failure), false});
  }
  engine::HttpResponse response{static_cast<int>(IntegerOr(step, "status", 200)), "application/json", {}, {}};
  if (step.contains("retryAfterMs")) response.retry_after_ms = IntegerOr(step, "retryAfterMs", 0);
  if (const auto name = StringOr(step, "problem"); !name.empty()) {
    const auto code = ProblemCodeFromName(name);
    if (!code) return WrongStory("there is no code " + std::string(name));
    Problem problem{*code, "as told"};
    if (const json::object* extra = ObjectAt(step, "extra")) problem.extra = *extra;
    response.status = HttpStatus(*code);
    response.content_type = "application/problem+json";
    response.body = ToJson(ToProblemDocument(problem));
    environment_.Count("policy: " + std::string(name) + (request.method == "POST" ? " to a push" : " to a pull"));
  } else if (const json::object* results = ObjectAt(step, "results")) {
    response.body = ResultsFor(*results, request);
  } else {
    response.content_type = StringOr(step, "type", "text/html");
    response.body = StringOr(step, "body");
  }
  return engine::HttpOutcome(std::move(response));
}

Status Stage::Answer(const json::object& step) {
  OUTPOST_TRY(Actor* const actor, Find(step, "answer"));
  OUTPOST_TRY(const WaitingRequestPtr waiting, NextRequest(*actor, StringOr(step, "what", "push")));
  OUTPOST_TRY(auto outcome, MakeAnswer(step, waiting->request));
  if (step.contains("asTheServer")) BelieveAnswer(step, waiting->request);
  waiting->End(std::move(outcome));
  return {};
}

// What the story says in the server's name counts as said by it.
void Stage::BelieveAnswer(const json::object& step, const engine::HttpRequest& request) {
  const auto body = ParseJson(request.body);
  if (!body.ok()) return;
  const auto parsed = PushRequestFromJson(body.value());
  if (!std::holds_alternative<PushRequest>(parsed)) return;
  const json::object* results = ObjectAt(step, "results");
  for (const Command& command : std::get<PushRequest>(parsed).commands) {
    const json::object* as = results == nullptr ? nullptr : ObjectAt(*results, command.id.value);
    if (results == nullptr || (as != nullptr && StringOr(*as, "status") == "FAILED")) {
      truth_.Told(command.id, command.revision, WireStatus::kFailed);
    } else if (as != nullptr && StringOr(*as, "status") == "CONFLICT") {
      truth_.Told(command.id, command.revision, WireStatus::kConflict);
    }
  }
}

Status Stage::Settle(const json::object& step) {
  const std::string who(StringOr(step, "settle"));
  std::vector<Actor*> actors;
  for (auto& [name, actor] : actors_) {
    if (name == who || (who == "everyone" && actor.line_up)) actors.push_back(&actor);
  }
  if (actors.empty()) return WrongStory("nobody is called " + who);
  return SettleAll(actors);
}

// Quiet: nothing waits, and two rounds have ended since the last push.
bool Stage::IsQuiet(const std::vector<std::pair<Actor*, std::uint64_t>>& actors) const {
  return std::all_of(actors.begin(), actors.end(), [&](const auto& entry) {
    const auto& [actor, rounds] = entry;
    return actor->node->up() && actor->node->device().status().waiting == 0 && actor->node->rounds() >= rounds + 2 &&
           wire_.Count(actor->index, "push") == 0;
  });
}

Status Stage::SettleAll(const std::vector<Actor*>& actors) {
  const Timestamp until = environment_.now() + Milliseconds(kPatienceMs);
  std::vector<std::pair<Actor*, std::uint64_t>> since;
  const auto from_here = [&] {
    since.clear();
    for (Actor* actor : actors) since.emplace_back(actor, actor->node->rounds());
  };
  from_here();
  for (int i = 0; i < kEventsMax && !environment_.failed(); ++i) {
    bool delivered = false;
    for (Actor* actor : actors) {
      const WaitingRequestPtr waiting = wire_.Take(actor->index, "");
      if (!waiting) continue;
      if (waiting->request.method == "POST") from_here();
      Deliver(*actor, waiting);
      delivered = true;
    }
    if (IsQuiet(since)) return {};
    if (!delivered && !environment_.scheduler.RunOne(until)) return {};  // some wait for something else: "then" tells
  }
  return environment_.failed() ? Broken(environment_.broken.front()) : Broken("it never becomes quiet");
}

Status Stage::Wait(const json::object& step) {
  const Timestamp until = environment_.now() + Milliseconds(IntegerOr(step, "wait", 0));
  while (environment_.scheduler.RunOne(until)) {
  }
  return {};
}

Status Stage::ServerDoes(const json::object& step) {
  const std::string_view what = StringOr(step, "server");
  const std::string image(StringOr(step, "as", "backup"));
  if (what == "restarts") {
    server_->PowerCut();
    return server_->Start() ? Status() : Status(Broken("the server does not start"));
  }
  if (what == "goes down") return server_->PowerCut(), Status();
  if (what == "forgets outcomes") return server_->Purge(), Status();
  if (what == "forgets keys") return server_->PurgeKeys(), Status();
  if (what == "expires a token" || what == "renews a token") {
    server_->SetTokenExpired(UserId(std::string(StringOr(step, "user"))), what == "expires a token");
    return {};
  }
  if (what == "is backed up") {
    images_[image] = server_->Backup();
    moments_[image] = truth_.moment();
    return {};
  }
  using As = sim::ServerNode::RestoreAs;
  if (what != "is restored" && what != "is put back silently")
    return WrongStory("the server cannot: " + std::string(what));
  if (!images_.contains(image)) return WrongStory("there is no backup " + image);
  const As as = what == "is restored" ? As::kNewEpoch : As::kSilently;
  if (as == As::kSilently) foreign_ = true;  // what came after the backup is nobody's any more
  truth_.PutBack(moments_.at(image));
  return server_->Restore(images_.at(image), as) ? Status() : Status(Broken("the server does not start"));
}

Status Stage::SetRoles(const json::object& step) {
  OUTPOST_TRY(Actor* const actor, Find(step, "roles"));
  actor->caller.roles.clear();
  for (const json::value& role : step.at("are").get_array()) actor->caller.roles.emplace_back(role.get_string());
  return {};
}

// A client that is not ours speaks to the server by itself.
Status Stage::Push(const json::object& step) {
  foreign_ = true;
  server::Caller caller = actors_.begin()->second.caller;
  caller.user = UserId(std::string(StringOr(step, "push")));
  if (const json::value* roles = outpost::Find(step, "roles")) {
    caller.roles.clear();
    for (const json::value& role : roles->get_array()) caller.roles.emplace_back(role.get_string());
  }
  if (const auto workspace = StringOr(step, "workspace"); !workspace.empty()) {
    caller.workspace = WorkspaceId(std::string(workspace));
  }
  json::object body;
  for (const std::string_view field : {"deviceId", "incarnation", "epoch", "commands"}) {
    if (const json::value* value = outpost::Find(step, field)) body[field] = *value;
  }
  const auto answer = AskServer(caller, {"POST", "/sync/commands", {}, ToJson(body)});
  if (!answer) return Broken("the server gives no answer");
  const auto parsed = ParseJson(answer->body);
  if (!parsed.ok()) return Broken("the answer is no JSON");
  const json::value* wanted = outpost::Find(step, "answered");
  if (wanted == nullptr) return {};
  const std::string what = Mismatch(*wanted, parsed.value(), "the answer");
  return what.empty() ? Status() : Status(Broken(what));
}

// A pull by hand: what the page must hold, and its cursor under a name.
Status Stage::Pull(const json::object& step) {
  OUTPOST_TRY(Actor* const actor, Find(step, "pull"));
  std::string target = "/sync/changes";
  char mark = '?';
  for (const std::string_view field : {"cursor", "join", "collections", "scope"}) {
    const std::string_view value = StringOr(step, field);
    if (value.empty()) continue;
    target += mark + std::string(field) + '=' + std::string(value);
    mark = '&';
  }
  if (step.contains("limit")) target += mark + std::string("limit=") + std::to_string(IntegerOr(step, "limit", 1000));
  const auto answer = AskServer(actor->caller, {"GET", target, {}, ""});
  if (!answer) return Broken("the server gives no answer");
  const auto parsed = ParseJson(answer->body);
  if (!parsed.ok() || !parsed.value().is_object()) return Broken("the page is no JSON: " + answer->body);
  const std::string cursor(StringOr(parsed.value().get_object(), "cursor"));
  if (const std::string as(StringOr(step, "as")); !as.empty()) names_.Add(as, cursor);
  const json::value* wanted = outpost::Find(step, "page");
  const std::string what = wanted == nullptr ? std::string() : Mismatch(*wanted, parsed.value(), "the page");
  return what.empty() ? Status() : Status(Broken(what));
}

}  // namespace outpost::scenarios
