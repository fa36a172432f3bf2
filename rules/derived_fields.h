// Fields that follow from other fields of the same document. Computed after every write, so that sums added in any
// order end in the same document.
#pragma once

#include "protocol/ids.h"
#include "protocol/json.h"

namespace outpost::rules {

// stock: oversold = what was sold beyond the shelf. An article that nobody counted or adjusted has no shelf to go
// below: its sales are kept, but they alarm nobody.
void DeriveFields(const CollectionName& collection, json::object& body);

}  // namespace outpost::rules
