#include "sim/declared.h"

#include "base/assert.h"

namespace outpost::sim {

const std::shared_ptr<const server::Collections>& DeclaredHere() {
  static const std::shared_ptr<const server::Collections> declared = [] {
    rules::CollectionCatalog catalog;
    const auto declare = [&](const char* name, rules::Strategy strategy, const char* scope_field = "") {
      rules::DeclaredCollection collection;
      collection.name = name;
      collection.scope_field = scope_field;
      collection.strategy = strategy;
      const Status said = catalog.Declare(std::move(collection));
      OUTPOST_ASSERT(said.ok());
    };
    declare("plans", rules::Strategy::kReject);
    declare("notes", rules::Strategy::kMerge);
    declare("tallies", rules::Strategy::kCounters);
    declare("diary", rules::Strategy::kAppendOnly);
    declare("tasks", rules::Strategy::kMerge, "room");
    return std::make_shared<const server::Collections>(std::move(catalog));
  }();
  return declared;
}

}  // namespace outpost::sim
