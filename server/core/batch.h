// One submission inside a transaction: checks of the whole request, then every command in causal order through the
// protocol's checks (key, predecessors, authorisation, target, schema, version, state, rule).
//
// Two steps, so that a group's look-ups are made in few calls: the constructor works out what can be known without the
// store, AddWishes names the rows it will need, Run executes.
#pragma once

#include <map>
#include <memory>

#include "server/core/command_service.h"
#include "server/core/prepared_command.h"
#include "server/core/working_set.h"

namespace outpost::server {

struct BatchContext {
  const ServiceSettings& settings;
  const Epoch& epoch;
  Timestamp now;
};

class Batch {
 public:
  Batch(const Submission& submission, const BatchContext& context);
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  void AddWishes(LoadSet& wishes) const;
  // Besides, what its rules will most likely look up.
  void AddLikelyWishes(LoadSet& wishes) const;
  // The answer without its head cursor. An Error is the store's and ends the transaction.
  Result<SubmissionResult> Run(WorkingSet& working);
  // The answer when the store failed: every command may be sent again.
  SubmissionResult RetryAll(const Error& error);

 private:
  std::optional<Problem> CheckRequest() const;
  Result<bool> IsCloned(WorkingSet& working) const;
  Status FindRights(PreparedCommand& prepared, WorkingSet& working);
  void AddNamedEdges();
  PushResponse Answer();

  Status Execute(PreparedCommand& prepared, WorkingSet& working);
  // These return true when the command has its result.
  Result<bool> AnsweredByKey(PreparedCommand& prepared, WorkingSet& working);
  Result<bool> AnsweredAsUnknownKey(PreparedCommand& prepared, WorkingSet& working);
  Result<bool> HeldBack(PreparedCommand& prepared, WorkingSet& working);
  Result<bool> RefusedAsReplacement(PreparedCommand& prepared, WorkingSet& working);
  bool RefusedAsForce(PreparedCommand& prepared, const KeyRecord* stored);
  Result<std::optional<Version>> ExpectedVersionOf(PreparedCommand& prepared, WorkingSet& working);
  Status RunRule(PreparedCommand& prepared, const std::optional<Version>& expected, WorkingSet& working);
  void Succeed(PreparedCommand& prepared, rules::Executed&& executed, WorkingSet& working);
  Status Discard(PreparedCommand& prepared, WorkingSet& working);

  Status Replay(PreparedCommand& prepared, const KeyRecord& record, WorkingSet& working);
  void Refuse(PreparedCommand& prepared, Problem problem, WorkingSet& working);
  Status Burn(const CommandId& id, const UserId& by, WorkingSet& working);
  void Remember(PreparedCommand& prepared, KeyRecord&& record, WorkingSet& working);
  Outcome OutcomeOf(const PreparedCommand& prepared, KeyRecord&& record) const;
  Problem AlreadyApplied(const PreparedCommand& prepared, const CommandId& id, const CommandRecord& known,
                         const KeyRecord* stored) const;

  const Submission& submission_;
  const BatchContext& context_;
  std::optional<DeviceId> device_;  // the claim, or what the request says
  std::optional<DeviceRef> incarnation_;
  AuthorRights bearer_;
  std::map<UserId, AuthorRights> spoken_for_;  // other authors', on a shared terminal
  std::vector<PreparedCommand> commands_;
  std::unordered_map<CommandId, std::size_t> by_id_;  // the first of that id
  CommandNumber highest_n_;
  CommandNumber keys_purged_below_;
  std::optional<CommandId> last_remembered_;
};

}  // namespace outpost::server
