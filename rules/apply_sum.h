// What several commands in a row add to one document, as one change: the same document that they make one by one. Only
// for additions that hold on any state of the document (Execution::added). Used by devices, which keep thousands of
// waiting sales of an article as one sum.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "rules/execute.h"

namespace outpost::rules {

struct FieldSum {
  std::int64_t delta = 0;
  std::int64_t reach = 0;  // sum of the deltas' magnitudes: how far the field can be from its start on the way
};

struct Sum {
  std::int64_t commands = 0;  // each is a version
  std::map<std::string, FieldSum> fields;
  json::object defaults;  // of the first, in case the document is absent
  json::object constants;
  UserId first_author;
  Timestamp first_at;
  Timestamp last_at;
};

// nullopt: a field might leave the range of whole numbers on the way, so the commands have to be run one by one.
std::optional<NewDocument> ApplySum(const DocumentKey& key, const StoredDocument& stored, const Sum& sum);

}  // namespace outpost::rules
