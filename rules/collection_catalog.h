// The collections an application declares as data: what their documents look like, who wins when two people change one,
// which states they go through, by which field they are scoped. The generic families (rules/generic_documents.cc,
// rules/generic_fields.cc) serve them without a line of C++. Immutable once put together; one per server, handed to the
// rules with the context.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "protocol/json.h"

namespace outpost::rules {

// What happens to an update that was made on another version than the present one.
enum class Strategy {
  kReject,      // a conflict: a person decides
  kLastWrite,   // the later one wins, in the server's order
  kMerge,       // changes of different fields both land; the same field changed twice is a conflict
  kAppendOnly,  // documents are added, lists grow; nothing is changed or deleted
  kCounters,    // as kMerge, and COUNTER_ADD makes a document that is not there
};
// "reject", "last-write-wins", "merge", "append-only", "counters", and names like them; kInvalidArgument otherwise.
Result<Strategy> StrategyFromName(std::string_view name);
std::string_view Name(Strategy strategy);

// Which states a document may be made in, and which may follow which. Empty: no states.
struct StateRules {
  std::string field = "status";
  std::vector<std::string> initial;
  std::map<std::string, std::vector<std::string>> next;

  bool empty() const { return next.empty(); }
  bool IsInitial(std::string_view state) const;
  // Staying is always allowed.
  bool MayFollow(std::string_view from, std::string_view to) const;
};

struct DeclaredCollection {
  std::string name;
  Strategy strategy = Strategy::kReject;
  json::object schema;  // see document_schema.h; empty: any document
  StateRules states;
  std::string scope_field;                    // empty: unscoped
  bool sensitive = false;                     // devices store none of it unless allowed
  std::vector<std::string> sensitive_fields;  // devices store the document without these
};

class CollectionCatalog {
 public:
  // `settings` is always there: last write wins.
  CollectionCatalog();

  // kInvalidArgument: a name the business uses itself, a broken schema, a state nobody declared.
  Status Declare(DeclaredCollection collection);
  // Null for an unknown name.
  const DeclaredCollection* Find(std::string_view name) const;
  const std::map<std::string, DeclaredCollection, std::less<>>& all() const { return collections_; }

 private:
  std::map<std::string, DeclaredCollection, std::less<>> collections_;
};

// A name that a generic family may be used on at all: no collection of the business, none of the server's own.
bool IsGenericName(std::string_view name);

}  // namespace outpost::rules
