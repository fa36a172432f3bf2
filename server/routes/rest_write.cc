#include "server/routes/rest_write.h"

#include <algorithm>
#include <atomic>
#include <chrono>

#include "base/ulid.h"
#include "http/uri.h"
#include "protocol/json_span.h"
#include "server/routes/problem_response.h"

namespace outpost::server {
namespace {

constexpr std::size_t kSubmissionOverheadBytes = 512;
// A refusal that is stored under the key is evaluated anew only by a higher revision; forcing is one.
constexpr std::int64_t kForcedRevision = 1;
constexpr std::string_view kCollectionHole = "{collection}";

std::variant<json::object, Problem> ReadBody(const std::string& body) {
  if (body.empty()) return json::object();
  auto value = ParseJson(body);
  if (!value.ok()) return MakeProblem(ProblemCode::kMalformedJson, value.error().message);
  if (value.value().is_object()) return std::move(value.value().get_object());
  Problem problem = MakeProblem(ProblemCode::kValidationFailed, "the body must be a JSON object");
  problem.errors.push_back({"", "must be an object"});
  return problem;
}

// The path names the target; a body that repeats it must agree.
std::optional<Problem> AddPathParameters(const Call& call, json::object& payload) {
  for (const auto& [name, value] : call.parameters) {
    if (name != "sku" && !IsValidId(value)) return MakeProblem(ProblemCode::kNotFound, "there is nothing at this path");
    const json::value* given = Find(payload, name);
    if (given != nullptr && !(given->is_string() && given->get_string() == value)) {
      Problem problem =
          MakeProblem(ProblemCode::kValidationFailed, "the body names another " + name + " than the path");
      problem.errors.push_back({name, "differs from the path"});
      return problem;
    }
    payload[name] = value;
  }
  return std::nullopt;
}

// A collection nobody declared is no path of this server.
std::optional<Problem> CheckCollection(const Services& services, const Call& call) {
  const auto named = std::find_if(call.parameters.begin(), call.parameters.end(),
                                  [](const auto& parameter) { return parameter.first == "collection"; });
  if (named == call.parameters.end() || services.collections->declared().Find(named->second) != nullptr)
    return std::nullopt;
  if (services.collections->Find(named->second) == nullptr)
    return MakeProblem(ProblemCode::kNotFound, "there is no such collection");
  return MakeProblem(ProblemCode::kForbidden, "this collection is written by its own commands only");
}

std::string_view MemberString(std::string_view object, std::string_view name) {
  const auto text = MemberText(object, name);
  if (!text || text->size() < 2 || text->front() != '"') return {};
  return text->substr(1, text->size() - 2);
}

// The key is known, its answer is not kept any more: what it made, as it is now.
http::Response DuplicateAnswer(const CommandResult& result) {
  Problem problem = MakeProblem(ProblemCode::kIdempotencyDuplicate, "this was done before; its first answer is gone");
  auto resource = result.body.empty() ? Result<json::value>(json::value()) : ParseJson(result.body);
  problem.extra["existingResource"] = resource.ok() ? std::move(resource).value() : json::value();
  return ToResponse(problem);
}

http::Response SuccessAnswer(const CommandRoute& route, const Call& call, const CommandResult& result) {
  if (result.outcome_purged) return DuplicateAnswer(result);
  http::Response response = JsonResponse(result.body, result.http_status);
  if (response.body.empty()) response.body = result.redacted ? R"({"redacted":true})" : "{}";
  if (const auto version = MemberText(response.body, "version")) {
    response.headers.Add("ETag", "\"" + std::string(*version) + "\"");
  }
  const std::string_view id = MemberString(response.body, "id");
  if (result.http_status == 201 && route.location != nullptr && !id.empty()) {
    std::string location = route.location;
    if (const std::size_t hole = location.find(kCollectionHole); hole != std::string::npos) {
      location.replace(hole, kCollectionHole.size(), http::PercentEncode(call.Parameter("collection")));
    }
    response.headers.Add("Location", location + std::string(id));  // an id needs no escape
  }
  return response;
}

http::Response FailureAnswer(const RestWrite& write, const CommandResult& result) {
  OUTPOST_ASSERT(result.problem.has_value());
  // What is refused offline is possible here, but for the gateway it needs; nothing is remembered of either.
  if (result.problem->code == ProblemCode::kOnlineOnly)
    return ProblemResponse(ProblemCode::kPaymentUnavailable, "no payment gateway is configured");
  const bool precondition = write.guard.by_header && result.problem->code == ProblemCode::kVersionConflict;
  http::Response response = ToResponse(*result.problem, precondition ? 412 : result.http_status);
  if (result.status == WireStatus::kRetry && response.headers.Find("Retry-After") == nullptr) {
    const std::int64_t seconds = std::max<std::int64_t>(1, (result.retry_after_ms + 999) / 1000);
    response.headers.Add("Retry-After", std::to_string(seconds));
  }
  return response;
}

// The id may be what collided, not the key: worth a second try with another id.
bool MayBeForeignId(const RestWrite& write, const SubmissionResult& result) {
  const auto* response = std::get_if<PushResponse>(&result);
  if (response == nullptr || write.command.id.value != write.command.key.value || !write.keyed) return false;
  const auto& problem = response->results.front().problem;
  return problem && problem->code == ProblemCode::kIdempotencyKeyReused;
}

}  // namespace

std::variant<RestWrite, Problem> ReadRestWrite(const CommandRoute& route, Services& services, const Call& call,
                                               IdChoice choice) {
  if (auto problem = CheckCollection(services, call)) return std::move(*problem);
  auto body = ReadBody(call.request.body);
  if (auto* problem = std::get_if<Problem>(&body)) return std::move(*problem);
  json::object& payload = std::get<json::object>(body);
  auto key = TakeKey(call.request.headers, payload);
  if (auto* problem = std::get_if<Problem>(&key)) return std::move(*problem);
  auto guard = TakeGuard(call.request.headers, payload);
  if (auto* problem = std::get_if<Problem>(&guard)) return std::move(*problem);
  if (auto problem = AddPathParameters(call, payload)) return std::move(*problem);
  RestWrite write;
  auto& given = std::get<std::optional<IdempotencyKey>>(key);
  write.keyed = given.has_value();
  write.guard = std::get<Guard>(std::move(guard));
  const bool from_key = choice == IdChoice::kFromKey && given && IsUlid(given->value);
  write.command.id = CommandId(from_key ? given->value : services.ids.Next());
  write.command.key = given ? *std::move(given) : IdempotencyKey(write.command.id.value);
  write.command.type = route.type;
  write.command.payload = std::move(payload);
  write.command.expected_version = write.guard.expected;
  if (write.guard.force) write.command.revision = Revision(kForcedRevision);
  write.command.traceparent = call.traceparent;
  return write;
}

http::Response RestAnswer(const CommandRoute& route, const Call& call, const RestWrite& write,
                          const SubmissionResult& result) {
  if (const auto* problem = std::get_if<Problem>(&result)) return ToResponse(*problem);
  const auto& results = std::get<PushResponse>(result).results;
  OUTPOST_ASSERT(results.size() == 1);
  const CommandResult& only = results.front();
  http::Response response =
      only.status == WireStatus::kSucceeded ? SuccessAnswer(route, call, only) : FailureAnswer(write, only);
  if (only.replayed) response.headers.Add("Idempotency-Replayed", "true");
  if (write.keyed) response.headers.Add("Outpost-Receipt", write.command.key.value + " " + only.fingerprint);
  return response;
}

namespace {

// Answers once, whichever comes first: the result, or the patience of one who waits behind the same key.
class RestExchange : public std::enable_shared_from_this<RestExchange> {
 public:
  RestExchange(Services& services, const CommandRoute& route, CallPtr call, RestWrite write)
      : services_(services), route_(route), call_(std::move(call)), write_(std::move(write)) {}
  ~RestExchange() {
    if (registered_) services_.running_keys.End(KeyText());
  }

  void Start() {
    Submission submission;
    submission.caller = call_->caller;
    submission.request.commands.push_back(write_.command);
    write_.command.payload = json::object();
    const auto self = shared_from_this();
    call_->command = write_.command.id.value;
    if (write_.keyed) call_->key = write_.command.key.value;
    WatchKey();
    const bool taken = services_.writer.Submit(
        std::move(submission), call_->request.body.size() + kSubmissionOverheadBytes, [self](SubmissionResult result) {
          RunGuarded(self->services_, *self->call_, [&] { self->Take(std::move(result)); });
        });
    if (!taken) Answer([] { return ProblemResponse(ProblemCode::kUnavailable, "too many writes wait, try again"); });
  }

 private:
  std::string KeyText() const {
    return call_->caller.workspace.value + '\n' + call_->caller.user.value + '\n' + route_.type + '\n' +
           write_.command.key.value;
  }

  // A second request with a key that is being worked on waits for the first one's answer, but not for ever.
  void WatchKey() {
    if (!write_.keyed) return;
    registered_ = true;
    if (services_.running_keys.Begin(KeyText())) return;
    services_.polls.At(std::chrono::steady_clock::now() + services_.policy.same_key_wait, [weak = weak_from_this()] {
      if (const auto self = weak.lock())
        self->Answer([] {
          http::Response response =
              ProblemResponse(ProblemCode::kRequestInProgress, "the same request is still being worked on");
          response.headers.Add("Retry-After", std::to_string(kRetryAfterSeconds));
          return response;
        });
    });
  }

  void Take(SubmissionResult result) {
    if (MayBeForeignId(write_, result)) {
      if (!answered_.exchange(true)) HandleRestWrite(services_, route_, call_, IdChoice::kFresh);
      return;
    }
    auto answered = std::make_shared<const SubmissionResult>(std::move(result));
    Answer([self = shared_from_this(), answered] {
      return RestAnswer(self->route_, *self->call_, self->write_, *answered);
    });
  }

  void Answer(std::function<http::Response()> make) {
    if (!answered_.exchange(true)) call_->AnswerLater(std::move(make));
  }

  Services& services_;
  const CommandRoute& route_;
  CallPtr call_;
  RestWrite write_;
  bool registered_ = false;
  std::atomic<bool> answered_{false};
};

}  // namespace

void HandleRestWrite(Services& services, const CommandRoute& route, const CallPtr& call, IdChoice choice) {
  auto read = ReadRestWrite(route, services, *call, choice);
  if (const auto* problem = std::get_if<Problem>(&read)) {
    call->Answer(ToResponse(*problem));
    return;
  }
  std::make_shared<RestExchange>(services, route, call, std::get<RestWrite>(std::move(read)))->Start();
}

}  // namespace outpost::server
