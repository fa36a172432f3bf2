// A small part of JSON Schema, enough to say what a document of a declared collection looks like: type, properties,
// required, additionalProperties (true or false), enum, minimum, maximum, minLength, maxLength, items, minItems,
// maxItems; title and description are for people. Unlike JSON Schema, fields nobody declared are refused unless
// additionalProperties is true: the protocol refuses unknown fields everywhere. Pure; both sides.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "protocol/problem.h"

namespace outpost::rules {

// kInvalidArgument names a keyword or a type that is not among those above: a rule that is silently not kept is worse
// than a server that does not start.
Status CheckSchemaIsKnown(const json::object& schema);

// Appends what is wrong with `document`, fields named below `path` ("doc.title"). An empty schema takes anything. What
// every resource carries (id, version, …) is neither asked for nor refused.
void CheckDocument(const json::object& schema, const json::object& document, const std::string& path,
                   std::vector<FieldError>& errors);

}  // namespace outpost::rules
