// The stage a story is played on: the product's own devices and server core in virtual time, no socket, every exchange
// in the story's hands. After each step the laws are checked, and what the story says must hold.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "scenarios/manual_wire.h"
#include "scenarios/names.h"
#include "scenarios/story.h"
#include "sim/device_node.h"
#include "sim/journal.h"
#include "sim/server_node.h"
#include "sim/truth.h"
#include "sim/world.h"

namespace outpost::scenarios {

// Somebody who takes part.
struct Actor {
  std::string name;
  std::size_t index = 0;
  server::Caller caller;
  std::unique_ptr<sim::DeviceNode> node;
  bool line_up = true;
  std::vector<std::string> told;  // notices since the last step began
};

class Stage {
 public:
  // The seed decides what survives of unsynced writes when the power goes, and nothing a story should mind.
  explicit Stage(std::uint64_t seed = 1, sim::ServerNode::OpenStore open_store = sim::OpenSqliteStore);
  ~Stage();

  // kInvalidArgument: the story is wrong. kRefused: the product is.
  Status Begin(const json::object& head);
  Status Play(const Step& step);
  // The power goes at the k-th file operation of that step, on the device or server that its "crashEverywhere" names;
  // then it comes back, and the laws hold. False: the step was over before.
  Result<bool> PlayWithCrash(const Step& step, std::uint64_t operation);
  // Everything left is settled and the whole fleet is checked, unless the head says "ends": "open".
  Status End();

  const sim::Counters& counters() const { return environment_.counters; }
  std::string digest() const { return wire_.digest(); }

 private:
  using Verb = Status (Stage::*)(const json::object&);
  static const std::map<std::string_view, Verb>& Verbs();

  // What devices and people do (stage_devices.cc).
  Status Execute(const json::object& step);
  Status RestartDevice(const json::object& step);
  Status SetLine(const json::object& step);
  Status SignIn(const json::object& step);
  Status SyncNow(const json::object& step);
  Status Subscribe(const json::object& step);
  Status SetClock(const json::object& step);
  Status StopProcess(const json::object& step);
  Status BackUpDevice(const json::object& step);
  Status RestoreDevice(const json::object& step);
  Status CloneDevice(const json::object& step);
  Status Decide(const json::object& step);

  // What happens on the wire and to the server (stage_wire.cc).
  Status Deliver(const json::object& step);
  Status LoseRequest(const json::object& step);
  Status LoseAnswer(const json::object& step);
  Status ArriveLate(const json::object& step);
  Status Answer(const json::object& step);
  Status Settle(const json::object& step);
  Status Wait(const json::object& step);
  Status ServerDoes(const json::object& step);
  Status SetRoles(const json::object& step);
  Status Push(const json::object& step);
  Status Pull(const json::object& step);

  // What must hold (expectations.cc).
  Status Expect(const json::object& then);
  Status ExpectDevice(Actor& actor, const json::object& expected);
  Status ExpectServer(const WorkspaceId& workspace, const json::object& expected);
  Result<json::value> StateOf(Actor& actor, std::string_view field, const json::value& expected);
  Status CheckLaws();

  Result<Actor*> Find(const json::object& step, std::string_view field);
  Result<Actor*> FindNamed(std::string_view name);
  Result<sim::CrashVfs*> DiskOf(std::string_view name);
  Status ComeBack();
  Status AddActor(const std::string& name, const json::object& about);
  // The device whose store this one shares; null: none.
  Result<sim::DeviceNode*> SharedWith(const json::object& about);
  // The server's answer to it; a server that is down gives none.
  std::optional<engine::HttpResponse> AskServer(const server::Caller& caller, const engine::HttpRequest& request);
  void Deliver(Actor& actor, const WaitingRequestPtr& waiting);
  // The next request of that device, waiting for it in virtual time.
  Result<WaitingRequestPtr> NextRequest(Actor& actor, std::string_view what);
  Result<engine::HttpOutcome> MakeAnswer(const json::object& step, const engine::HttpRequest& request);
  void BelieveAnswer(const json::object& step, const engine::HttpRequest& request);
  bool IsQuiet(const std::vector<std::pair<Actor*, std::uint64_t>>& actors) const;
  Status SettleAll(const std::vector<Actor*>& actors);

  std::uint64_t seed_;
  sim::Environment environment_;
  sim::Journal journal_;
  sim::Truth truth_;
  std::unique_ptr<sim::ServerNode> server_;
  ManualWire wire_;
  Names names_;
  std::map<std::string, Actor, std::less<>> actors_;
  std::map<std::string, engine::HttpRequest> late_;
  std::map<std::string, sim::CrashVfs::Image> images_;
  std::map<std::string, std::uint64_t> moments_;  // of the server's images, in its life
  bool open_end_ = false;
  bool foreign_ = false;  // commands came that no device here gave
};

// "name is wrong": the story's own mistake.
inline Error WrongStory(std::string what) { return {ErrorCode::kInvalidArgument, "the story: " + std::move(what)}; }
inline Error Broken(std::string what) { return {ErrorCode::kRefused, std::move(what)}; }
const json::object* ObjectAt(const json::object& step, std::string_view field);

}  // namespace outpost::scenarios
