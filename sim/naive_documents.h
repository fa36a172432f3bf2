// The generic families in a map: what declared collections must hold once the applied commands are replayed in the
// server's order. Says nothing of who may do what when: only what was applied comes here.
#pragma once

#include <map>
#include <string>

#include "protocol/ids.h"
#include "protocol/json.h"
#include "sim/journal.h"

namespace outpost::sim {

class NaiveDocuments {
 public:
  // False: no command of a generic family.
  bool Apply(const AcceptedCommand& command);
  // Empty, or what differs.
  std::string Compare(const std::map<DocumentKey, json::object>& documents) const;

 private:
  std::map<DocumentKey, json::object> documents_;  // without metadata
};

}  // namespace outpost::sim
