// [collections.NAME] of the configuration: what an application declares as data.
//
//   [collections.tasks]
//   strategy = "merge"                      # reject (default), last-write-wins, merge, append-only, counters
//   scope    = "branch"                     # devices may ask for scope=branch:north
//   sensitive = false                       # true, or a list of fields that devices do not store
//   schema   = { title = "text", points = "integer?", done = "boolean?" }      # or JSON Schema as a table, text or
//   file states   = { field = "status", initial = "OPEN", OPEN = ["DONE"], DONE = [] }
#pragma once

#include <toml++/toml.h>

#include <string>

#include "rules/collection_catalog.h"

namespace outpost::cli {

// Adds them to the catalog. `folder`: where schema files are looked for. The error names the collection and the key.
Status TakeCollections(const toml::table& declared, const std::string& folder, rules::CollectionCatalog& catalog);

}  // namespace outpost::cli
