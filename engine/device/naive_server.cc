#include "engine/device/naive_server.h"

namespace outpost::engine {
namespace {

HttpResponse Json(int status, const char* type, std::string body) {
  HttpResponse response;
  response.status = status;
  response.content_type = type;
  response.body = std::move(body);
  return response;
}

HttpResponse Refuse(ProblemCode code, const Epoch& epoch = Epoch()) {
  Problem problem;
  problem.code = code;
  if (!epoch.value.empty()) problem.extra["epoch"] = epoch.value;
  return Json(HttpStatus(code), "application/problem+json", ToJson(ToProblemDocument(problem)));
}

CommandResult Refusal(ProblemCode code) {
  CommandResult result;
  result.status = code == ProblemCode::kDependencyFailed ? WireStatus::kBlocked : WireStatus::kFailed;
  result.http_status = HttpStatus(code);
  result.problem = Problem{code, "refused", {}, {}};
  return result;
}

}  // namespace

HttpResponse NaiveServer::Handle(const HttpRequest& request) {
  return request.method == "POST" ? Push(request.body) : Pull(request.target);
}

Status NaiveServer::Load(std::span<const DocumentKey> keys, std::vector<const rules::StoredDocument*>& found) {
  for (const DocumentKey& key : keys) {
    const auto document = documents_.find(key);
    found.push_back(document == documents_.end() ? &absent_ : &document->second);
  }
  return {};
}

CommandResult NaiveServer::Apply(const std::string& type, json::object payload, const std::string& id) {
  Command command;
  command.id = CommandId(id);
  command.key = IdempotencyKey(id);
  command.type = type;
  command.payload = std::move(payload);
  return Take(command);
}

void NaiveServer::Set(const DocumentKey& key, const std::string& field, json::value value) {
  rules::StoredDocument& stored = documents_.at(key);
  if (field == "station") stations_left_[key] = std::string(StringOr(stored.body, "station"));
  ++stored.version.value;
  stored.body["version"] = stored.version.value;
  stored.body[field] = std::move(value);
  seqs_[key] = ++head_;
}

void NaiveServer::Remove(const DocumentKey& key) {
  rules::StoredDocument& stored = documents_.at(key);
  ++stored.version.value;
  stored.holding = rules::Holding::kAbsent;
  stored.body.clear();
  seqs_[key] = ++head_;
}

std::string NaiveServer::Document(const DocumentKey& key) const {
  const auto document = documents_.find(key);
  return document == documents_.end() ? "" : ToJson(document->second.body);
}

HttpResponse NaiveServer::Push(const std::string& body) {
  auto parsed = PushRequestFromText(body);
  if (std::holds_alternative<Problem>(parsed)) return Refuse(std::get<Problem>(parsed).code);
  const auto& request = std::get<PushRequest>(parsed);
  if (request.epoch && *request.epoch != epoch_) return Refuse(ProblemCode::kEpochChanged, epoch_);
  PushResponse response;
  response.epoch = epoch_;
  std::int64_t& highest = highest_n_[request.incarnation ? request.incarnation->value : ""];
  for (const Command& command : request.commands) {
    response.results.push_back(Take(command));
    highest = std::max(highest, command.n ? command.n->value : 0);
  }
  response.highest_n = CommandNumber(highest);
  return Json(200, "application/json", ToJson(response));
}

CommandResult NaiveServer::Take(const Command& command) {
  const auto name = ParseTypeName(command.type);
  OUTPOST_ASSERT(name.ok());
  const std::string key = name.value().family + "/" + command.key.value;
  const std::string fingerprint = ToHex(FingerprintOf(name.value().family, command.payload));
  const auto known = outcomes_.find(key);
  const auto answer = [&](CommandResult result) {
    result.id = command.id;
    result.fingerprint = fingerprint;
    return result;
  };
  if (burnt_.count(command.id) != 0) return answer(Refusal(ProblemCode::kIdempotencyKeyExpired));
  if (known != outcomes_.end()) {
    CommandResult replay = known->second.result;
    const bool applied = replay.status == WireStatus::kSucceeded;
    replay.replayed = true;
    replay.changes.clear();
    if (applied || command.revision.value <= known->second.revision) return replay;
  }
  if (auto held = HeldBack(command)) return answer(*std::move(held));
  CommandResult result = answer(name.value().family == "COMMAND_DISCARD" ? Discard(command) : Run(command));
  if (result.seq) log_.push_back({command.id, *result.seq, result.fingerprint});
  if (result.status == WireStatus::kSucceeded) {
    by_command_[command.id] = result;
    if (command.replaces) burnt_.insert(*command.replaces);
  }
  outcomes_[key] = {result, command.revision.value};
  return result;
}

std::optional<CommandResult> NaiveServer::HeldBack(const Command& command) const {
  std::vector<CommandId> named = command.depends_on;
  if (const auto* after = std::get_if<AfterCommand>(&command.expected_version)) named.push_back(after->id);
  for (const CommandId& id : named) {
    if (by_command_.count(id) == 0) return Refusal(ProblemCode::kDependencyFailed);
  }
  if (command.replaces && by_command_.count(*command.replaces) != 0) return Refusal(ProblemCode::kAlreadyApplied);
  return std::nullopt;
}

CommandResult NaiveServer::Discard(const Command& command) {
  const CommandId id(std::string(StringOr(command.payload, "id")));
  const auto applied = by_command_.find(id);
  if (applied != by_command_.end()) {
    CommandResult refused = Refusal(ProblemCode::kAlreadyApplied);
    refused.problem->extra["outcome"] = json::object{{"seq", applied->second.seq->value}};
    return refused;
  }
  burnt_.insert(id);
  CommandResult result;
  result.status = WireStatus::kSucceeded;
  result.http_status = 200;
  return result;
}

CommandResult NaiveServer::Run(const Command& command) {
  CommandResult result;
  rules::ExecutionRequest request;
  const TypeName name = ParseTypeName(command.type).value();
  request.type = rules::FindType(name.family, name.version);
  OUTPOST_ASSERT(request.type != nullptr);
  request.context = {command.id, command.author.value_or(UserId("somebody")), Timestamp{1760000000000}, "EUR", false};
  request.payload = &command.payload;
  if (const auto* version = std::get_if<Version>(&command.expected_version)) request.expected_version = *version;
  auto execution = rules::Execute(request, *this);
  OUTPOST_ASSERT(execution.ok());
  if (const auto* refused = std::get_if<rules::Refused>(&execution.value().outcome)) {
    result.status = IsConflict(refused->problem.code) ? WireStatus::kConflict : WireStatus::kFailed;
    result.http_status = HttpStatus(refused->problem.code);
    result.problem = refused->problem;
    return result;
  }
  const auto& executed = std::get<rules::Executed>(execution.value().outcome);
  result.status = WireStatus::kSucceeded;
  result.http_status = executed.http_status;
  result.body = ToJson(executed.resource_body());
  Store(executed, result);
  return result;
}

void NaiveServer::Store(const rules::Executed& executed, CommandResult& result) {
  if (executed.documents.empty()) return;
  result.seq = Sequence(++head_);
  for (const rules::NewDocument& document : executed.documents) {
    rules::StoredDocument& stored = documents_[document.key];
    stored.holding = rules::Holding::kFound;
    stored.version = document.version;
    stored.body = document.body;
    if (document.key.collection.value.front() == '_') continue;
    seqs_[document.key] = head_;
    result.changes.push_back({*result.seq, document.key, document.version, ToJson(document.body), ""});
  }
}

}  // namespace outpost::engine
