// The Store port: what the server core asks of a database. Two implementations (server/sqlite, server/postgres), one
// contract suite (store_contract.h).
//
// Shaped for group commit: a write transaction loads sets, the core works in memory, one WriteSet per workspace goes
// back, one commit covers all of them (law 7). Every method names its workspace; no row of another can come back (law
// 8). Errors: kBusy and kIo mean that nothing of the transaction happened and the caller may try again; kUnavailable
// that the database is away, and of a commit that nobody knows whether it happened: the keys will tell; kCorrupt is
// final.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/time.h"
#include "protocol/pull.h"
#include "server/core/rights.h"

namespace outpost::server {

// Names the command that made a sequence, as in a log match: a cursor of a history that was lost does not fit another.
std::uint64_t TagOf(const CommandId& command, Sequence seq);

struct WorkspaceHead {
  Sequence head;          // the last sequence given out
  Sequence purged_below;  // tombstones and departures below are gone: older cursors must resync
  std::uint64_t tag = 0;  // TagOf the command at head; 0 while head is 0
};

struct DocumentRow {
  Version version;  // of the last life when deleted
  Sequence seq;
  bool deleted = false;
  std::string body;   // JSON text with metadata; empty when deleted
  std::string scope;  // as last written
};

// Identity of a key: (workspace, author, family, key).
struct KeyRef {
  UserId author;
  std::string family;
  IdempotencyKey key;
};

enum class KeyState { kSucceeded = 1, kRefused = 2, kBurnt = 3 };

// What a key remembers. Once kSucceeded or kBurnt it stays so; a refusal is replaced by a higher revision.
struct KeyRecord {
  KeyState state = KeyState::kSucceeded;
  Digest fingerprint{};
  Revision revision;
  CommandId command;
  Sequence seq;  // 0: none
  int http_status = 200;
  std::optional<DocumentKey> resource;
  Version resource_version;
  bool outcome_purged = false;
  bool device_known = false;  // which device sent it; a REST call has none until its queued copy arrives
  std::string body;           // the first answer's resource, or its problem document: JSON text
  std::vector<std::pair<std::string, std::string>> ids;
};

// What is known of a command by its id, for dependsOn, {"after"} and discards. Should two authors have used one id, the
// one that succeeded is told.
struct CommandRecord {
  KeyState state = KeyState::kSucceeded;
  UserId author;
  std::string family;
  IdempotencyKey key;
  Sequence seq;
  std::optional<DocumentKey> resource;
  Version resource_version;
};

// How a device names itself.
struct DeviceRef {
  DeviceId device;
  Incarnation incarnation;
};

struct IncarnationRecord {
  CommandNumber highest_n;          // 0: never heard of
  CommandNumber keys_purged_below;  // an unknown key with n at or below: IDEMPOTENCY_KEY_EXPIRED
};

struct DocumentWrite {
  DocumentKey key;
  Version version;
  Sequence seq;  // 0 for internal collections (leading underscore), which no feed shows
  bool deleted = false;
  std::string scope;  // e.g. "station:grill"; empty: none
  std::string body;
  std::string previous_scope;  // not empty and differs from scope: the document departed from it
  bool existed = false;        // a row of this key, alive or deleted, was stored before this WriteSet
};

struct OutcomeWrite {
  KeyRef key;
  KeyRecord record;
  std::optional<DeviceRef> device;
  std::optional<CommandNumber> n;
  bool existed = false;  // the key was stored before this WriteSet
  // The key stays as it is; only the command's id and number are noted: a replay under another id or of a command whose
  // device was not known, or the burning of a command that never came (no key then).
  bool command_only = false;
};

struct LocalIdWrite {
  DeviceId device;
  std::string local;
  DocumentId id;
};

struct SignInRef {
  DeviceId device;
  UserId user;
};

// The roles of that user's token when it last named the device: a terminal speaks for the user with no others.
struct SignIn {
  SignInRef who;
  Roles roles;
};

struct DeviceSeen {
  DeviceRef device;
  CommandNumber highest_n;
  std::optional<CommandId> last_command;
  std::optional<DeviceReport> report;
};

// What a group, or a part of it, changes in one workspace.
struct WriteSet {
  Sequence head;
  std::vector<DocumentWrite> documents;  // each key once, in its latest state
  std::vector<OutcomeWrite> outcomes;
  std::vector<LocalIdWrite> local_ids;
  std::vector<DeviceSeen> devices;
  std::vector<SignIn> sign_ins;
};

// Rows of one workspace that a group will look up, known before anything is executed.
struct LoadSet {
  std::vector<KeyRef> keys;
  std::vector<CommandId> commands;
  std::vector<DocumentKey> documents;
  std::vector<DeviceRef> devices;
  std::vector<SignInRef> sign_ins;

  bool empty() const {
    return keys.empty() && commands.empty() && documents.empty() && devices.empty() && sign_ins.empty();
  }
};

// In the order of the LoadSet; absent = nullopt.
struct LoadedSet {
  std::vector<std::optional<KeyRecord>> keys;
  std::vector<std::optional<CommandRecord>> commands;
  std::vector<std::optional<DocumentRow>> documents;
  std::vector<IncarnationRecord> devices;
  std::vector<std::optional<Roles>> sign_ins;
};

class WriteTransaction {
 public:
  virtual ~WriteTransaction() = default;  // without Commit: rolled back

  // True: each call below is a round trip to another process, so the caller asks rarely and in sets.
  virtual bool is_remote() const { return false; }
  // All workspaces of the transaction, sorted by name, before anything else; Lock then tells of each. Two servers on
  // one database thus lock in one order. A store with one writer has nothing to do here.
  virtual Status LockAll(std::span<const WorkspaceId>) { return {}; }
  // Creates the workspace at its first use; locks it until the end of the transaction.
  virtual Result<WorkspaceHead> Lock(const WorkspaceId& workspace) = 0;
  // Results in the order of the arguments; absent = nullopt.
  virtual Result<std::vector<std::optional<KeyRecord>>> LoadKeys(const WorkspaceId&, std::span<const KeyRef>) = 0;
  virtual Result<std::vector<std::optional<DocumentRow>>> LoadDocuments(const WorkspaceId&,
                                                                        std::span<const DocumentKey>) = 0;
  virtual Result<std::vector<std::optional<CommandRecord>>> LoadCommands(const WorkspaceId&,
                                                                         std::span<const CommandId>) = 0;
  virtual Result<IncarnationRecord> LoadIncarnation(const WorkspaceId&, const DeviceRef&) = 0;
  // Which command had that number; for finding cloned devices.
  virtual Result<std::vector<std::optional<CommandId>>> LoadNumbers(const WorkspaceId&, const DeviceRef&,
                                                                    std::span<const CommandNumber>) = 0;
  virtual Result<std::vector<std::optional<DocumentId>>> LoadLocalIds(const WorkspaceId&, const DeviceId&,
                                                                      std::span<const std::string>) = 0;
  virtual Result<std::optional<Roles>> LoadSignIn(const WorkspaceId&, const SignInRef&) = 0;
  // The same in one call; a store that pays by round trip makes one of it.
  virtual Result<LoadedSet> Load(const WorkspaceId& workspace, const LoadSet& wanted);

  // Once or more often per workspace; a later one finds the rows of the earlier ones stored.
  virtual Status Apply(const WorkspaceId& workspace, const WriteSet& writes, Timestamp now) = 0;
  // The same while the caller goes on computing, as far as the store can; what fails is told by a later call or by the
  // commit. Until then LoadDocuments may or may not see these rows; every other look-up does.
  virtual Status ApplyMeanwhile(const WorkspaceId& workspace, WriteSet writes, Timestamp now) {
    return Apply(workspace, writes, now);
  }
  // After ok, everything applied survives a crash of the machine.
  virtual Status Commit() = 0;
};

struct FeedQuery {
  Sequence after;
  std::optional<Sequence> up_to;            // join: not beyond this one
  std::vector<CollectionName> collections;  // empty: all that are fed
  std::string scope;                        // "field:value", empty: none
  std::vector<CollectionName> scoped;       // those of `collections` that the scope narrows; the others come whole
  std::optional<UserId> only_created_by;    // guests see their own
  bool from_start = false;                  // no cursor: tombstones are not sent
  int limit = kPageLimitDefault;
};

struct FeedPage {
  std::vector<Change> changes;  // whole commits only; a commit larger than the limit comes whole
  Sequence last;                // everything up to here is in
  bool more = false;
};

struct DocumentList {
  std::vector<DocumentRow> rows;
  std::string next;  // opaque position; empty: no more
};

struct DeviceStatus {
  DeviceId device;
  Incarnation incarnation;
  std::optional<CommandId> last_command;
  CommandNumber highest_n;
  std::int64_t acknowledged = 0;  // commands applied
  std::int64_t refused = 0;       // keys whose last outcome is a refusal
  Timestamp last_seen;
  DeviceReport report;
};

// A consistent snapshot; short-lived, never held across a socket write.
class ReadTransaction {
 public:
  virtual ~ReadTransaction() = default;

  virtual Result<WorkspaceHead> Head(const WorkspaceId&) = 0;
  // A tag of the command that made this sequence, as in a log match; nullopt: beyond the head or no longer kept.
  virtual Result<std::optional<std::uint64_t>> TagAt(const WorkspaceId&, Sequence) = 0;
  virtual Result<FeedPage> ReadFeed(const WorkspaceId&, const FeedQuery&) = 0;
  // Of the device in whatever incarnation: one that began a new incarnation still shows what it sent under the old one.
  virtual Result<std::vector<OwnCommand>> OwnCommands(const WorkspaceId&, const DeviceId&, Sequence after,
                                                      Sequence up_to) = 0;
  virtual Result<std::optional<DocumentRow>> Get(const WorkspaceId&, const DocumentKey&) = 0;
  // Newest first; `field` = `value` on a top-level string of the body when given.
  virtual Result<DocumentList> List(const WorkspaceId&, const CollectionName&, std::string_view field,
                                    std::string_view value, std::string_view after, int limit) = 0;
  virtual Result<std::vector<DeviceStatus>> Devices(const WorkspaceId&) = 0;
};

// What one step of the daily purge may remove.
struct PurgeBounds {
  Timestamp outcomes_before;    // bodies of outcomes: a replay then shows the resource as it is now
  Timestamp keys_before;        // whole keys: keys_purged_below rises
  Timestamp tombstones_before;  // tombstones and departures: purged_below rises
  int rows_max = 1000;          // per step, so that groups of commands run in between
};

// What is remembered of a job across restarts and nodes.
struct JobRecord {
  std::string name;
  std::int64_t version = 0;           // each change of the record is one more
  std::string holder;                 // the node that runs it; empty: none
  Timestamp lease_until;              // a holder that did not report until then is taken for dead
  Timestamp next;                     // when it is due
  std::optional<Timestamp> started;   // the last run
  std::optional<Timestamp> finished;  // of the last run, once it ended
  std::string result;                 // "ok", or why it stopped; empty: it never ended
  std::int64_t steps = 0;             // of the last run
  std::int64_t runs = 0;
};

class Store {
 public:
  virtual ~Store() = default;

  // Identity of this life of the store, made at creation. Another server on the same database may change it.
  virtual Epoch epoch() const = 0;
  // Whether it would take a read and a write now, for /readyz.
  virtual Status Ready() { return {}; }
  // One at a time; waits for or refuses (kBusy) a second one.
  virtual Result<std::unique_ptr<WriteTransaction>> BeginWrite() = 0;
  // May be called from any thread.
  virtual Result<std::unique_ptr<ReadTransaction>> BeginRead() = 0;
  // One small step in a transaction of its own, called between groups. true: there is more to remove.
  virtual Result<bool> Purge(const PurgeBounds& bounds) = 0;

  // From any thread. A store that keeps none has none.
  virtual Result<std::vector<JobRecord>> Jobs() { return std::vector<JobRecord>(); }
  // Compare and set: taken if what is stored has the version before this one's (none: 0). false: another node was
  // quicker. Called between groups.
  virtual Result<bool> PutJob(const JobRecord&) { return true; }
};

}  // namespace outpost::server
