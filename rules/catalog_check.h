// orders.require_catalog: every article of an order has to be a product of the catalog or a variant of one.
#pragma once

#include <optional>
#include <vector>

#include "rules/rule.h"

namespace outpost::rules {

// Nothing when the context does not require it. nullopt: more documents are needed. What a device does not hold it
// cannot miss: such articles pass, and the server decides.
std::optional<std::vector<FieldError>> CheckCatalog(const Context& context, const json::array& items,
                                                    Documents& documents);

// Where a variant's article code is kept, so that it can be looked up; internal.
DocumentKey VariantKey(std::string_view sku);
DocumentKey ProductKey(std::string_view sku);

}  // namespace outpost::rules
