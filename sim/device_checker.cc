#include "sim/device_checker.h"

#include <algorithm>
#include <set>
#include <utility>

namespace outpost::sim {

using engine::CommandRecord;
using engine::CommandStatus;

namespace {

// What a person's decision, and the answer to it, may do to a command. What only an answer may do is left to the rest.
bool MayMoveByDecision(CommandStatus from, CommandStatus to) {
  switch (to) {
    case CommandStatus::kPending:
      return engine::IsQuarantined(from);
    case CommandStatus::kDiscarding:
      return from != CommandStatus::kSucceeded && from != CommandStatus::kDiscarded;
    case CommandStatus::kDiscarded:
      return from != CommandStatus::kSucceeded;
    default:
      return false;
  }
}

}  // namespace

DeviceChecker::DeviceChecker(Environment& environment, Journal& journal, const Truth& truth, std::size_t device,
                             WorkspaceId workspace, std::string name)
    : environment_(environment),
      journal_(journal),
      truth_(truth),
      device_(device),
      workspace_(std::move(workspace)),
      name_(std::move(name)) {}

void DeviceChecker::Accepted(const engine::Intent& intent, const UserId& author, const engine::Accepted& accepted) {
  if (const AcceptedCommand* known = journal_.Find(accepted.id)) {
    // The same key again: the same command.
    if (known->type != intent.type || CanonicalJson(known->payload) != CanonicalJson(intent.payload)) {
      Fail("the id of " + accepted.id.value + " was given to another command");
    }
    return;
  }
  const IdempotencyKey key = intent.key.value_or(IdempotencyKey(accepted.id.value));
  journal_.Add({accepted.id, device_, accepted.n, author, key, intent.type, intent.payload, intent.depends_on,
                FootprintOf(accepted.id, intent.type, intent.payload)});
}

void DeviceChecker::MaybeAccepted(const engine::Intent& intent) { maybe_.push_back(intent); }

std::optional<DeviceChecker::Records> DeviceChecker::Load(engine::Device& device) {
  auto records = device.Queue();
  if (records.ok()) return std::move(records).value();
  Fail("the queue cannot be read: " + records.error().message);
  return std::nullopt;
}

void DeviceChecker::AfterStep(engine::Device& device) {
  const auto records = Load(device);
  if (!records.has_value() || !CheckOutbox(*records)) return;
  for (const CommandRecord& record : *records) {
    const auto [at, first] = last_.emplace(record.id, CommandStatus::kPending);
    if (at->second == record.status) continue;
    CheckTransition(*records, record, at->second);
    environment_.Count("transition: " + std::string(engine::Name(at->second)) + " to " +
                       std::string(engine::Name(record.status)));
    environment_.Count("device: " + std::string(engine::Name(record.status)));
    at->second = record.status;
  }
  // Of another store's life, the device's or the server's, nobody listed what was applied.
  if (!at_cut_ || cloned_ || truth_.was_put_back() || environment_.failed()) return;
  const std::string what = CheckStock(device, workspace_, *records, journal_, truth_, rights_were_taken_);
  if (!what.empty()) Fail(what);
}

void DeviceChecker::AfterReopen(engine::Device& device) {
  const auto records = Load(device);
  if (!records.has_value()) return;
  if (std::exchange(replaced_, false)) BeginAgain(*records);
  if (!CheckOutbox(*records)) return;
  CheckNumbers(*records, device.incarnation());
  // Answers are written without a sync, they can be fetched again: what was settled may be waiting again.
  for (const CommandRecord& record : *records) {
    CommandStatus& before = last_.emplace(record.id, CommandStatus::kPending).first->second;
    if (before == record.status) continue;
    const bool forgot =
        record.status == CommandStatus::kPending || (decided_ && record.status == CommandStatus::kDiscarding);
    if (forgot) {
      environment_.Count("device: forgot an answer in a crash");
    } else {
      CheckTransition(*records, record, before);
    }
    before = record.status;
  }
}

// So the server said once, before a copy under way was applied.
bool DeviceChecker::WasRefused(const CommandRecord& record) const {
  if (record.status == CommandStatus::kFailed) return truth_.WasAnswered(record.id, WireStatus::kFailed);
  return record.status == CommandStatus::kConflict && truth_.WasAnswered(record.id, WireStatus::kConflict);
}

void DeviceChecker::BeginAgain(const Records& records) {
  cloned_ = true;
  decided_ = true;  // on the store it comes from, perhaps
  last_.clear();
  for (const AcceptedCommand* command : journal_.of_device(device_)) gone_.insert(command->id);
  for (const CommandRecord& record : records) {
    gone_.erase(record.id);
    last_.emplace(record.id, record.status);
  }
}

bool DeviceChecker::CheckOutbox(const Records& records) {
  std::set<CommandId> seen;
  engine::Position last;
  for (const CommandRecord& record : records) {
    if (!seen.insert(record.id).second) return Fail(record.id.value + " is in the outbox twice"), false;
    if (!(last < record.position)) return Fail("positions in the outbox do not rise"), false;
    last = record.position;
    const AcceptedCommand* command = journal_.Find(record.id);
    if (command == nullptr) {
      if (!Adopt(record)) return false;
      continue;
    }
    CheckUnchanged(record, *command);
  }
  for (const AcceptedCommand* command : journal_.of_device(device_)) {
    if (!seen.contains(command->id) && !gone_.contains(command->id))
      return Fail("accepted, then lost: " + command->id.value + " " + command->type), false;
  }
  return !environment_.failed();
}

// The commit of a command whose Execute failed turned out to be on the disk.
bool DeviceChecker::Adopt(const CommandRecord& record) {
  const auto payload = ParseJson(record.payload);
  if (decided_ && record.type == engine::kDiscardType && payload.ok()) {
    journal_.Add(
        {record.id, device_, record.n, record.author, record.key, record.type, payload.value().get_object(), {}, {}});
    return true;
  }
  const auto found = std::find_if(maybe_.begin(), maybe_.end(), [&](const engine::Intent& intent) {
    return payload.ok() && intent.type == record.type &&
           CanonicalJson(intent.payload) == CanonicalJson(payload.value());
  });
  if (found == maybe_.end()) {
    Fail("a command nobody gave: " + record.id.value + " " + record.type);
    return false;
  }
  environment_.Count("device: commit survived though Execute failed");
  journal_.Add({record.id, device_, record.n, record.author, record.key, record.type, found->payload, found->depends_on,
                FootprintOf(record.id, record.type, found->payload)});
  maybe_.erase(found);
  return true;
}

void DeviceChecker::CheckUnchanged(const CommandRecord& record, const AcceptedCommand& command) {
  if (last_.contains(record.id) && last_.at(record.id) == record.status) return;  // looked at before
  const auto payload = ParseJson(record.payload);
  if (!payload.ok() || CanonicalJson(payload.value()) != CanonicalJson(command.payload)) {
    Fail("the payload of " + record.id.value + " changed");
  }
  const auto type = ParseTypeName(record.type);
  if (record.type != command.type || record.author != command.author ||
      record.fingerprint != FingerprintOf(type.value().family, command.payload)) {
    Fail(record.id.value + " is not the command that was accepted");
  }
}

void DeviceChecker::CheckNumbers(const Records& records, const Incarnation& current) {
  std::map<Incarnation, std::set<CommandNumber>> numbers;
  for (const CommandRecord& record : records) {
    if (record.n.value == 0) continue;  // discarded before it was ever sent: its number went on to its discard
    if (!numbers[record.incarnation].insert(record.n).second) {
      Fail("number " + std::to_string(record.n.value) + " was given out twice");
    }
  }
  for (const auto& [incarnation, given] : numbers) {
    // What waited when a new incarnation began was numbered afresh in it.
    if (incarnation == current && given.rbegin()->value != static_cast<std::int64_t>(given.size())) {
      Fail("the numbers of incarnation " + incarnation.value + " have a gap");
    }
  }
}

void DeviceChecker::CheckTransition(const Records& records, const CommandRecord& record, CommandStatus before) {
  const std::string what = record.id.value + " " + record.type + " went from " + std::string(engine::Name(before)) +
                           " to " + std::string(engine::Name(record.status));
  // Set aside, and applied all the same by a copy that was under way: a page tells.
  const bool late = record.status == CommandStatus::kSucceeded &&
                    (before != CommandStatus::kPending && before != CommandStatus::kSucceeded);
  if (late) told_late_.insert_or_assign(record.id, before);
  // The server lost its store: what it had acknowledged is offered again.
  if (before == CommandStatus::kSucceeded && record.status == CommandStatus::kPending) return;
  // A power cut took the page that told; the next one tells again.
  const auto told = told_late_.find(record.id);
  if (before == CommandStatus::kSucceeded && told != told_late_.end() && told->second == record.status) return;
  const bool offered = before == CommandStatus::kSucceeded && truth_.was_put_back();
  if (decided_ && MayMoveByDecision(offered ? CommandStatus::kPending : before, record.status)) return;
  // What it fell with was applied after all.
  const bool freed = before == CommandStatus::kBlocked && !told_late_.empty();
  if (freed && record.status == CommandStatus::kPending) return;
  // Decided, freed, or offered again to a server that lost it, then sent and answered between two looks.
  const bool waited_again = before == CommandStatus::kSucceeded
                                ? truth_.was_put_back()
                                : freed || (decided_ && before != CommandStatus::kDiscarded);
  if (before != CommandStatus::kPending && !late && !waited_again &&
      !(before == CommandStatus::kBlocked && record.status == CommandStatus::kPending)) {
    return Fail(what);
  }
  switch (record.status) {
    case CommandStatus::kSucceeded: {
      const Known* known = truth_.Find(record.id);
      if (known != nullptr && known->succeeded_in_an_earlier_life) return;
      if (known == nullptr || !known->succeeded) return Fail(what + ", which the server never said");
      if (known->seq != record.seq) return Fail(what + " with another sequence than the server's");
      return;
    }
    case CommandStatus::kFailed:
      if (before == CommandStatus::kDiscarding) return;  // its discard was refused
      if (!truth_.WasAnswered(record.id, WireStatus::kFailed)) Fail(what + ", which the server never said");
      return;
    case CommandStatus::kConflict:
      if (!truth_.WasAnswered(record.id, WireStatus::kConflict)) Fail(what + ", which the server never said");
      return;
    case CommandStatus::kBlocked:
      if (!HasRefusedPredecessor(records, record)) Fail(what + " though nothing it depends on was refused");
      return;
    case CommandStatus::kPending:
    case CommandStatus::kDiscarding:
    case CommandStatus::kDiscarded:
      return Fail(what + " though nobody asked for it");
  }
}

bool DeviceChecker::HasRefusedPredecessor(const Records& records, const CommandRecord& record) const {
  const auto documents = journal_.DocumentsOf(*journal_.Find(record.id));
  const auto* after = std::get_if<AfterCommand>(&record.expected_version);
  for (const CommandRecord& earlier : records) {
    if (!(earlier.position < record.position)) break;
    if (!engine::IsQuarantined(earlier.status) && !engine::IsDiscarded(earlier.status)) continue;
    const auto& depends = record.depends_on;
    if (std::find(depends.begin(), depends.end(), earlier.id) != depends.end()) return true;
    if (after != nullptr && after->id == earlier.id) return true;
    const auto earlier_documents = journal_.DocumentsOf(*journal_.Find(earlier.id));
    for (const auto& [key, access] : documents) {
      for (const auto& [earlier_key, earlier_access] : earlier_documents) {
        if (key != earlier_key) continue;
        if (earlier_access == rules::Access::kCreates) return true;
        if (earlier_access == rules::Access::kUpdates && access == rules::Access::kUpdates) return true;
      }
    }
  }
  return false;
}

void DeviceChecker::CheckEnd(const CommandRecord& record) {
  const Known* known = truth_.Find(record.id);
  if (record.status == CommandStatus::kSucceeded) {
    if (!record.covered) Fail(record.id.value + " is never covered by base");
    // What a restored server had lost was offered to it again.
    if (record.seq && (known == nullptr || known->seq != record.seq)) {
      Fail(record.id.value + " counts as applied, and the server does not have it");
    }
    return;
  }
  // A late copy that found nothing to do has no effect and no sequence a page could tell of.
  if (known != nullptr && known->succeeded && known->seq.has_value()) {
    Fail(record.id.value + " was applied, and the device calls it " + std::string(engine::Name(record.status)));
  }
}

void DeviceChecker::AtTheEnd(engine::Device& device) {
  AfterStep(device);
  const auto records = Load(device);
  if (!records.has_value()) return;
  CheckNumbers(*records, device.incarnation());
  std::int64_t succeeded = 0;
  std::int64_t quarantined = 0;
  std::int64_t discarded = 0;
  for (const CommandRecord& record : *records) {
    succeeded += record.status == CommandStatus::kSucceeded ? 1 : 0;
    quarantined += engine::IsQuarantined(record.status) ? 1 : 0;
    discarded += record.status == CommandStatus::kDiscarded ? 1 : 0;
    CheckEnd(record);
  }
  // CheckOutbox has seen that every accepted command is among them.
  const auto accepted = static_cast<std::int64_t>(records->size());
  if (accepted != succeeded + quarantined + discarded) {
    Fail("count in " + std::to_string(accepted) + ", succeeded " + std::to_string(succeeded) + ", quarantined " +
         std::to_string(quarantined) + ", discarded " + std::to_string(discarded) + ": the rest still waits");
  }
  const engine::SyncStatus status = device.status();
  if (status.waiting != 0 || status.in_flight != 0 || status.quarantined != quarantined) {
    Fail("status says waiting " + std::to_string(status.waiting) + ", in flight " + std::to_string(status.in_flight) +
         ", quarantined " + std::to_string(status.quarantined) + " instead of 0, 0, " + std::to_string(quarantined));
  }
  if (const auto overlays = device.CheckOverlays(); !overlays.ok()) Fail("overlays: " + overlays.error().message);
}

}  // namespace outpost::sim
