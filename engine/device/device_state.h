// What a device is made of: the store, and the memory that mirrors what in it is still open. Shared by the parts of the
// facade (execute, requests, answers, pages, rebase); nobody else includes it.
//
// Memory follows the store: a part changes memory while its transaction runs, and if that fails, Reload rebuilds memory
// from what the store says.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/device/device.h"
#include "engine/device/live_queries.h"
#include "engine/device/queue_file.h"
#include "engine/device/subscription.h"
#include "engine/model/dependency_graph.h"
#include "engine/model/effect_index.h"
#include "protocol/pull.h"

namespace outpost::engine {

// A command that went out with an exchange, and what a verified answer to it must name.
struct SentCommand {
  Position position;
  CommandId id;
  std::string fingerprint;  // hexadecimal
  std::optional<DocumentKey> resource;
  Revision revision;
  std::optional<CommandId> burns;  // COMMAND_DISCARD: whose key
  std::string trace_id;
};

// Counted for the batch limit where a command's payload has not been read.
inline constexpr std::size_t kCommandBytesTypical = 1024;

struct Exchange {
  enum class Kind { kPush, kPull };
  Kind kind = Kind::kPull;
  std::vector<SentCommand> commands;  // kPush
  std::int64_t generation = 0;        // kPull: the generation it was asked for
  std::optional<Subscription> joins;  // kPull of collections that are being added: what is held when they have joined
  Incarnation incarnation;            // kPush: whose numbers it carried
  Timestamp began;
  std::string trace_id;
};

// Rows of the audit trail that wait for a transaction, at most.
inline constexpr std::size_t kAuditWaitingMax = 1000;

// What this process knows of others on the same store.
struct SharedState {
  std::int64_t data_version = 0;
  std::int64_t stamp = 0;    // of the last change that was more than an appended command
  bool stale = false;        // memory is behind the store, and no more is needed than to append
  bool seen = false;         // another process has written
  std::int64_t waiting = 0;  // an estimate while stale
  std::int64_t appended = 0;
};

struct LeaseState {
  std::string holder;  // this device object's own name
  std::int64_t token = 0;
  Timestamp until;
  Timestamp ask_at;
  std::int64_t seen_token = 0;  // of another process, and since when it has not moved
  Timestamp seen_until;
  Timestamp seen_at;
  bool held = false;
  bool lost = false;  // found out inside a transaction
};

// How much of the store a transaction must have learned.
enum class Knowledge { kAppend, kAll };

// An applied command whose effect base does not hold yet.
struct Uncovered {
  std::int64_t answered_in_round = 0;
};

struct DeviceState {
  DeviceState(DeviceOptions device_options, Random& device_random);

  // Rebuilds everything below from the store.
  Status Reload(Timestamp now);
  // Runs one transaction, which first learns what other processes did; if it fails, memory is reloaded and
  // `store_error` tells when even that fails.
  Status Run(const char* label, Durability durability, Timestamp now, const std::function<Status()>& body,
             Knowledge needed = Knowledge::kAll);
  // One that does more than append a command: other processes read their memory anew. Writes the audit rows that wait.
  Status RunStamped(const char* label, Durability durability, Timestamp now, const std::function<Status()>& body);

  // A person's decision: durable, and its own error comes back without the transaction's name.
  Status Decide(const char* label, const std::optional<CommandId>& command, Timestamp now,
                const std::function<Status()>& body);

  // Whether its documents are taken: subscribed, or being added, and not of those that must not be on this device.
  bool Subscribed(const CollectionName& collection) const;
  // Sensitive collections are not stored unless that was allowed.
  bool MayStore(const CollectionName& collection) const;
  // kRefused: nobody is signed in, or who is may not.
  Status MayRead(const CollectionName& collection) const;
  // What the next join, or the running one, makes of the subscription; nullopt: nothing is to be added now.
  std::optional<Subscription> NextJoin() const;
  // Whether "absent" on this device means absent on the server's last word.
  bool Holds(const CollectionName& collection) const;
  QueueState Queue();
  bool IsPushing() const;
  // What listeners are told of; what pages bring waits for the end of their round.
  void NoteChanged(const DocumentKey& key);
  void NoteChangedByPage(const DocumentKey& key);
  // Base is a cut again: what the round brought is told together.
  void TellRound();
  // trace_id: where it is not the command's own.
  void Tell(Notice::Kind kind, std::optional<CommandId> command = std::nullopt, std::string detail = {},
            std::string trace_id = {});
  std::int64_t Waiting() const { return shared.stale ? shared.waiting : static_cast<std::int64_t>(graph.size()); }
  // Base holds the command's effect: it leaves the rebase set.
  Status Cover(Position position);
  // It waits from now on, with its effect; `predecessors`: those it names.
  void Enter(const CommandRecord& command, std::vector<Touch> touches);
  // It shows no effect any more: what it touched is made anew.
  void DropEffect(Position position);
  // It no longer waits, nor shows an effect. The graph is the caller's.
  void Withdraw(Position position, const CommandId& id);
  // Whether it may be on its way or at the server. The mark is durable before a request leaves.
  bool EverSent(const CommandRecord& command) const { return command.sent || command.position <= sent_mark; }
  Status CountSetAside();
  // Of this incarnation, also where history holds it no more.
  Status FindLastNumber();

  DeviceOptions options;
  Random& random;
  UlidGenerator ulids;
  std::unique_ptr<DeviceStore> store;
  SyncMachine machine;
  std::string store_error;
  SharedState shared;
  LeaseState lease;
  bool running = false;                      // told to Start
  std::optional<Timestamp> wake_at;          // the machine's last wish
  std::vector<AuditRow> audit;               // to be written with the next transaction
  std::optional<Timestamp> housekeeping_at;  // when history is looked through next
  bool offering = false;  // the server lost its store: what it lacks is offered again at the round's end
  std::int64_t reloads = 0;

  // Identity.
  UserId owner;  // of a personal store; a terminal's has none
  bool signed_out = false;
  DeviceId device;
  Incarnation incarnation;
  std::optional<Epoch> epoch;

  // Pulling.
  Subscription subscription;            // what the cursor is good for
  Subscription wanted;                  // more than that: the rest is being added
  std::optional<Subscription> joining;  // what the running join makes of it; `wanted` may have grown since
  std::optional<Cursor> cursor;
  std::optional<Cursor> join_cursor;  // in the pages of what is being added
  std::int64_t generation = 1;
  bool caught_up = false;   // some round has ended in this store's life
  bool resyncing = false;   // the running round rewrites base into a new generation
  bool round_open = false;  // pages came, more to come
  std::int64_t round = 0;   // counts rounds since the store was opened
  Sequence known_seq;       // the highest sequence a page has brought: the cursor is at or beyond it

  // The open part of the outbox.
  Position last_position;
  CommandNumber last_n;
  DependencyGraph graph;                         // unsettled
  EffectIndex effects;                           // unsettled, or applied and not in base
  std::unordered_map<CommandId, Position> open;  // of both
  std::map<Position, Uncovered> uncovered;       // applied and not in base
  std::map<Position, Timestamp> waiting_since;   // unsettled: created at
  std::set<Position> maybe_applied;              // unsettled, and sent at least once without a verified answer
  Position sent_mark;                            // whatever stands behind it never left this device
  std::int64_t quarantined = 0;
  std::int64_t discarded = 0;  // or being discarded
  bool alerted = false;        // told that too many wait; until fewer do
  bool applied_late = false;   // something set aside was, within this transaction: what it blocked may be free

  // Before the first cut: commands that the rule could not follow through, for want of documents not held. When absence
  // becomes knowledge they are run again.
  std::set<Position> guessed;

  // Documents whose overlay must be made anew; done when no round is open.
  std::set<DocumentKey> dirty;
  bool rebase_all = false;

  // Talking.
  std::int64_t last_exchange = 0;
  std::map<ExchangeId, Exchange> exchanges;
  std::optional<Timestamp> last_sync;
  std::vector<Notice> notices;
  std::set<DocumentKey> changed;
  bool changed_many = false;
  std::set<DocumentKey> changed_in_round;
  bool changed_many_in_round = false;
  DeviceWork work;
  std::optional<LiveQueries> live;
};

// Several processes on one store. Learn runs inside a transaction; RunHeld only changes anything while this process
// holds the lease; KeepLease takes, keeps or gives it up.
Status Learn(DeviceState& state, Timestamp now, Knowledge wanted);
Status RunHeld(DeviceState& state, const char* label, Durability durability, Timestamp now,
               const std::function<Status()>& body);
// For what a person may ask for too, whoever flushes.
Status RunIfHeld(DeviceState& state, const char* label, Durability durability, Timestamp now,
                 const std::function<Status()>& body);
void KeepLease(DeviceState& state, Timestamp now);
void ReleaseLease(DeviceState& state);
// When the lease or the store must be looked at again, at the latest.
Timestamp NextLook(const DeviceState& state, Timestamp now);
// Nobody else can have the file open, or the host has seen to it.
bool IsAlone(const DeviceState& state);
// Nothing is under way any more.
void DropExchanges(DeviceState& state);

// Hands an event to the sync machine and performs what it decides.
void Drive(DeviceState& state, const Event& event, Timestamp now, std::vector<Effect>& effects);

// The audit trail and history.
Status WriteAudit(DeviceState& state);
void FlushAudit(DeviceState& state);
void Housekeep(DeviceState& state, Timestamp now);
// 32 hexadecimal digits: the trace of a traceparent, else the bits of the ULID; empty when it is neither.
std::string TraceIdOf(std::string_view traceparent, std::string_view ulid);

// Inside a transaction. A server that lost its store: marks what it may lack; at the end of the round, offers it again.
Status MarkForOffering(DeviceState& state, Timestamp now);
Status OfferAgain(DeviceState& state, Timestamp now);

// The parts. Each is one file of its name.
Result<Accepted> ExecuteIntent(DeviceState& state, const Intent& intent, Timestamp now);
// Inside a transaction, which must be rolled back when this fails. Checks no limit.
Result<Accepted> ExecuteWithin(DeviceState& state, const Intent& intent, const std::optional<CommandId>& replaces,
                               Timestamp now);
// What a person asks for by Retry, RetryWithLatest or Force.
enum class RetryHow { kAgain, kLatest, kForce };
Status RetryCommand(DeviceState& state, const CommandId& id, RetryHow how, Timestamp now);
Result<std::int64_t> RetryEverything(DeviceState& state, Timestamp now);
Result<Accepted> EditCommand(DeviceState& state, const CommandId& id, Intent intent, Timestamp now);
Result<std::vector<CommandRecord>> PlanDiscard(DeviceState& state, const CommandId& id);
Result<std::optional<Intent>> MakeCancelling(DeviceState& state, const CommandId& id);
Result<std::vector<CommandId>> DiscardCommand(DeviceState& state, const CommandId& id, Timestamp now);
// nullopt: nothing can be sent now.
Result<std::optional<HttpSend>> BuildPush(DeviceState& state, int commands_max, Timestamp now);
HttpSend BuildPull(DeviceState& state, Timestamp now);
// Of the commands that this response says were applied for the first time: those whose documents may go into base now.
std::set<Position> Coverable(const DeviceState& state,
                             const std::vector<std::pair<const SentCommand*, const CommandResult*>>& answers);
// A pushed batch came back verified. kUnavailable: it names none of what was sent, so it is no answer to it.
Status TakeAnswers(DeviceState& state, const Exchange& exchange, const PushResponse& response, Timestamp now);
// One command alone was refused with its whole request.
Status RefuseAlone(DeviceState& state, const SentCommand& command, const Problem& problem, Timestamp now);
// What the server says of a document goes into base; what is gone stays hidden while commands wait on it. Inside a
// transaction.
Result<bool> StoreChange(DeviceState& state, const Change& change);
// Another subscription from now on. Added collections join at run time, anything else is a resync.
Status ChangeSubscription(DeviceState& state, Subscription wanted, Timestamp now);
// A resync brings all that is wanted. Inside a transaction.
Status SettleSubscription(DeviceState& state);
Status TakeJoinPage(DeviceState& state, const ChangesPage& page, const Subscription& joins, Timestamp now);
// A command that waits no more, and yet was applied: set aside with a predecessor, or discarded too late.
Status TakeApplied(DeviceState& state, const CommandId& id, std::optional<Sequence> seq, Timestamp now);
Status TakePage(DeviceState& state, const ChangesPage& page, Timestamp now);
Status BeginNewGeneration(DeviceState& state, Timestamp now);
Status TakeNewIncarnation(DeviceState& state, Timestamp now);
// What a type is; an unknown one is a request, which may be refused.
rules::Nature NatureOf(std::string_view type_name);
// Inside a transaction. Does nothing while a round is open: then base is between two cuts.
Status Rebase(DeviceState& state);
Result<QueueFile> GatherQueue(DeviceState& state, Timestamp now);
Result<ImportedQueue> TakeQueue(DeviceState& state, std::string_view text, Timestamp now);
// A command from a file, with its id, key, author and time as they were. Inside a transaction.
Status ImportCommand(DeviceState& state, CommandRecord command, Timestamp now);
Status SignIn(DeviceState& state, UserId user, std::optional<std::vector<CollectionName>> may_read);
Status LogOut(DeviceState& state, Logout how, std::string_view export_digest, Timestamp now);
Status CheckOverlaysAgainstReplay(DeviceState& state);

}  // namespace outpost::engine
