// What people did, kept outside of devices and server: every command a device accepted, with the intent behind it.
// Law 2 is checked against it (nothing here may be missing anywhere) and the naive model replays it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/device/device.h"

namespace outpost::sim {

struct AcceptedCommand {
  CommandId id;
  std::size_t device = 0;
  CommandNumber n;  // of acceptance; a new incarnation may number it afresh
  UserId author;
  IdempotencyKey key;
  std::string type;
  json::object payload;
  std::vector<CommandId> depends_on;
  // The documents it names, with how: what a failure or an order may reach it through.
  std::vector<std::pair<DocumentKey, rules::Access>> documents;
};

class Journal {
 public:
  void Add(AcceptedCommand command);
  const AcceptedCommand* Find(const CommandId& id) const;
  // With the documents that others made for what it names: cancelling an order touches its tickets.
  std::vector<std::pair<DocumentKey, rules::Access>> DocumentsOf(const AcceptedCommand& command) const;
  // In the order of acceptance.
  const std::vector<const AcceptedCommand*>& of_device(std::size_t device) const { return by_device_.at(device); }
  const std::map<CommandId, AcceptedCommand>& all() const { return commands_; }
  void Devices(std::size_t count) { by_device_.resize(count); }

 private:
  std::map<CommandId, AcceptedCommand> commands_;
  std::vector<std::vector<const AcceptedCommand*>> by_device_;
};

// The documents that a command's payload names and those it surely makes; what its rule meets besides is its own
// affair.
std::vector<std::pair<DocumentKey, rules::Access>> FootprintOf(const CommandId& id, std::string_view type,
                                                               const json::object& payload);

}  // namespace outpost::sim
