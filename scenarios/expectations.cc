// Stage: what must hold after a step.
#include "scenarios/stage.h"
#include "sim/fleet_checker.h"

namespace outpost::scenarios {
namespace {

DocumentKey KeyOf(std::string_view path) {
  const auto slash = path.find('/');
  return {CollectionName(std::string(path.substr(0, slash))),
          DocumentId(slash == std::string_view::npos ? std::string() : std::string(path.substr(slash + 1)))};
}

json::array ToArray(const std::vector<std::string>& texts) {
  json::array array;
  for (const std::string& text : texts) array.emplace_back(text);
  return array;
}

// A list of what must have been told, whatever else was.
std::string Untold(const json::value& wanted, const std::vector<std::string>& told) {
  for (const json::value& one : wanted.get_array()) {
    const std::string text(one.get_string());
    if (std::find(told.begin(), told.end(), text) == told.end()) {
      return "must have told \"" + text + "\", told " + ToJson(json::value(ToArray(told)));
    }
  }
  return {};
}

// One fact about a command, by its name in "then".
json::value FactOf(const engine::CommandRecord& command, std::string_view field) {
  if (field == "status") return json::value(engine::Name(command.status));
  if (field == "attempts") return json::value(command.attempts);
  if (field == "doubtful") return json::value(command.doubtful);
  if (field == "revision") return json::value(command.revision.value);
  if (field == "n") return json::value(command.n.value);
  const auto problem = ParseJson(command.problem);
  if (!problem.ok() || !problem.value().is_object()) return json::value();
  if (field == "problemIs") return problem.value();
  return json::value(StringOr(problem.value().get_object(), "code"));
}

bool IsAboutCommands(std::string_view field) {
  return field == "status" || field == "attempts" || field == "doubtful" || field == "problem" ||
         field == "problemIs" || field == "revision" || field == "n";
}

}  // namespace

Status Stage::Expect(const json::object& then) {
  for (const auto& member : then) {
    if (!member.value().is_object()) return WrongStory("what holds of " + std::string(member.key()) + " is an object");
    const json::object& expected = member.value().get_object();
    if (member.key() == "server") {
      OUTPOST_CHECK(ExpectServer(actors_.begin()->second.caller.workspace, expected));
      continue;
    }
    OUTPOST_TRY(Actor* const actor, FindNamed(member.key()));
    OUTPOST_CHECK(ExpectDevice(*actor, expected));
  }
  return {};
}

Status Stage::ExpectDevice(Actor& actor, const json::object& expected) {
  if (!actor.node->up()) return Broken(actor.name + " is off");
  for (const auto& member : expected) {
    const std::string field(member.key());
    if (field == "told" || field == "notTold") {
      const std::string what = Untold(member.value(), actor.told);
      if (field == "told" && !what.empty()) return Broken(actor.name + " " + what);
      if (field == "notTold" && what.empty()) return Broken(actor.name + " told " + ToJson(member.value()));
      continue;
    }
    OUTPOST_TRY(const json::value state, StateOf(actor, field, member.value()));
    const std::string what = Mismatch(member.value(), state, actor.name + "." + field);
    if (!what.empty()) return Broken(what);
  }
  return {};
}

Result<json::value> Stage::StateOf(Actor& actor, std::string_view field, const json::value& expected) {
  engine::Device& device = actor.node->device();
  const engine::SyncStatus status = device.status();
  if (field == "waiting") return json::value(status.waiting);
  if (field == "inFlight") return json::value(status.in_flight);
  if (field == "quarantined") return json::value(status.quarantined);
  if (field == "online") return json::value(status.online);
  if (field == "pushes") return json::value(static_cast<std::int64_t>(wire_.Count(actor.index, "push")));
  if (field == "pulls") return json::value(static_cast<std::int64_t>(wire_.Count(actor.index, "pull")));
  const bool documents = field == "shows" || field == "pending";
  if (!expected.is_object() || (!documents && !IsAboutCommands(field))) {
    return WrongStory("nothing is known of \"" + std::string(field) + "\"");
  }
  json::object state;
  for (const auto& member : expected.get_object()) {
    if (documents) {
      OUTPOST_TRY(const auto shown, device.Get(KeyOf(member.key())));
      if (!shown) continue;
      OUTPOST_TRY(json::value body, ParseJson(shown->body));
      state[member.key()] = field == "shows" ? std::move(body) : json::value(shown->pending);
      continue;
    }
    const std::string_view called = names_.Find(member.key());
    const CommandId id(std::string(called.empty() ? std::string_view(member.key()) : called));
    OUTPOST_TRY(const auto command, device.FindCommand(id));
    if (command) state[member.key()] = FactOf(*command, field);
  }
  return json::value(std::move(state));
}

Status Stage::ExpectServer(const WorkspaceId& workspace, const json::object& expected) {
  if (!server_->up()) return Broken("the server is down");
  OUTPOST_TRY(const auto documents, sim::FleetChecker::Documents(server_->store(), workspace));
  for (const auto& member : expected) {
    const auto found = documents.find(KeyOf(member.key()));
    const json::value actual = found == documents.end() ? json::value() : json::value(found->second);
    const std::string what = Mismatch(member.value(), actual, "the server's " + std::string(member.key()));
    if (!what.empty()) return Broken(what);
  }
  return {};
}

}  // namespace outpost::scenarios
