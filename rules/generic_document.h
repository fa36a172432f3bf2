// What the generic families share: the declared collection behind a payload, and the checks every written document of
// it passes. Used by generic_documents.cc and generic_fields.cc only.
//
// On a device that was not told what is declared there is no collection: schema, states and strategy are then the
// server's to check, and what the device shows is a guess.
#pragma once

#include <optional>
#include <vector>

#include "rules/payload_reader.h"
#include "rules/rule.h"

namespace outpost::rules {

inline constexpr std::size_t kListValuesPerCommandMax = 1000;
inline constexpr std::size_t kListEntriesMax = 10'000;

// The declared collection; null when the context does not know it.
const DeclaredCollection* DeclaredFor(const Context& context, const json::object& payload);
// The target; its names have been validated.
DocumentKey GenericKey(const json::object& payload);
// Reads "collection" and "id"; `id` may be left out of a create only.
void CheckNames(PayloadReader& reader, Presence id);
// An error when this server declares no such collection.
std::vector<FieldError> CheckDeclared(const Context& context, const json::object& payload);

// The document without what the driver stamps.
json::object FieldsOf(const json::object& body);
// Refusal when the collection only grows.
std::optional<Refusal> RefusedAsAppendOnly(const DeclaredCollection* collection, const DocumentKey& key);
// Schema of the document as it would stand; a whole document's was checked with the command.
std::optional<Refusal> CheckSchema(const DeclaredCollection* collection, const json::object& after,
                                   const std::string& path);
// States of the document as it would stand. `before` is null when it is made. Sets the first state where the
// document names none and only one is possible.
std::optional<Refusal> CheckResult(const DeclaredCollection* collection, const DocumentKey& key,
                                   const json::object* before, json::object& after, const std::string& path);
// "was": the fields somebody else changed since, to something else than what is wanted now.
std::optional<Refusal> CheckWas(const DocumentKey& key, const json::object& current, const json::object& was,
                                const json::object& wanted);

// A type over one document of a generic collection.
CommandType GenericType(std::string_view family, Access access, bool must_exist);

}  // namespace outpost::rules
