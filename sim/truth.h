// What the server said, kept outside of it: every answer as it left the server, lost on the way or not. The checkers
// hold devices and server against this. Law 3 is checked as answers come: a command has one sequence, ever, and a
// settled answer never changes.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "protocol/push.h"
#include "server/core/command_service.h"
#include "sim/environment.h"
#include "sim/stock_oracle.h"

namespace outpost::sim {

// What is known of one command by its answers.
struct Known {
  bool succeeded = false;
  std::optional<Sequence> seq;  // of the effect; none for a no-op
  std::map<Revision, WireStatus> refused;
  std::set<WireStatus> said;  // every refusal, also in an earlier life of the server's store
  bool succeeded_in_an_earlier_life = false;
  bool forbidden = false;    // was refused for want of rights at least once: nothing is stored of that
  bool blocked = false;      // was answered BLOCKED at least once
  std::uint64_t moment = 0;  // of the last word that counts
};

class Truth {
 public:
  explicit Truth(Environment& environment) : environment_(environment) {}

  // An answer left the server, whether or not it will arrive.
  void Answered(const server::Caller& caller, const PushRequest& request, const PushResponse& response);

  // Something else answered in the server's name, and is to be believed: a story does.
  void Told(const CommandId& id, Revision revision, WireStatus status);

  // A page left the server: its `own` tells the device of effects whose answer may never have come.
  void Listed(const std::vector<OwnCommand>& own);
  // A moment in the server's life, and the server's store put back to what it was then: what was said since is void.
  std::uint64_t moment() const { return moment_; }
  void PutBack(std::uint64_t moment);
  bool was_put_back() const { return put_back_; }
  // Documents left the server, in a page.
  void Shown(const WorkspaceId& workspace, const std::vector<Change>& changes) { stock_.Add(workspace, changes); }
  const StockHistory& stock() const { return stock_; }

  // Null: never answered for good.
  const Known* Find(const CommandId& id) const;
  // Whether the server ever gave this command that status.
  bool WasAnswered(const CommandId& id, WireStatus status) const;
  const std::map<CommandId, Known>& all() const { return commands_; }

 private:
  void Result(const Command& command, const CommandResult& result);
  void Refused(const Command& command, const CommandResult& result, Known& known);
  void ToldApplied(const Command& late, const Problem& problem);
  void Succeeded(const CommandId& id, std::optional<Sequence> seq, Known& known);

  Environment& environment_;
  std::uint64_t moment_ = 1;
  bool put_back_ = false;
  std::set<CommandId> burnt_;
  std::map<CommandId, Known> commands_;
  StockHistory stock_;
};

}  // namespace outpost::sim
