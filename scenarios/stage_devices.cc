// Stage: what devices and people do.
#include "scenarios/stage.h"

namespace outpost::scenarios {
namespace {

std::string_view NameOf(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return "invalid";
    case ErrorCode::kNotFound:
      return "not found";
    case ErrorCode::kAlreadyExists:
      return "already exists";
    case ErrorCode::kCorrupt:
      return "corrupt";
    case ErrorCode::kIo:
      return "io";
    case ErrorCode::kFull:
      return "full";
    case ErrorCode::kBusy:
      return "busy";
    case ErrorCode::kRefused:
      return "refused";
    case ErrorCode::kUnavailable:
      return "unavailable";
  }
  return "?";
}

ExpectedVersion ExpectedOf(const json::object& step) {
  const json::value* expected = Find(step, "expected");
  if (expected == nullptr) return std::monostate{};
  if (expected->is_string()) return AfterCommand{CommandId(std::string(expected->get_string()))};
  return Version(AsInteger(*expected));
}

// "refused" names the error that the step wants.
template <class T>
Status AsWanted(const json::object& step, const Result<T>& result) {
  const std::string wanted(StringOr(step, "refused"));
  if (result.ok() && wanted.empty()) return {};
  if (result.ok()) return Broken("was accepted, wanted: " + wanted);
  const std::string got(NameOf(result.error().code));
  if (got == wanted) return {};
  return Broken("says \"" + got + "\" (" + result.error().message + ")" +
                (wanted.empty() ? "" : ", wanted: " + wanted));
}

}  // namespace

Status Stage::Execute(const json::object& step) {
  OUTPOST_TRY(Actor* const actor, Find(step, "on"));
  engine::Intent intent;
  intent.type = StringOr(step, "execute");
  if (const json::object* payload = ObjectAt(step, "payload")) intent.payload = *payload;
  if (const auto key = StringOr(step, "key"); !key.empty()) intent.key = IdempotencyKey(std::string(key));
  if (const auto author = StringOr(step, "author"); !author.empty()) intent.author = UserId(std::string(author));
  intent.expected_version = ExpectedOf(step);
  if (const json::value* causes = outpost::Find(step, "dependsOn")) {
    for (const json::value& cause : causes->get_array())
      intent.depends_on.emplace_back(std::string(cause.get_string()));
  }
  if (step.contains("queueAnyway")) intent.local_refusal = engine::LocalRefusal::kQueueAnyway;
  const auto accepted = actor->node->Do(intent);
  const std::string name(StringOr(step, "as"));
  if (accepted.ok() && !name.empty()) names_.Add(name, accepted.value().id.value);
  return AsWanted(step, accepted);
}

// The power goes and comes back at once.
Status Stage::RestartDevice(const json::object& step) {
  OUTPOST_TRY(Actor* const actor, Find(step, "restart"));
  wire_.Forget(actor->index);
  actor->node->PowerCut();
  actor->node->Start();
  return actor->node->up() ? Status() : Status(Broken(actor->name + " does not open again"));
}

Status Stage::SetLine(const json::object& step) {
  OUTPOST_TRY(Actor* const actor, Find(step, "line"));
  const json::value* up = outpost::Find(step, "up");
  if (up == nullptr || !up->is_bool()) return WrongStory("a line is up or not");
  actor->line_up = up->get_bool();
  wire_.SetLine(actor->index, actor->line_up);
  actor->node->Tell(engine::NetworkChanged{actor->line_up});
  return {};
}

Status Stage::SignIn(const json::object& step) {
  OUTPOST_TRY(Actor* const actor, Find(step, "signIn"));
  actor->node->SignedIn();
  return {};
}

Status Stage::SyncNow(const json::object& step) {
  OUTPOST_TRY(Actor* const actor, Find(step, "syncNow"));
  actor->node->Tell(engine::SyncNow{});
  return {};
}

// "collections", a "scope" and the "scoped" collections that it narrows.
Status Stage::Subscribe(const json::object& step) {
  OUTPOST_TRY(Actor* const actor, Find(step, "subscribe"));
  engine::Subscription subscription;
  for (const auto& [field, names] :
       {std::pair("collections", &subscription.collections), std::pair("scoped", &subscription.scoped)}) {
    const json::value* list = outpost::Find(step, field);
    if (list == nullptr || !list->is_array()) continue;
    for (const json::value& name : list->get_array()) names->emplace_back(std::string(name.get_string()));
  }
  subscription.scope = StringOr(step, "scope");
  OUTPOST_CHECK(actor->node->device().Subscribe(std::move(subscription), environment_.scheduler.now()));
  actor->node->Tell(engine::SyncNow{});
  return {};
}

Status Stage::SetClock(const json::object& step) {
  OUTPOST_TRY(Actor* const actor, Find(step, "clock"));
  actor->node->SetClock(IntegerOr(step, "ms", 0));
  return {};
}

// As SIGSTOP does, for so long.
Status Stage::StopProcess(const json::object& step) {
  OUTPOST_TRY(Actor* const actor, Find(step, "stop"));
  actor->node->Pause(IntegerOr(step, "ms", 0));
  return {};
}

Status Stage::BackUpDevice(const json::object& step) {
  OUTPOST_TRY(Actor* const actor, Find(step, "backUp"));
  images_[std::string(StringOr(step, "as"))] = actor->node->disk().Contents();
  return {};
}

// The device's files are those of the backup again; without one they are gone.
Status Stage::RestoreDevice(const json::object& step) {
  OUTPOST_TRY(Actor* const actor, Find(step, "putBack"));
  wire_.Forget(actor->index);
  const std::string from(StringOr(step, "from"));
  if (!from.empty() && !images_.contains(from)) return WrongStory("there is no backup " + from);
  actor->node->PutBack(from.empty() ? sim::CrashVfs::Image{} : images_.at(from));
  return actor->node->up() ? Status() : Status(Broken(actor->name + " does not open again"));
}

// Somebody copies the device's files to another one, which from now on is the same device twice.
Status Stage::CloneDevice(const json::object& step) {
  OUTPOST_TRY(Actor* const original, Find(step, "clone"));
  OUTPOST_TRY(Actor* const copy, Find(step, "to"));
  wire_.Forget(copy->index);
  copy->node->PutBack(original->node->disk().Contents());
  return copy->node->up() ? Status() : Status(Broken(copy->name + " does not open"));
}

// What a person decides about a command.
Status Stage::Decide(const json::object& step) {
  OUTPOST_TRY(Actor* const actor, Find(step, "on"));
  const std::string what(StringOr(step, "decide"));
  const CommandId id{std::string(StringOr(step, "command"))};
  std::optional<engine::Accepted> edited;
  engine::Intent intent;
  const auto decided = actor->node->Decide(what + " " + id.value, [&](engine::Device& device, Timestamp now) -> Status {
    if (what == "retry") return device.Retry(id, now);
    if (what == "latest") return device.RetryWithLatest(id, now);
    if (what == "force") return device.Force(id, now);
    if (what == "retry all") {
      const auto all = device.RetryAll(now);
      return all.ok() ? Status() : Status(all.error());
    }
    if (what == "discard") {
      const auto fallen = device.Discard(id, now);
      return fallen.ok() ? Status() : Status(fallen.error());
    }
    if (what != "edit") return WrongStory("nobody decides to " + what);
    intent.type = StringOr(step, "type");
    if (const json::object* payload = ObjectAt(step, "payload")) intent.payload = *payload;
    intent.expected_version = ExpectedOf(step);
    OUTPOST_TRY(edited, device.Edit(id, intent, now));
    return {};
  });
  if (edited) {
    const auto row = actor->node->device().FindCommand(edited->id);
    if (row.ok() && row.value()) intent.type = row.value()->type;
    actor->node->checker().Accepted(intent, actor->caller.user, *edited);
    if (const std::string name(StringOr(step, "as")); !name.empty()) names_.Add(name, edited->id.value);
  }
  return AsWanted(step, decided);
}

}  // namespace outpost::scenarios
