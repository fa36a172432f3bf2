// What one transaction knows of one workspace: rows loaded so far, and the writes of the commands that succeeded in it.
// Loads in sets, each row once; a refused command's writes never get in, so there is nothing to undo. At the end
// TakeWrites hands everything back as one WriteSet.
//
// A rule meets documents that nobody foresaw, mostly to find that they do not exist yet. Where each look-up is a round
// trip the set takes such a document to be absent and goes on; WrongAssumptions then looks all of them up at once, and
// when one does exist the pass is thrown away.
//
// Errors are the store's and end the whole transaction.
#pragma once

#include <deque>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "rules/execute.h"
#include "server/core/collections.h"
#include "server/core/store.h"

namespace outpost::server {

// One command's outcome on its way into the store.
struct Outcome {
  KeyRef key;
  KeyRecord record;
  std::optional<DeviceRef> device;
  std::optional<CommandNumber> n;
};

enum class Unforeseen { kLookUp, kAssumeAbsent };

class WorkingSet : public rules::DocumentSource {
 public:
  WorkingSet(WriteTransaction& transaction, const WorkspaceId& workspace,
             std::shared_ptr<const Collections> collections = Collections::BuiltIn(),
             Unforeseen unforeseen = Unforeseen::kLookUp)
      : transaction_(transaction),
        workspace_(workspace),
        collections_(std::move(collections)),
        unforeseen_(unforeseen) {}

  Status Lock();

  // Loads what is not known yet, in one call.
  Status Fetch(const LoadSet& wanted);
  Status Load(std::span<const DocumentKey> keys, std::vector<const rules::StoredDocument*>& found) override;
  Status LoadNumbers(const DeviceRef& device, std::span<const CommandNumber> numbers);
  Status LoadLocalIds(const DeviceId& device, std::span<const std::string> locals);

  // Null: unknown. Valid until the next outcome is recorded.
  Result<const KeyRecord*> FindKey(const KeyRef& key);
  Result<const CommandRecord*> FindCommand(const CommandId& id);
  Result<const DocumentId*> FindLocalId(const DeviceId& device, const std::string& local);
  Result<const CommandId*> FindNumber(const DeviceRef& device, CommandNumber n);
  Result<IncarnationRecord> Incarnation(const DeviceRef& device);
  // nullopt: never on this device.
  Result<std::optional<Roles>> RolesSignedIn(const SignInRef& who);

  // Documents that were taken to be absent and are not; empty: all that was executed holds.
  Result<std::vector<DocumentKey>> WrongAssumptions();

  Sequence head() const { return head_.head; }
  std::uint64_t tag() const { return tag_; }

  // Takes the next sequence for `command`.
  Sequence NextSequence(const CommandId& command);
  // The document's text is what the feed will show; `body` what later rules of this transaction see.
  void Put(rules::NewDocument&& document, Sequence seq, std::string text);
  void Record(Outcome&& outcome);
  // A command by its id only: a replay under another id, or one that was burnt before it came.
  void RecordCommandOnly(Outcome&& outcome);
  void AddLocalId(const DeviceId& device, const std::string& local, const DocumentId& id);
  void NoteSignIn(SignIn&& sign_in);
  void See(DeviceSeen&& seen);

  // How many outcomes wait to be taken.
  std::size_t pending() const { return written_keys_.size(); }
  // What changed since the last time. Goes on: later commands find documents here and keys in the store.
  WriteSet TakeWrites();

 private:
  struct KeyHash {
    std::size_t operator()(const KeyRef& key) const noexcept;
  };
  struct KeyEqual {
    bool operator()(const KeyRef& a, const KeyRef& b) const noexcept;
  };
  struct KeyEntry {
    std::optional<KeyRecord> record;
    bool existed = false;  // in the store
    bool written = false;
    std::optional<DeviceRef> device;
    std::optional<CommandNumber> n;
  };
  struct DocumentEntry {
    rules::StoredDocument stored;
    bool existed = false;
    bool deleted = false;
    std::string stored_scope;  // as the store has it
    bool written = false;
    Sequence seq;
    std::string text;
  };
  struct DeviceEntry {
    IncarnationRecord record;
    std::unordered_map<CommandNumber, std::optional<CommandId>> numbers;
  };

  // Rows to load, and where each goes.
  struct Missing {
    template <class Row, class At, class Entry>
    void Add(const Row& row, std::vector<Row>& wanted, At at, std::vector<Entry*>& entries) {
      wanted.push_back(row);
      entries.push_back(&at->second);
    }

    LoadSet rows;
    std::vector<KeyEntry*> keys;
    std::vector<std::optional<CommandRecord>*> commands;
    std::vector<DocumentEntry*> documents;
    std::vector<DeviceEntry*> devices;
    std::vector<std::optional<Roles>*> sign_ins;
  };

  Status FetchMissing(const Missing& missing);
  Result<DeviceEntry*> Device(const DeviceRef& device);
  static Status Keep(const DocumentKey& key, DocumentEntry& entry, DocumentRow&& row);
  void NoteCommand(const Outcome& outcome);
  void NoteNumber(const Outcome& outcome);
  static CommandRecord AsCommand(const Outcome& outcome);
  DocumentWrite TakeWrite(const DocumentKey& key, DocumentEntry& entry) const;

  WriteTransaction& transaction_;
  WorkspaceId workspace_;
  std::shared_ptr<const Collections> collections_;
  const Unforeseen unforeseen_;
  std::vector<DocumentKey> assumed_;
  WorkspaceHead head_;
  std::uint64_t tag_ = 0;
  std::unordered_map<KeyRef, KeyEntry, KeyHash, KeyEqual> keys_;
  std::unordered_map<CommandId, std::optional<CommandRecord>> commands_;
  std::unordered_map<DocumentKey, DocumentEntry> documents_;
  std::map<std::pair<DeviceId, outpost::Incarnation>, DeviceEntry> devices_;
  std::map<std::pair<DeviceId, std::string>, std::optional<DocumentId>> local_ids_;
  std::map<std::pair<DeviceId, UserId>, std::optional<Roles>> signed_in_;
  // In the order of their first write, which is the order the store gets them in (law 9).
  std::vector<std::pair<const KeyRef, KeyEntry>*> written_keys_;
  std::vector<std::pair<const DocumentKey, DocumentEntry>*> written_documents_;
  WriteSet writes_;
};

}  // namespace outpost::server
