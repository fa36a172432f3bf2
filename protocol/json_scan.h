// Checks the text of an object without building a tree: most of a pull are documents that are stored as they arrived.
//
// It knows plain JSON only. Whatever it is not sure of (escaped code points, fractions, deep nesting, objects of very
// many members, anything malformed) it leaves to ParseJson. The law: what is plain here, ParseJson accepts, too.
#pragma once

#include <string_view>
#include <vector>

namespace outpost {

struct PlainMember {
  std::string_view name;
  std::string_view value;  // its text as it stands; of a string with the quotes
};

// Fills in the members of the object that `text` is, in their order. False: not sure.
[[nodiscard]] bool ScanPlainObject(std::string_view text, std::vector<PlainMember>& members);

}  // namespace outpost
