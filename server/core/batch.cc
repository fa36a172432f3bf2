#include "server/core/batch.h"

#include <algorithm>
#include <unordered_map>

#include "base/mutant.h"
#include "rules/foreseen.h"
#include "server/core/local_ids.h"

namespace outpost::server {
namespace {

AuthorRights RightsOf(std::vector<std::string> roles, const UserId& user) {
  // The rules take "no roles" as "roles not checked", which is the device's case and never a caller's.
  if (roles.empty()) roles.emplace_back("none");
  ReadRights read(roles, user);
  return {std::move(roles), std::move(read)};
}

bool HasRole(const std::vector<std::string>& roles, std::string_view role) {
  return std::find(roles.begin(), roles.end(), role) != roles.end();
}

}  // namespace

Batch::Batch(const Submission& submission, const BatchContext& context)
    : submission_(submission),
      context_(context),
      device_(submission.caller.device ? submission.caller.device : submission.request.device),
      bearer_(RightsOf(submission.caller.roles, submission.caller.user)) {
  if (device_ && submission.request.incarnation) incarnation_ = DeviceRef{*device_, *submission.request.incarnation};
  commands_.reserve(submission.request.commands.size());
  for (const Command& command : submission.request.commands) {
    const std::size_t at = commands_.size();
    by_id_.try_emplace(command.id, at);
    const bool known = at < submission.fingerprints.size();
    PreparedCommand& prepared = commands_.emplace_back(command, known ? &submission.fingerprints[at] : nullptr);
    prepared.key.author = command.author.value_or(submission.caller.user);
  }
}

void Batch::AddWishes(LoadSet& wishes) const {
  if (incarnation_) wishes.devices.push_back(*incarnation_);
  if (device_) wishes.sign_ins.push_back({*device_, submission_.caller.user});
  for (const PreparedCommand& prepared : commands_) {
    const Command& command = *prepared.command;
    wishes.keys.push_back(prepared.key);
    if (device_ && command.author) wishes.sign_ins.push_back({*device_, prepared.key.author});
    wishes.commands.push_back(command.id);
    wishes.commands.insert(wishes.commands.end(), command.depends_on.begin(), command.depends_on.end());
    if (const auto* after = std::get_if<AfterCommand>(&command.expected_version)) wishes.commands.push_back(after->id);
    if (command.replaces) wishes.commands.push_back(*command.replaces);
    for (auto& [key, access] : DeclaredDocuments(prepared)) {
      if (!IsLocalId(key.id.value)) wishes.documents.push_back(std::move(key));
    }
  }
}

void Batch::AddLikelyWishes(LoadSet& wishes) const {
  for (const PreparedCommand& prepared : commands_) {
    if (prepared.type == nullptr) continue;
    auto likely = rules::ForeseenBeyondDeclared(*prepared.type, prepared.command->id, prepared.payload(), context_.now);
    std::move(likely.begin(), likely.end(), std::back_inserter(wishes.documents));
  }
}

std::optional<Problem> Batch::CheckRequest() const {
  const Caller& caller = submission_.caller;
  const PushRequest& request = submission_.request;
  if (caller.device && request.device && *caller.device != *request.device) {
    return Problem{ProblemCode::kForbidden, "the token belongs to another device"};
  }
  if (request.commands.size() > kBatchCommandsMax) {
    return Problem{ProblemCode::kBatchTooLarge,
                   "a batch holds at most " + std::to_string(kBatchCommandsMax) + " commands"};
  }
  if (request.epoch && *request.epoch != context_.epoch && !OUTPOST_MUTANT("epoch-ignored")) {
    Problem problem{ProblemCode::kEpochChanged, "the server's store was replaced"};
    problem.extra["epoch"] = context_.epoch.value;
    return problem;
  }
  return std::nullopt;
}

// The same number under another command id: two stores number for one device.
Result<bool> Batch::IsCloned(WorkingSet& working) const {
  std::vector<CommandNumber> numbers;
  std::unordered_map<CommandNumber, CommandId> here;
  for (const PreparedCommand& prepared : commands_) {
    const Command& command = *prepared.command;
    if (!command.n) continue;
    numbers.push_back(*command.n);
    const auto [first, inserted] = here.try_emplace(*command.n, command.id);
    if (!inserted && first->second != command.id) return true;
  }
  OUTPOST_CHECK(working.LoadNumbers(*incarnation_, numbers));
  for (const PreparedCommand& prepared : commands_) {
    if (!prepared.command->n) continue;
    OUTPOST_TRY(const CommandId* const known, working.FindNumber(*incarnation_, *prepared.command->n));
    if (known != nullptr && *known != prepared.command->id) return !OUTPOST_MUTANT("clone-unnoticed");
  }
  return false;
}

Status Batch::FindRights(PreparedCommand& prepared, WorkingSet& working) {
  if (prepared.key.author == submission_.caller.user) {
    prepared.rights = &bearer_;
    return {};
  }
  if (!device_ || !HasRole(bearer_.roles, "terminal")) return {};
  const UserId& author = prepared.key.author;
  auto known = spoken_for_.find(author);
  if (known == spoken_for_.end()) {
    OUTPOST_TRY(auto roles, working.RolesSignedIn({*device_, author}));
    if (!roles) return {};
    known = spoken_for_.try_emplace(author, RightsOf(*std::move(roles), author)).first;
  }
  prepared.rights = &known->second;
  return {};
}

void Batch::AddNamedEdges() {
  std::map<std::pair<UserId, IdempotencyKey>, std::size_t> by_key;
  const auto add = [this](PreparedCommand& prepared, const CommandId& id, EdgeKind kind) {
    if (const auto found = by_id_.find(id); found != by_id_.end())
      prepared.node.predecessors.push_back({found->second, kind});
  };
  for (std::size_t i = 0; i < commands_.size(); ++i) {
    PreparedCommand& prepared = commands_[i];
    const Command& command = *prepared.command;
    for (const CommandId& id : command.depends_on) add(prepared, id, EdgeKind::kDepends);
    if (const auto* after = std::get_if<AfterCommand>(&command.expected_version))
      add(prepared, after->id, EdgeKind::kDepends);
    if (command.replaces) add(prepared, *command.replaces, EdgeKind::kFollows);
    if (const std::size_t first = by_id_.find(command.id)->second; first != i) {
      prepared.node.predecessors.push_back({first, EdgeKind::kFollows});
    }
    const auto [first, inserted] = by_key.try_emplace({prepared.key.author, command.key}, i);
    if (!inserted) prepared.node.predecessors.push_back({first->second, EdgeKind::kFollows});
  }
}

Result<SubmissionResult> Batch::Run(WorkingSet& working) {
  if (auto problem = CheckRequest()) return SubmissionResult(*std::move(problem));
  if (incarnation_) {
    OUTPOST_TRY(const bool cloned, IsCloned(working));
    if (cloned)
      return SubmissionResult(
          Problem{ProblemCode::kDeviceCloned, "another store numbers its commands for this device"});
    OUTPOST_TRY(const IncarnationRecord record, working.Incarnation(*incarnation_));
    highest_n_ = record.highest_n;
    keys_purged_below_ = record.keys_purged_below;
  }
  if (device_) working.NoteSignIn({{*device_, submission_.caller.user}, submission_.caller.roles});
  for (PreparedCommand& prepared : commands_) OUTPOST_CHECK(FindRights(prepared, working));
  AddNamedEdges();
  OUTPOST_CHECK(ResolveLocalIds(commands_, device_, working));
  std::vector<BatchNode> nodes;
  nodes.reserve(commands_.size());
  for (PreparedCommand& prepared : commands_) {
    prepared.node.accesses = DeclaredDocuments(prepared);
    nodes.push_back(std::move(prepared.node));
  }
  const std::vector<std::size_t> order = PlanBatch(nodes);
  for (std::size_t i = 0; i < nodes.size(); ++i) commands_[i].node = std::move(nodes[i]);
  for (const std::size_t i : order) OUTPOST_CHECK(Execute(commands_[i], working));
  PushResponse answer = Answer();
  if (incarnation_) {
    working.See({*incarnation_, highest_n_, last_remembered_, submission_.request.report});
    answer.highest_n = highest_n_;
  }
  return SubmissionResult(std::move(answer));
}

PushResponse Batch::Answer() {
  PushResponse answer;
  answer.epoch = context_.epoch;
  answer.results.reserve(commands_.size());
  for (PreparedCommand& prepared : commands_) {
    if (prepared.command->n) highest_n_ = std::max(highest_n_, *prepared.command->n);
    answer.results.push_back(std::move(prepared.result));
  }
  return answer;
}

SubmissionResult Batch::RetryAll(const Error& error) {
  if (auto problem = CheckRequest()) return *std::move(problem);
  for (PreparedCommand& prepared : commands_) Retry(prepared, {ProblemCode::kUnavailable, error.message});
  return Answer();
}

}  // namespace outpost::server
