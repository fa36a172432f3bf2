// Names that a story gives to what it cannot know beforehand: "$order" is the id of the command called order, and
// "$order:ticket/grill" the id derived from it for that role. Anything else called "as" is put in as it is (cursors).
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "protocol/ids.h"
#include "protocol/json.h"

namespace outpost::scenarios {

class Names {
 public:
  void Add(const std::string& name, std::string value) { values_[name] = std::move(value); }
  // Empty when nothing has that name.
  std::string_view Find(std::string_view name) const;
  // Every text in it with its names filled in, keys of objects included.
  json::value Fill(const json::value& value) const;
  std::string Fill(std::string_view text) const;

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

// Empty when `actual` has everything that `expected` names (objects may hold more, lists must be as long); else what
// differs, and where. Null expects nothing, or null, to be there.
std::string Mismatch(const json::value& expected, const json::value& actual, const std::string& where);

}  // namespace outpost::scenarios
