// Turns what a rule wants written into the documents as they will stand: merges several writes to one document into
// one version step, sums Adds, derives fields and stamps the metadata every resource carries. Used by Execute only.
//
// Member order of a stamped body: id, version, the rule's fields, createdAt, updatedAt, createdBy.
#pragma once

#include <string_view>
#include <variant>
#include <vector>

#include "rules/loaded_documents.h"

namespace outpost::rules {

// The fields that the driver stamps itself: id, version, createdAt, updatedAt, createdBy.
bool IsMetadata(std::string_view name);

// Every key of `writes` is loaded in `documents`. A document the caller does not hold gives no new document, unless the
// write creates it: there is nothing to show. Refuses: a created id that is taken, a sum beyond ±(2^53−1).
std::variant<std::vector<NewDocument>, Refusal> ApplyWrites(std::vector<Write> writes, const LoadedDocuments& documents,
                                                            const Context& context);

}  // namespace outpost::rules
