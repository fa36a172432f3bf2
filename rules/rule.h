// What a business rule is: a pure function from a command and the documents it reads to writes or a refusal. The same
// code runs on the device (on visible documents, optimistically) and on the server (on the real ones, finally).
//
// Law 9: a rule asks no clock, makes no random number and does no I/O. Ids of what it creates come from DerivedId, so
// that both sides make the same ones. Look-ups say found, absent or not held; a device refuses locally only if it met
// nothing "not held". When a look-up meets a document that nobody loaded yet the rule returns NeedsDocuments, is given
// them and runs again (at most kRuleRunsMax times).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/time.h"
#include "protocol/command.h"
#include "protocol/problem.h"
#include "rules/collection_catalog.h"

namespace outpost::rules {

inline constexpr int kRuleRunsMax = 5;  // the first run and at most four with more documents

enum class Access {
  kCreates,   // the document must not exist; what uses it later depends on this command
  kUpdates,   // replaces state others may have read: ordered after every earlier writer
  kCommutes,  // its order among other commuting writers does not matter
  kReads,     // looks, does not write
};

// A request may be refused. A fact has happened: if well-formed and authorised it is always recorded, and what it
// contradicts becomes a visible exception.
enum class Nature { kRequest, kFact };

enum class Holding { kFound, kAbsent, kNotHeld };

// A document as a rule sees it. body is null unless holding is kFound.
struct Snapshot {
  Holding holding = Holding::kAbsent;
  Version version;
  const json::object* body = nullptr;
};

// Where a rule looks documents up. The driver preloads what the command's type declares.
class Documents {
 public:
  virtual ~Documents() = default;
  // nullopt: not loaded yet; the driver notes the key, and the rule returns NeedsDocuments.
  virtual std::optional<Snapshot> Find(const DocumentKey& key) = 0;
};

// Frozen with the command: a rerun sees the same values. On the server `now` is the time of execution.
struct Context {
  CommandId command;
  UserId author;
  Timestamp now;
  std::string currency = "EUR";  // ISO 4217, per workspace
  bool require_catalog = false;  // orders.require_catalog
  // What the application declared; null on a device that was not told: it then leaves schema and strategy to the
  // server.
  const CollectionCatalog* collections = nullptr;
  bool forced = false;  // a person overrides what others changed meanwhile
};

struct Put {
  json::object body;  // whole document; id, version and the other metadata in it are ignored: the driver stamps those
};
// Adds to whole-number fields; creates the document when it is absent. What follows from the sums (oversold) is
// computed by DeriveFields after applying.
struct Add {
  std::map<std::string, std::int64_t> deltas;
  json::object defaults;   // fields of a document created by this write
  json::object constants;  // fields set in any case; the same whatever order such writes come in
};
struct Delete {};

struct Write {
  DocumentKey key;
  Access access = Access::kUpdates;
  std::variant<Put, Add, Delete> change;
};

struct Applied {
  std::vector<Write> writes;  // empty: a no-op (seq null, changes [])
  DocumentKey resource;       // whose document the answer shows
  int http_status = 200;      // 201 when the resource was created
};

struct Refusal {
  Problem problem;
  std::optional<DocumentKey> current;  // whose state the problem shows as currentState
};

struct NeedsDocuments {};

using Outcome = std::variant<Applied, Refusal, NeedsDocuments>;

// Which payload field names which document, declared per type and never guessed by scanning.
struct DeclaredAccess {
  CollectionName collection;
  std::string_view field;  // top-level payload field holding the id
  Access access = Access::kUpdates;
  bool must_exist = true;  // NOT_FOUND before the schema is looked at
  // Generic families: the payload field that names the collection; `collection` is then empty.
  std::string_view collection_field = {};
};

struct CommandType {
  std::string_view family;
  int version = 1;
  Nature nature = Nature::kRequest;
  std::vector<DeclaredAccess> accesses;
  std::vector<std::string_view> roles;  // besides admin
  bool checks_version = true;           // false: expectedVersion is ignored (facts, commuting writes)
  // Field errors of the payload; empty when it is well-formed. Unknown fields are errors.
  std::vector<FieldError> (*validate)(const json::object& payload);
  // Null in an old version: it has `upcast` instead.
  Outcome (*apply)(const Context& context, const json::object& payload, Documents& documents) = nullptr;
  // An old version of its family: says a well-formed payload in the words of the next version (rules/upcast.h). It
  // keeps its own accesses, roles and schema; what comes after the schema is the newest version's.
  json::object (*upcast)(const json::object& payload) = nullptr;
  // Whether a document changed since `expected` in a way this type minds. Null: any change counts.
  bool (*version_conflict)(const Context& context, const json::object& payload, const Snapshot& current,
                           Version expected) = nullptr;
  // What else the schema says that takes the context to know: the declared collection's own schema. May be null.
  std::vector<FieldError> (*check)(const Context& context, const json::object& payload) = nullptr;
  // The fields this payload wants to set, for the diff of a conflict. Null: the payload but for its target.
  json::object (*proposed)(const json::object& payload) = nullptr;
};

// Null when no such type exists.
const CommandType* FindType(std::string_view family, int version);
std::span<const CommandType> AllTypes();

// The id of something a command creates besides its resource: hash(command id, role), e.g. role "ticket/grill".
DocumentId DerivedId(const CommandId& command, std::string_view role);

// The document that a declared access names; nullopt when the payload has no usable name there (the schema says so).
std::optional<DocumentKey> DeclaredKey(const DeclaredAccess& access, const json::object& payload);

// The payload's target id; a resource created without an id gets the command's id. Empty when the type has no target.
std::optional<DocumentKey> TargetOf(const CommandType& type, const CommandId& command, const json::object& payload);

}  // namespace outpost::rules
