#include "scenarios/stage.h"

#include <algorithm>

#include "sim/fleet_checker.h"
#include "sim/world.h"

namespace outpost::scenarios {
namespace {

constexpr Timestamp kStart{1'795'200'000'000};  // as in the simulator
constexpr std::size_t kTraceLines = 400;
constexpr std::size_t kActorsMax = 16;

std::vector<std::string> Texts(const json::object& object, std::string_view field) {
  std::vector<std::string> texts;
  const json::value* list = Find(object, field);
  if (list == nullptr || !list->is_array()) return texts;
  for (const json::value& value : list->get_array()) texts.emplace_back(value.get_string());
  return texts;
}

}  // namespace

const json::object* ObjectAt(const json::object& step, std::string_view field) {
  const json::value* value = Find(step, field);
  return value == nullptr ? nullptr : value->if_object();
}

Stage::Stage(std::uint64_t seed, sim::ServerNode::OpenStore open_store)
    : seed_(seed),
      environment_(kStart, sim::Trace(kTraceLines)),
      truth_(environment_),
      server_(std::make_unique<sim::ServerNode>(environment_, truth_, sim::FaultPlan{}, seed, std::move(open_store))),
      wire_(environment_) {}

Stage::~Stage() = default;

const std::map<std::string_view, Stage::Verb>& Stage::Verbs() {
  static const std::map<std::string_view, Verb> verbs = {
      {"execute", &Stage::Execute},
      {"restart", &Stage::RestartDevice},
      {"line", &Stage::SetLine},
      {"signIn", &Stage::SignIn},
      {"syncNow", &Stage::SyncNow},
      {"subscribe", &Stage::Subscribe},
      {"clock", &Stage::SetClock},
      {"backUp", &Stage::BackUpDevice},
      {"putBack", &Stage::RestoreDevice},
      {"clone", &Stage::CloneDevice},
      {"decide", &Stage::Decide},
      {"deliver", &Stage::Deliver},
      {"loseRequest", &Stage::LoseRequest},
      {"loseAnswer", &Stage::LoseAnswer},
      {"arrivesLate", &Stage::ArriveLate},
      {"answer", &Stage::Answer},
      {"settle", &Stage::Settle},
      {"wait", &Stage::Wait},
      {"server", &Stage::ServerDoes},
      {"roles", &Stage::SetRoles},
      {"stop", &Stage::StopProcess},
      {"push", &Stage::Push},
      {"pull", &Stage::Pull},
  };
  return verbs;
}

Status Stage::AddActor(const std::string& name, const json::object& about) {
  const std::size_t index = actors_.size();
  Actor& actor = actors_[name];
  actor.name = name;
  actor.index = index;
  sim::DeviceNodeSettings settings;
  settings.index = index;
  settings.workspace = WorkspaceId(std::string(StringOr(about, "workspace", "cafe")));
  settings.user = UserId(std::string(StringOr(about, "user", "ada")));
  for (std::string& collection : Texts(about, "collections")) settings.collections.emplace_back(std::move(collection));
  settings.page_limit = static_cast<int>(IntegerOr(about, "page", 200));
  settings.batch_commands_max = static_cast<int>(IntegerOr(about, "batch", 100));
  settings.backoff_jitter = 0;
  actor.caller = {settings.workspace, settings.user, Texts(about, "roles"), std::nullopt,
                  kStart + Milliseconds(1LL << 40)};
  if (actor.caller.roles.empty()) actor.caller.roles = {"staff"};
  settings.alone = outpost::Find(about, "shared") == nullptr;
  OUTPOST_TRY(sim::DeviceNode* const first, SharedWith(about));
  if (first != nullptr) {
    settings.alone = false;
    actor.node = std::make_unique<sim::DeviceNode>(*first, std::move(settings));
  } else {
    actor.node = std::make_unique<sim::DeviceNode>(environment_, wire_, journal_, truth_, seed_, std::move(settings));
  }
  actor.node->Listen([&actor](const engine::Notice& notice) { actor.told.emplace_back(engine::Name(notice.kind)); });
  return {};
}

Result<sim::DeviceNode*> Stage::SharedWith(const json::object& about) {
  const std::string name(StringOr(about, "besides"));
  if (name.empty()) return nullptr;
  OUTPOST_TRY(Actor* const first, FindNamed(name));
  if (first->node == nullptr || first->node->settings().alone) return WrongStory(name + " is not \"shared\"");
  return first->node.get();
}

Status Stage::Begin(const json::object& head) {
  const json::object* devices = ObjectAt(head, "devices");
  if (devices == nullptr) return WrongStory("the head names its devices");
  open_end_ = StringOr(head, "ends") == "open";
  journal_.Devices(kActorsMax);
  if (!server_->Start()) return Broken("the server does not start");
  for (const auto& member : *devices) {
    if (!member.value().is_object()) return WrongStory("a device is an object");
    OUTPOST_CHECK(AddActor(std::string(member.key()), member.value().get_object()));
  }
  for (auto& [name, actor] : actors_) actor.node->Start();
  return CheckLaws();
}

Status Stage::Play(const Step& step) {
  for (auto& [name, actor] : actors_) actor.told.clear();
  const json::object what = names_.Fill(json::value(step.what)).get_object();
  for (const auto& [word, verb] : Verbs()) {
    if (!what.contains(word)) continue;
    OUTPOST_CHECK((this->*verb)(what));
    // What follows at once.
    while (environment_.scheduler.RunDue()) {
    }
    OUTPOST_CHECK(CheckLaws());
    // Names that the step gave are filled in only now.
    const json::object* then = ObjectAt(step.what, "then");
    return then == nullptr ? Status() : Expect(names_.Fill(json::value(*then)).get_object());
  }
  return WrongStory("no step is called so: " + ToJson(step.what));
}

Result<sim::CrashVfs*> Stage::DiskOf(std::string_view name) {
  if (name == "server") return &server_->disk();
  OUTPOST_TRY(Actor* const actor, FindNamed(name));
  return &actor->node->disk();
}

// Whoever is off is switched on again.
Status Stage::ComeBack() {
  if (!server_->up() && !server_->Start()) return Broken("the server does not start");
  for (auto& [name, actor] : actors_) {
    if (actor.node->up()) continue;
    wire_.Forget(actor.index);
    actor.node->Start();
    if (!actor.node->up()) return Broken(name + " does not open again");
  }
  return CheckLaws();
}

Result<bool> Stage::PlayWithCrash(const Step& step, std::uint64_t operation) {
  OUTPOST_TRY(sim::CrashVfs* const disk, DiskOf(StringOr(step.what, "crashEverywhere")));
  const std::uint64_t crashes = disk->counters().crashes;
  disk->CrashAtOperation(operation);
  Step without = step;
  without.what.erase("then");
  const auto played = Play(without);  // what it says is said by somebody whose power went
  const bool crashed = disk->counters().crashes != crashes || disk->down();
  disk->CrashAtOperation(0);
  if (!crashed && !played.ok()) return played.error();
  if (environment_.failed()) return Broken(environment_.broken.front());
  OUTPOST_CHECK(ComeBack());
  return crashed;
}

Status Stage::CheckLaws() {
  for (auto& [name, actor] : actors_) {
    if (environment_.failed() || !actor.node->up()) continue;
    const auto overlays = actor.node->device().CheckOverlays();
    if (!overlays.ok()) return Broken(name + ": overlays: " + overlays.error().message);
    actor.node->checker().AfterStep(actor.node->device());
  }
  return environment_.failed() ? Status(Broken(environment_.broken.front())) : Status();
}

Status Stage::End() {
  if (open_end_) return {};
  std::vector<Actor*> all;
  std::vector<sim::DeviceNode*> nodes;
  for (auto& [name, actor] : actors_) {
    actor.line_up = true;
    wire_.SetLine(actor.index, true);
    all.push_back(&actor);
    nodes.push_back(actor.node.get());
  }
  OUTPOST_CHECK(SettleAll(all));
  if (foreign_) return {};
  sim::FleetChecker(environment_, journal_, truth_).AtTheEnd(server_->store(), nodes);
  return environment_.failed() ? Status(Broken("at the end: " + environment_.broken.front())) : Status();
}

Result<Actor*> Stage::FindNamed(std::string_view name) {
  const auto found = actors_.find(name);
  if (found == actors_.end()) return WrongStory("there is no device " + std::string(name));
  return &found->second;
}

Result<Actor*> Stage::Find(const json::object& step, std::string_view field) {
  return FindNamed(StringOr(step, field));
}

}  // namespace outpost::scenarios
