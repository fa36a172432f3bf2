// Runs one command through its rule: the order of checks of the protocol (authorisation, target exists, schema,
// version, state, rule), the loop over needed documents, and the metadata every resource carries. Device and server
// call the same function; they differ in what their DocumentSource finds and in when they commit what comes out.
#pragma once

#include <functional>
#include <vector>

#include "rules/rule.h"

namespace outpost::rules {

// A loaded document: `body` includes its metadata (id, version, createdAt, updatedAt, createdBy).
struct StoredDocument {
  Holding holding = Holding::kAbsent;
  Version version;    // of the last life too: versions of a re-created id go on
  json::object body;  // empty unless kFound
};

// Loads documents for a command. Called with all keys that one run missed at once, so that a database can be asked in
// one round trip; fills `found` in the order of `keys`. Pointers stay valid until the command is done.
class DocumentSource {
 public:
  virtual ~DocumentSource() = default;
  virtual Status Load(std::span<const DocumentKey> keys, std::vector<const StoredDocument*>& found) = 0;
};

// The new state of one document: what the server stores and the device overlays.
struct NewDocument {
  DocumentKey key;
  Access access = Access::kUpdates;
  Version version;
  bool deleted = false;
  json::object body;  // with metadata
};

struct Executed {
  std::vector<NewDocument> documents;  // in the rule's order; empty: a no-op
  DocumentKey resource;
  int http_status = 200;
  json::object unwritten;  // the resource as it stands, when it is none of `documents` or was deleted

  // The resource as the answer shows it.
  const json::object& resource_body() const;
};

struct Refused {
  Problem problem;
  bool met_not_held = false;  // a device must not trust a refusal that rests on something it does not hold
};

struct Execution {
  std::variant<Executed, Refused> outcome;
  // Every document the rule looked up or wrote, with its strongest access: the order edges come from it.
  std::vector<std::pair<DocumentKey, Access>> touched;
  // Of these, documents it only adds to and never looked at: the addition holds on any state of the document. Filled
  // only if asked for.
  std::vector<std::pair<DocumentKey, Add>> added;
};

struct ExecutionRequest {
  const CommandType* type = nullptr;
  Context context;
  const json::object* payload = nullptr;
  std::optional<Version> expected_version;  // AfterCommand already resolved by the caller
  std::span<const std::string> roles;       // of the author; the device passes what it knows, empty = not checked
  bool tell_added = false;
};

// An Error only when `source` failed.
Result<Execution> Execute(const ExecutionRequest& request, DocumentSource& source);

}  // namespace outpost::rules
