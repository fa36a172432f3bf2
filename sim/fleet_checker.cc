#include "sim/fleet_checker.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "sim/declared.h"
#include "sim/naive_model.h"

namespace outpost::sim {
namespace {

engine::Device& Flusher(const Machine& machine) {
  const auto found = std::find_if(machine.processes.begin(), machine.processes.end(),
                                  [](DeviceNode* process) { return process->device().status().flushing; });
  return (found == machine.processes.end() ? machine.processes.front() : *found)->device();
}

// Given up by people, also what the server applied all the same.
std::set<CommandId> DiscardedIn(const std::vector<engine::CommandRecord>& records) {
  std::set<CommandId> discarded;
  for (const engine::CommandRecord& record : records) {
    if (record.type != engine::kDiscardType) continue;
    const auto payload = ParseJson(record.payload);
    if (payload.ok()) discarded.emplace(std::string(StringOr(payload.value().get_object(), "id")));
  }
  return discarded;
}

}  // namespace

void FleetChecker::AtTheEnd(server::Store& store, const std::vector<DeviceNode*>& devices) {
  std::set<WorkspaceId> workspaces;
  for (const DeviceNode* device : devices) workspaces.insert(device->settings().workspace);
  for (const WorkspaceId& workspace : workspaces) {
    std::vector<DeviceNode*> members;
    std::copy_if(devices.begin(), devices.end(), std::back_inserter(members), [&](const DeviceNode* device) {
      return device->is_first() && device->settings().workspace == workspace;
    });
    CheckWorkspace(store, workspace, members);
  }
}

void FleetChecker::CheckWorkspace(server::Store& store, const WorkspaceId& workspace,
                                  const std::vector<DeviceNode*>& devices) {
  for (DeviceNode* device : devices) gone_.insert(device->checker().gone().begin(), device->checker().gone().end());
  const auto applied = CheckSequence(store, workspace, devices);
  const auto documents = Documents(store, workspace);
  if (!applied.ok()) return Fail(applied.error().message);
  if (!documents.ok()) return Fail(documents.error().message);
  CheckAnswers(applied.value(), devices);
  for (DeviceNode* device : devices) CheckCauses(applied.value(), *device);
  CheckModel(applied.value(), documents.value());
  for (DeviceNode* device : devices) {
    device->checker().AtTheEnd(Flusher(device->machine()));
    for (DeviceNode* process : device->machine().processes) {
      if (std::string what = Difference(documents.value(), *process); !what.empty()) Fail(process->name() + " " + what);
    }
  }
}

Result<FleetChecker::Applied> FleetChecker::CheckSequence(server::Store& store, const WorkspaceId& workspace,
                                                          const std::vector<DeviceNode*>& devices) {
  OUTPOST_TRY(auto read, store.BeginRead());
  OUTPOST_TRY(const server::WorkspaceHead head, read->Head(workspace));
  Applied applied;
  // A clone goes by the identity of its original: what waited in a copied store was given by the original's people.
  std::map<DeviceId, std::set<std::size_t>> owners;
  for (const DeviceNode* device : devices) {
    for (DeviceNode* process : device->machine().processes) {
      for (const auto& identity : process->identities()) owners[identity.first].insert(device->machine().index);
    }
  }
  for (const auto& [id, members] : owners) {
    OUTPOST_TRY(const auto own, read->OwnCommands(workspace, id, Sequence(0), head.head));
    for (const OwnCommand& command : own) {
      const auto [at, first] = applied.emplace(command.seq, command.id);
      const AcceptedCommand* known = journal_.Find(command.id);
      // A replay of another device's command under the same key lies at that command's sequence.
      if (!first && at->second != command.id) {
        shared_.insert(command.seq);
        if (known == nullptr || !IsReplay(applied, *known, command.seq)) {
          Fail("sequence " + std::to_string(command.seq.value) + " belongs to two commands");
        }
      }
      // An Execute that failed and was durable all the same, on a store that was taken away before anybody looked.
      const bool nobody_looked = std::any_of(devices.begin(), devices.end(),
                                             [](DeviceNode* device) { return device->checker().began_again(); });
      if (known == nullptr && nobody_looked) continue;
      if (known == nullptr || !members.contains(known->device)) {
        Fail("the server applied a command nobody gave " + id.value + ": " + command.id.value);
        continue;
      }
      const auto type = ParseTypeName(known->type);
      if (command.fingerprint != ToHex(FingerprintOf(type.value().family, known->payload))) {
        Fail("the server's fingerprint of " + command.id.value + " is another command's");
      }
    }
  }
  for (std::int64_t seq = 1; seq <= head.head.value; ++seq) {
    if (!applied.contains(Sequence(seq)))
      Fail("sequence " + std::to_string(seq) + " in " + workspace.value + " is no command's");
  }
  if (static_cast<std::int64_t>(applied.size()) != head.head.value)
    Fail("sequences beyond the head in " + workspace.value);
  return applied;
}

void FleetChecker::CheckAnswers(const Applied& applied, const std::vector<DeviceNode*>& devices) {
  std::map<CommandId, Sequence> seqs;
  for (const auto& [seq, id] : applied) {
    if (!seqs.emplace(id, seq).second) Fail(id.value + " was applied twice");
    const Known* known = truth_.Find(id);
    if (known == nullptr || !known->succeeded) {
      if (!gone_.contains(id)) Fail(id.value + " was applied, and nobody was ever told");
    } else if (known->seq != seq) {
      Fail(id.value + " was applied at another sequence than was answered");
    }
  }
  for (const DeviceNode* device : devices) {
    for (const AcceptedCommand* command : journal_.of_device(device->machine().index)) {
      const Known* known = truth_.Find(command->id);
      if (known == nullptr || !known->seq.has_value() || seqs.contains(command->id)) continue;
      if (IsReplay(applied, *command, *known->seq)) {
        environment_.Count("fleet: one key from two devices");
      } else {
        Fail(command->id.value + " was answered as applied, and its effect is gone");
      }
    }
  }
}

bool FleetChecker::IsReplay(const Applied& applied, const AcceptedCommand& command, Sequence seq) const {
  const auto found = applied.find(seq);
  const AcceptedCommand* first = found != applied.end() ? journal_.Find(found->second) : nullptr;
  return first != nullptr && first->author == command.author && first->key == command.key &&
         first->type == command.type;
}

void FleetChecker::CheckCauses(const Applied& applied, DeviceNode& device) {
  const auto records = device.device().Queue();
  if (!records.ok()) return Fail("the queue cannot be read: " + records.error().message);
  Records own;
  std::copy_if(records.value().begin(), records.value().end(), std::back_inserter(own), [&](const auto& record) {
    const AcceptedCommand* command = journal_.Find(record.id);
    const Known* known = truth_.Find(record.id);
    return command != nullptr && command->device == device.machine().index && known != nullptr && known->succeeded &&
           !gone_.contains(record.id);
  });
  // An older store may name what an edit has replaced since.
  if (!device.checker().began_again()) CheckNamedCauses(own);
  CheckOrder(applied, own, DiscardedIn(records.value()));
}

// Explicit causes: before.
void FleetChecker::CheckNamedCauses(const Records& records) {
  for (const engine::CommandRecord& record : records) {
    const Known* known = truth_.Find(record.id);
    for (const CommandId& cause : record.depends_on) {
      const Known* before = truth_.Find(cause);
      if (before == nullptr || !before->succeeded) {
        Fail(record.id.value + " was applied without " + cause.value + ", which it depends on");
      } else if (known->seq.has_value() && before->seq.has_value() && *known->seq <= *before->seq) {
        Fail(record.id.value + " was applied before " + cause.value + ", which it depends on");
      }
    }
  }
}

// Commands of one device on one document: in the order of its queue, where a retried one stands behind what waited
// then, unless both commute.
void FleetChecker::CheckOrder(const Applied& applied, const Records& records, const std::set<CommandId>& discarded) {
  struct Writers {
    Sequence ordered;    // highest of those that do not commute
    Sequence commuting;  // highest of the commuting ones
  };
  std::map<CommandId, Sequence> seqs;
  for (const auto& [seq, id] : applied) seqs.emplace(id, seq);
  std::map<DocumentKey, Writers> documents;
  for (const engine::CommandRecord& record : records) {
    const auto at = seqs.find(record.id);
    if (at == seqs.end() || shared_.contains(at->second)) continue;
    const Known& known = *truth_.Find(record.id);
    // Nothing is stored of a FORBIDDEN: a copy of what was sent then may be applied whenever the right is back.
    // What was discarded stood in nobody's way any more, also if it was applied after all.
    if (known.forbidden || discarded.contains(record.id)) continue;
    // Refused as it stands here: it was tried again in a copy of this queue, and has its place there.
    if (!known.refused.empty() && record.revision <= known.refused.rbegin()->first) continue;
    const Sequence seq = at->second;
    for (const auto& [key, access] : journal_.Find(record.id)->documents) {
      Writers& writers = documents[key];
      const bool commutes = access == rules::Access::kCommutes;
      if (seq < writers.ordered || (!commutes && seq < writers.commuting)) {
        Fail(record.id.value + " overtook an earlier command on " + key.collection.value + "/" + key.id.value);
      }
      Sequence& highest = commutes ? writers.commuting : writers.ordered;
      highest = std::max(highest, seq);
    }
  }
}

void FleetChecker::CheckModel(const Applied& applied, const std::map<DocumentKey, json::object>& documents) {
  NaiveModel model;
  for (const auto& [seq, id] : applied) {
    if (const AcceptedCommand* command = journal_.Find(id)) model.Apply(*command);
  }
  if (std::string what = model.Compare(documents); !what.empty()) Fail("naive model: " + what);
}

Result<std::map<DocumentKey, json::object>> FleetChecker::Documents(server::Store& store,
                                                                    const WorkspaceId& workspace) {
  OUTPOST_TRY(auto read, store.BeginRead());
  server::FeedQuery query;
  query.from_start = true;
  query.limit = 1'000'000;
  OUTPOST_TRY(const server::FeedPage page, read->ReadFeed(workspace, query));
  std::map<DocumentKey, json::object> documents;
  for (const Change& change : page.changes) {
    if (change.doc.empty()) continue;
    OUTPOST_TRY(json::value body, ParseJson(change.doc));
    documents.emplace(change.key, std::move(body.get_object()));
  }
  return documents;
}

std::string FleetChecker::Difference(const std::map<DocumentKey, json::object>& server, DeviceNode& node) {
  const auto& subscription = node.settings().collections;
  for (const server::Collection& collection : DeclaredHere()->all()) {
    const CollectionName name{std::string(collection.name)};
    const bool subscribed =
        subscription.empty() || std::find(subscription.begin(), subscription.end(), name) != subscription.end();
    const auto shown = node.device().List(name);
    if (!shown.ok()) return "cannot list " + name.value + ": " + shown.error().message;
    std::size_t held = 0;
    for (const engine::VisibleDocument& document : shown.value()) {
      const std::string where = name.value + "/" + document.key.id.value;
      const auto found = server.find(document.key);
      if (!subscribed || found == server.end()) return "shows " + where + ", which it should not";
      if (document.pending) return "shows " + where + " as pending though nothing waits";
      if (document.version.value != IntegerOr(found->second, "version", 0)) return "shows another version of " + where;
      const auto body = ParseJson(document.body);
      if (!body.ok() || CanonicalJson(body.value()) != CanonicalJson(found->second))
        return "shows " + where + " otherwise than the server";
      ++held;
    }
    const auto expected =
        std::count_if(server.begin(), server.end(), [&](const auto& entry) { return entry.first.collection == name; });
    if (subscribed && held != static_cast<std::size_t>(expected)) {
      return "holds " + std::to_string(held) + " of " + std::to_string(expected) + " " + name.value;
    }
  }
  return {};
}

}  // namespace outpost::sim
