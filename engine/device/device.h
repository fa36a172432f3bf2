// The device: joins the store and the sync machine behind one facade. Everything an application or a host needs.
//
// Law 1: what Get and List show is base + pending. Law 2: Execute returns after its write is on disk.
// Law 9: no thread, socket or clock in here. The host calls Handle with what happened and performs the effects that
// come back; time and randomness are arguments. One caller at a time.
//
// Host loop:  effects = device.Handle(event, now);  perform each;  on an answer: Handle(HttpDone{…}, now);
//             at the time of the last WakeAt: Handle(Wake{}, now);  after Execute: Handle(Wake{}, now).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/random.h"
#include "base/ulid.h"
#include "engine/device/subscription.h"
#include "engine/model/command_record.h"
#include "engine/store/device_store.h"
#include "engine/sync/exchange.h"
#include "engine/sync/sync_machine.h"

namespace outpost::engine {

// A personal store belongs to one user. A shared terminal's belongs to the device: people sign in and out of it, each
// command goes up under its author, and what is shown is what whoever is signed in may read.
enum class Sharing { kPersonal, kTerminal };
inline constexpr std::int64_t kDayMs = 24 * 60 * 60 * 1000;

struct DeviceOptions {
  StoreOptions store;
  WorkspaceId workspace;
  UserId user;  // author of commands unless the intent names another; of a terminal who is signed in, may be empty
  Sharing sharing = Sharing::kPersonal;
  DeviceId new_device;  // what a store that is created calls its device, where the host knows it (B8); empty: a new id
  std::optional<std::vector<CollectionName>> may_read;  // by that user; nullopt: all that is here
  // Leaves subscription and indexes as they are in the store: for tools that only look in or carry the queue.
  bool as_it_is = false;
  // The subscription to begin with, and again whenever these three differ from the last start's; what Subscribe made of
  // it is kept otherwise.
  std::vector<CollectionName> collections;  // empty: all
  std::string scope;                        // "station:grill": of the scoped collections only what has this value there
  std::vector<CollectionName> scoped;       // those the scope narrows, as the server declares them
  // Collections that are not to be on a device's disk unless it says so: neither documents nor predictions.
  std::vector<CollectionName> sensitive;
  bool store_sensitive = false;
  std::vector<IndexDeclaration> indexes;  // changed at any start: the store follows
  std::string currency = "EUR";
  std::string release = "1.0.0";
  SyncSettings sync;
  std::int64_t waiting_alert = 100;   // O9: a notice from here on
  std::int64_t waiting_max = 100000;  // O9: Execute refuses beyond
  // O16: ended commands are kept that long, and no more of them than that; the audit trail; longer is not offered again
  // to a server that lost it (B12).
  std::int64_t history_ms = 7 * kDayMs;
  std::int64_t history_rows_max = 10000;
  std::int64_t audit_ms = 30 * kDayMs;
  std::int64_t offer_again_ms = 7 * kDayMs;
  // O11: how long a process that stopped keeps the others from flushing. sole_process: the host knows that nobody else
  // has the store open, and need not wait for a predecessor's lease to end.
  std::int64_t lease_ttl_ms = 10000;
  bool sole_process = false;
};

// Whether a rule's "no" on this device keeps the command out of the outbox, or only its effect out of sight.
enum class LocalRefusal { kRefuse, kQueueAnyway };

// What a person wants done.
struct Intent {
  std::string type;  // "ORDER_CREATE_V1"
  json::object payload;
  std::optional<IdempotencyKey> key;  // default: the command's id
  std::optional<UserId> author;       // default: DeviceOptions::user
  ExpectedVersion expected_version;
  std::vector<CommandId> depends_on;
  std::string traceparent;
  LocalRefusal local_refusal = LocalRefusal::kRefuse;
};

// What Execute promises: the command is on disk, and this is how its document looks from now on.
struct Accepted {
  CommandId id;
  CommandNumber n;
  std::optional<DocumentKey> resource;
  std::optional<std::string> optimistic;  // JSON text; absent when the device could not predict
};

struct VisibleDocument {
  DocumentKey key;
  Version version;
  std::string body;      // JSON text
  bool pending = false;  // shows effects that the server has not confirmed
};

// Events, host → device.
struct Start {};
struct Wake {};
struct NetworkChanged {
  bool up = true;
};
struct TokenChanged {};
struct SyncNow {};
struct HttpDone {
  ExchangeId exchange;
  HttpOutcome outcome;
};
using Event = std::variant<Start, Wake, NetworkChanged, TokenChanged, SyncNow, HttpDone>;

// Effects, device → host.
struct HttpSend {
  ExchangeId exchange;
  HttpRequest request;
  std::int64_t timeout_ms = 30000;
};
struct WakeAt {
  Timestamp at;
};  // replaces any earlier one
// Something an application wants to show or log.
struct Notice {
  enum class Kind {
    kFlushStarted,
    kFlushFinished,
    kSent,
    kRetried,
    kConflict,
    kFailed,
    kSettled,
    kNeedsAttention,
    kTooManyWaiting,
    kSignInNeeded,
    kResyncStarted,
    kRoundFinished,
    kDocumentsChanged,
    kDeviceCloned,
    kDiscarded,       // the server will never apply it
    kAlreadyApplied,  // a discard that came too late: a cancelling command can be offered
    kStoreBehind,     // the server knows numbers this store has lost: it was restored from an older copy
    kOfferedAgain,    // the server's store was replaced by an older one: it lacks what this device sent
    kLeaseTaken,      // this process flushes the store from now on
    kLeaseLost,       // another process does
  };
  Kind kind;
  std::optional<CommandId> command;
  std::string detail;
  std::vector<DocumentKey> documents;  // kDocumentsChanged
  std::string trace_id;                // 32 hexadecimal digits; empty where there is nothing to trace
};
inline constexpr int kNoticeKindCount = 20;
// "needs attention".
std::string_view Name(Notice::Kind kind);
// Watched queries: how a result differs from what was told of it before. `at`: its place in the new result.
using QueryId = Tagged<struct QueryIdTag, std::int64_t>;
struct PlacedDocument {
  VisibleDocument document;
  std::size_t at = 0;
};
struct QueryChanged {
  QueryId query;
  std::vector<PlacedDocument> added;
  std::vector<PlacedDocument> changed;  // content or place
  std::vector<DocumentId> removed;
};
struct Watched {
  QueryId id;
  std::vector<VisibleDocument> documents;  // the result as it is now
};
using Effect = std::variant<HttpSend, WakeAt, Notice, QueryChanged>;

// What the device has done since it was opened; speed is asserted on these in tests, and timed in bench/.
struct DeviceWork {
  std::int64_t rules_rerun = 0;
  std::int64_t documents_read = 0;  // by rules
  std::int64_t sums_added = 0;
  std::int64_t queries_skipped = 0;  // watched, and nothing of theirs changed
  std::int64_t query_lookups = 0;    // one document looked up for a watched query
  std::int64_t query_reruns = 0;     // a watched query run from the start
};

// A collection on this device, as the server last told it.
struct DataSet {
  CollectionName collection;
  std::int64_t documents = 0;
  std::int64_t bytes = 0;               // of the documents' text
  std::optional<Timestamp> last_round;  // when a finished round last brought it up to date
  bool joining = false;                 // subscribed, and not whole yet
};

struct SyncStatus {
  std::int64_t waiting = 0;      // PENDING
  std::int64_t in_flight = 0;    // of these, sent and not answered
  std::int64_t quarantined = 0;  // FAILED, CONFLICT and their BLOCKED
  bool online = false;           // the last exchange reached the server
  bool caught_up = false;        // a round has finished since the last Start
  std::optional<Timestamp> last_sync;
  std::optional<Timestamp> oldest_waiting;
  bool flushing = false;    // this process holds the lease
  std::string store_error;  // not empty: the disk failed; close the device and open it again
};

// What becomes of work that is not settled when a person logs out of a personal store. Nothing wipes it in silence.
enum class Logout {
  kIfNothingWaits,  // kRefused while something does: sync first
  kExported,        // it is in a file: the digest of ExportQueue, still true, proves it
  kKeep,            // remember me: everything stays, and is shown again when the same user opens the store or signs in
};

struct ExportedQueue {
  std::string text;  // of the file
  std::string digest;
  std::int64_t commands = 0;
};
struct ImportedQueue {
  std::int64_t taken = 0;
  std::int64_t known = 0;  // already here, by id or key
};
struct StoreOwner {
  WorkspaceId workspace;
  UserId user;  // empty: a terminal's
};

struct DeviceState;

class Device {
 public:
  // Whose a store is, before it is opened. kNotFound: it is empty.
  static Result<StoreOwner> OwnerOf(const StoreOptions& store);

  // Creates or opens the store; commands that were in flight when the process died are waiting again.
  // kCorrupt: damaged or written by a newer release; kInvalidArgument: it belongs to another workspace or user.
  static Result<std::unique_ptr<Device>> Open(DeviceOptions options, Timestamp now, Random& random);
  ~Device();

  // kInvalidArgument: unknown type or payload that the rule's schema refuses (nothing is stored).
  // kRefused: the rule says no, and the device holds everything it rests on (nothing is stored).
  // kFull: queue limit or disk; nothing already queued is lost. kAlreadyExists: the key is in use by other content.
  Result<Accepted> Execute(const Intent& intent, Timestamp now);

  std::vector<Effect> Handle(const Event& event, Timestamp now);

  // Everything unsettled, as a file (engine/device/queue_file.h). Changes nothing here.
  Result<ExportedQueue> ExportQueue(Timestamp now);
  // All of it or nothing; what is here already stays as it is. Handle(Wake{}) afterwards sends. kInvalidArgument: no
  // such file, damaged, of another workspace, or from a newer release; kAlreadyExists: a key is in use here by other
  // content; kFull: the queue's limit.
  Result<ImportedQueue> ImportQueue(std::string_view text, Timestamp now);

  // Who is at the device. Watched queries end. kInvalidArgument: a personal store is its owner's alone.
  Status SignIn(UserId user, std::optional<std::vector<CollectionName>> may_read = std::nullopt);
  // Nothing is shown or executed any more; a terminal's queue goes on being sent. A personal store is emptied, unless
  // it is kept: then close the device. kRefused: something is not settled, or is not what was exported.
  Status SignOut(Logout how, std::string_view export_digest, Timestamp now);

  // Another subscription, from now on and after a restart; Handle(SyncNow{}) afterwards pulls. Added collections come
  // alone, up to where the others are, and join; with less, or another scope, everything is pulled anew beside what is
  // shown. kInvalidArgument: no collection, no scope.
  Status Subscribe(Subscription subscription, Timestamp now);
  const Subscription& subscription() const;
  // What is held, per collection.
  Result<std::vector<DataSet>> DataSets();

  // What a person decides (O12). Durable before they return, kept in the audit trail; Handle(Wake{}) afterwards sends.
  // kNotFound: no such command. kInvalidArgument: not possible where it stands; the message says why.
  //
  // A refused command is evaluated anew; what was BLOCKED behind it waits again behind it. A waiting one is tried now.
  Status Retry(const CommandId& id, Timestamp now);
  // Everything refused or put off. How many.
  Result<std::int64_t> RetryAll(Timestamp now);
  // With the version the conflict showed as expectedVersion: "I have seen theirs, mine still holds".
  Status RetryWithLatest(const CommandId& id, Timestamp now);
  // Over whatever version is there; only after VERSION_CONFLICT, and the server asks for staff or admin.
  Status Force(const CommandId& id, Timestamp now);
  // Another command in its place; what was BLOCKED behind the old one waits behind the new. An empty type, absent
  // author and empty depends_on are the old one's. Not while the old one may be on its way: discard it first.
  Result<Accepted> Edit(const CommandId& id, Intent intent, Timestamp now);
  // What else falls with it.
  Result<std::vector<CommandRecord>> DiscardPlan(const CommandId& id);
  // Returns everything that fell, itself first. What never left this device is DISCARDED at once; for the rest the
  // server is asked to burn the keys, and until it answers they are DISCARDING.
  Result<std::vector<CommandId>> Discard(const CommandId& id, Timestamp now);

  // What undoes it, where one command does: to be offered after kAlreadyApplied, and executed as any other.
  // kInvalidArgument: it was not applied.
  Result<std::optional<Intent>> CancellingIntent(const CommandId& id);

  // Nullopt: neither in base nor in any waiting command.
  Result<std::optional<VisibleDocument>> Get(const DocumentKey& key);
  // By id. limit 0: all.
  Result<std::vector<VisibleDocument>> List(const CollectionName& collection, std::size_t limit = 0);
  // What is visible and fits, in the query's order; see engine/store/query.h for what compares how. kInvalidArgument: a
  // field or collection is not named as one.
  Result<std::vector<VisibleDocument>> Find(const Query& query);
  // Whatever the query's limit.
  Result<std::int64_t> Count(const Query& query);
  // From now on QueryChanged effects tell what changes in the result: once per execute (with the Handle after it), per
  // answer and per finished round, never from within a round. kFull: too many queries are watched.
  Result<Watched> Watch(const Query& query);
  void Unwatch(QueryId id);
  // Oldest first; all statuses when none is given.
  Result<std::vector<CommandRecord>> Queue(std::optional<CommandStatus> status = std::nullopt, std::size_t limit = 0);
  Result<std::optional<CommandRecord>> FindCommand(const CommandId& id);
  // What was exchanged and decided, newest first; of one command, or all.
  Result<std::vector<AuditRow>> Audit(const std::optional<CommandId>& command = std::nullopt, std::size_t limit = 100);

  SyncStatus status() const;
  const DeviceWork& work() const;
  // Which cells of the status table were taken since it was opened.
  const StatusMoves& status_moves() const;
  const DeviceId& id() const;
  const Incarnation& incarnation() const;

  // Law 1, checked: every overlay equals base plus its commands applied again. For tests and `doctor`. Nothing to check
  // within a round, and while this process has not learned yet what another did.
  Status CheckOverlays();

 private:
  explicit Device(std::unique_ptr<DeviceState> state);
  std::unique_ptr<DeviceState> state_;
};

}  // namespace outpost::engine
