// What the simulated shops declare besides the business: a collection of each strategy, for the generic families.
#pragma once

#include <memory>

#include "server/core/collections.h"

namespace outpost::sim {

// "plans" (reject), "notes" (merge), "tallies" (counters), "diary" (append-only), "tasks" (merge, scoped by "room");
// and, as everywhere, "settings".
const std::shared_ptr<const server::Collections>& DeclaredHere();

}  // namespace outpost::sim
