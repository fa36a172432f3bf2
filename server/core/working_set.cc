#include "server/core/working_set.h"

#include <utility>

namespace outpost::server {

std::size_t WorkingSet::KeyHash::operator()(const KeyRef& key) const noexcept {
  return std::hash<std::string>{}(key.key.value);  // authors and families that share one are few
}

bool WorkingSet::KeyEqual::operator()(const KeyRef& a, const KeyRef& b) const noexcept {
  return a.key == b.key && a.author == b.author && a.family == b.family;
}

Status WorkingSet::Lock() {
  OUTPOST_TRY(head_, transaction_.Lock(workspace_));
  tag_ = head_.tag;
  writes_.head = head_.head;
  return {};
}

Status WorkingSet::Fetch(const LoadSet& wanted) {
  Missing missing;
  for (const KeyRef& key : wanted.keys) {
    if (const auto [at, first] = keys_.try_emplace(key); first) missing.Add(key, missing.rows.keys, at, missing.keys);
  }
  for (const CommandId& id : wanted.commands) {
    if (const auto [at, first] = commands_.try_emplace(id); first)
      missing.Add(id, missing.rows.commands, at, missing.commands);
  }
  for (const DocumentKey& key : wanted.documents) {
    if (const auto [at, first] = documents_.try_emplace(key); first)
      missing.Add(key, missing.rows.documents, at, missing.documents);
  }
  for (const DeviceRef& device : wanted.devices) {
    if (const auto [at, first] = devices_.try_emplace({device.device, device.incarnation}); first)
      missing.Add(device, missing.rows.devices, at, missing.devices);
  }
  for (const SignInRef& who : wanted.sign_ins) {
    if (const auto [at, first] = signed_in_.try_emplace({who.device, who.user}); first)
      missing.Add(who, missing.rows.sign_ins, at, missing.sign_ins);
  }
  return missing.rows.empty() ? Status() : FetchMissing(missing);
}

Status WorkingSet::FetchMissing(const Missing& missing) {
  OUTPOST_TRY(LoadedSet loaded, transaction_.Load(workspace_, missing.rows));
  for (std::size_t i = 0; i < missing.keys.size(); ++i) {
    missing.keys[i]->existed = loaded.keys[i].has_value();
    missing.keys[i]->record = std::move(loaded.keys[i]);
  }
  for (std::size_t i = 0; i < missing.commands.size(); ++i) *missing.commands[i] = std::move(loaded.commands[i]);
  for (std::size_t i = 0; i < missing.documents.size(); ++i) {
    if (loaded.documents[i])
      OUTPOST_CHECK(Keep(missing.rows.documents[i], *missing.documents[i], *std::move(loaded.documents[i])));
  }
  for (std::size_t i = 0; i < missing.devices.size(); ++i) missing.devices[i]->record = loaded.devices[i];
  for (std::size_t i = 0; i < missing.sign_ins.size(); ++i) *missing.sign_ins[i] = std::move(loaded.sign_ins[i]);
  return {};
}

Status WorkingSet::Keep(const DocumentKey& key, DocumentEntry& entry, DocumentRow&& row) {
  entry.existed = true;
  entry.deleted = row.deleted;
  entry.stored_scope = std::move(row.scope);
  entry.stored.version = row.version;
  if (row.deleted) return {};
  boost::system::error_code error;
  json::value body = json::parse(row.body, error);
  if (error || !body.is_object())
    return Error{ErrorCode::kCorrupt, "the stored document " + key.id.value + " is no JSON object"};
  entry.stored.holding = rules::Holding::kFound;
  entry.stored.body = std::move(body.get_object());
  return {};
}

Status WorkingSet::Load(std::span<const DocumentKey> keys, std::vector<const rules::StoredDocument*>& found) {
  LoadSet unknown;
  for (const DocumentKey& key : keys) {
    if (documents_.count(key) == 0) unknown.documents.push_back(key);
  }
  if (unforeseen_ == Unforeseen::kLookUp) {
    OUTPOST_CHECK(Fetch(unknown));
  } else {
    for (DocumentKey& key : unknown.documents) {
      if (documents_.try_emplace(key).second) assumed_.push_back(std::move(key));
    }
  }
  for (const DocumentKey& key : keys) found.push_back(&documents_.find(key)->second.stored);
  return {};
}

Result<std::vector<DocumentKey>> WorkingSet::WrongAssumptions() {
  // Of what was taken already, the store will say so itself: its rows are written as new ones.
  std::erase_if(assumed_, [this](const DocumentKey& key) { return documents_.find(key)->second.existed; });
  std::vector<DocumentKey> wrong;
  if (assumed_.empty()) return wrong;
  OUTPOST_TRY(const auto rows, transaction_.LoadDocuments(workspace_, assumed_));
  for (std::size_t i = 0; i < assumed_.size(); ++i) {
    if (rows[i]) wrong.push_back(assumed_[i]);
  }
  return wrong;
}

Status WorkingSet::LoadNumbers(const DeviceRef& device, std::span<const CommandNumber> numbers) {
  OUTPOST_TRY(DeviceEntry* const entry, Device(device));
  std::vector<CommandNumber> missing;
  for (const CommandNumber n : numbers) {
    // Above the highest number ever heard of there can be nothing.
    if (n <= entry->record.highest_n && entry->numbers.try_emplace(n).second) missing.push_back(n);
  }
  if (missing.empty()) return {};
  OUTPOST_TRY(auto ids, transaction_.LoadNumbers(workspace_, device, missing));
  for (std::size_t i = 0; i < missing.size(); ++i) entry->numbers[missing[i]] = std::move(ids[i]);
  return {};
}

Status WorkingSet::LoadLocalIds(const DeviceId& device, std::span<const std::string> locals) {
  std::vector<std::string> missing;
  for (const std::string& local : locals) {
    if (local_ids_.try_emplace({device, local}).second) missing.push_back(local);
  }
  if (missing.empty()) return {};
  OUTPOST_TRY(auto ids, transaction_.LoadLocalIds(workspace_, device, missing));
  for (std::size_t i = 0; i < missing.size(); ++i) local_ids_[{device, missing[i]}] = std::move(ids[i]);
  return {};
}

Result<const KeyRecord*> WorkingSet::FindKey(const KeyRef& key) {
  auto found = keys_.find(key);
  if (found == keys_.end()) {
    OUTPOST_CHECK(Fetch({.keys = {key}}));
    found = keys_.find(key);
  }
  const auto& record = found->second.record;
  return record ? &*record : nullptr;
}

Result<const CommandRecord*> WorkingSet::FindCommand(const CommandId& id) {
  auto found = commands_.find(id);
  if (found == commands_.end()) {
    OUTPOST_CHECK(Fetch({.commands = {id}}));
    found = commands_.find(id);
  }
  const auto& record = found->second;
  return record ? &*record : nullptr;
}

Result<const DocumentId*> WorkingSet::FindLocalId(const DeviceId& device, const std::string& local) {
  OUTPOST_CHECK(LoadLocalIds(device, {&local, 1}));
  const auto& id = local_ids_.find({device, local})->second;
  return id ? &*id : nullptr;
}

Result<const CommandId*> WorkingSet::FindNumber(const DeviceRef& device, CommandNumber n) {
  OUTPOST_CHECK(LoadNumbers(device, {&n, 1}));
  OUTPOST_TRY(DeviceEntry* const entry, Device(device));
  const auto found = entry->numbers.find(n);
  return found != entry->numbers.end() && found->second ? &*found->second : nullptr;
}

Result<WorkingSet::DeviceEntry*> WorkingSet::Device(const DeviceRef& device) {
  const auto [found, inserted] = devices_.try_emplace({device.device, device.incarnation});
  if (inserted) {
    OUTPOST_TRY(found->second.record, transaction_.LoadIncarnation(workspace_, device));
  }
  return &found->second;
}

Result<IncarnationRecord> WorkingSet::Incarnation(const DeviceRef& device) {
  OUTPOST_TRY(const DeviceEntry* const entry, Device(device));
  return entry->record;
}

Result<std::optional<Roles>> WorkingSet::RolesSignedIn(const SignInRef& who) {
  const auto [found, inserted] = signed_in_.try_emplace({who.device, who.user});
  if (inserted) {
    OUTPOST_TRY(found->second, transaction_.LoadSignIn(workspace_, who));
  }
  return found->second;
}

Sequence WorkingSet::NextSequence(const CommandId& command) {
  ++head_.head.value;
  tag_ = TagOf(command, head_.head);
  return head_.head;
}

void WorkingSet::Put(rules::NewDocument&& document, Sequence seq, std::string text) {
  const auto found = documents_.try_emplace(document.key).first;
  DocumentEntry& entry = found->second;
  if (!entry.written) written_documents_.push_back(&*found);
  entry.written = true;
  entry.deleted = document.deleted;
  entry.seq = seq;
  entry.text = std::move(text);
  entry.stored.version = document.version;
  entry.stored.holding = document.deleted ? rules::Holding::kAbsent : rules::Holding::kFound;
  entry.stored.body = std::move(document.body);
}

CommandRecord WorkingSet::AsCommand(const Outcome& outcome) {
  return {outcome.record.state,
          outcome.key.author,
          outcome.key.family,
          outcome.key.key,
          outcome.record.seq,
          outcome.record.resource,
          outcome.record.resource_version};
}

void WorkingSet::Record(Outcome&& outcome) {
  NoteNumber(outcome);
  NoteCommand(outcome);
  const auto found = keys_.try_emplace(std::move(outcome.key)).first;
  KeyEntry& entry = found->second;
  if (entry.record && entry.record->command != outcome.record.command) {
    // The key was refused under another command's id before: whoever depends on that one means the same operation.
    KeyRecord alias = outcome.record;
    alias.command = entry.record->command;
    RecordCommandOnly({found->first, std::move(alias), std::nullopt, std::nullopt});
  }
  if (!entry.written) written_keys_.push_back(&*found);
  entry.written = true;
  entry.record = std::move(outcome.record);
  entry.device = std::move(outcome.device);
  entry.n = outcome.n;
}

// As a store does it: should two authors have used one id, the one that succeeded is told.
void WorkingSet::NoteCommand(const Outcome& outcome) {
  std::optional<CommandRecord>& known = commands_[outcome.record.command];
  if (known && known->author != outcome.key.author && known->state <= outcome.record.state) return;
  known = AsCommand(outcome);
}

void WorkingSet::NoteNumber(const Outcome& outcome) {
  if (!outcome.device || !outcome.n) return;
  const auto device = devices_.find({outcome.device->device, outcome.device->incarnation});
  if (device != devices_.end()) device->second.numbers[*outcome.n] = outcome.record.command;
}

void WorkingSet::RecordCommandOnly(Outcome&& outcome) {
  NoteNumber(outcome);
  NoteCommand(outcome);
  OutcomeWrite write{std::move(outcome.key), std::move(outcome.record), std::move(outcome.device), outcome.n};
  write.command_only = true;
  writes_.outcomes.push_back(std::move(write));
}

void WorkingSet::AddLocalId(const DeviceId& device, const std::string& local, const DocumentId& id) {
  local_ids_[{device, local}] = id;
  writes_.local_ids.push_back({device, local, id});
}

void WorkingSet::NoteSignIn(SignIn&& sign_in) {
  std::optional<Roles>& known = signed_in_[{sign_in.who.device, sign_in.who.user}];
  if (known == sign_in.roles) return;
  known = sign_in.roles;
  // A store is told of each row once.
  std::erase_if(writes_.sign_ins, [&](const SignIn& earlier) {
    return earlier.who.device == sign_in.who.device && earlier.who.user == sign_in.who.user;
  });
  writes_.sign_ins.push_back(std::move(sign_in));
}

void WorkingSet::See(DeviceSeen&& seen) {
  const auto device = devices_.find({seen.device.device, seen.device.incarnation});
  if (device != devices_.end()) {
    CommandNumber& highest = device->second.record.highest_n;
    if (seen.highest_n > highest) highest = seen.highest_n;
  }
  writes_.devices.push_back(std::move(seen));
}

DocumentWrite WorkingSet::TakeWrite(const DocumentKey& key, DocumentEntry& entry) const {
  DocumentWrite write;
  write.key = key;
  write.version = entry.stored.version;
  write.seq = entry.seq;
  write.deleted = entry.deleted;
  // A tombstone stays in the scope its document had, so that a scoped device hears of the deletion.
  write.scope = entry.deleted ? entry.stored_scope : collections_->ScopeOf(key, entry.stored.body);
  write.previous_scope = std::exchange(entry.stored_scope, write.scope);
  write.body = std::exchange(entry.text, {});
  write.existed = std::exchange(entry.existed, true);
  entry.written = false;
  return write;
}

WriteSet WorkingSet::TakeWrites() {
  writes_.head = head_.head;
  writes_.documents.reserve(written_documents_.size());
  for (auto* document : written_documents_) writes_.documents.push_back(TakeWrite(document->first, document->second));
  written_documents_.clear();
  // Outcomes that only name a command refer to keys, so they follow them.
  std::vector<OutcomeWrite> command_only = std::move(writes_.outcomes);
  writes_.outcomes.clear();
  writes_.outcomes.reserve(written_keys_.size() + command_only.size());
  for (auto* key : written_keys_) {
    auto taken = keys_.extract(key->first);
    KeyEntry& entry = taken.mapped();
    writes_.outcomes.push_back(
        {std::move(taken.key()), std::move(*entry.record), std::move(entry.device), entry.n, entry.existed, false});
  }
  written_keys_.clear();
  for (OutcomeWrite& write : command_only) writes_.outcomes.push_back(std::move(write));
  return std::exchange(writes_, {});
}

}  // namespace outpost::server
