// Finds the text of a member or an element where it stands, so that a document that arrived as JSON is stored as it
// arrived instead of being written anew. Only for text that ParseJson accepted: nothing is checked here again.
#pragma once

#include <optional>
#include <string_view>

namespace outpost {

// The member's value in the text of an object. nullopt when there is no member of that very spelling (a key written
// with escapes is not found: the caller falls back to the parsed tree).
std::optional<std::string_view> MemberText(std::string_view object, std::string_view name);

// The same, from the value's first byte to the end of `object`: cheaper where the value is walked next anyway.
std::optional<std::string_view> MemberTail(std::string_view object, std::string_view name);

// Walks the elements of the array that the text begins with.
class ElementTexts {
 public:
  explicit ElementTexts(std::string_view array);
  // The next element, or nullopt at the end.
  std::optional<std::string_view> Next();

 private:
  std::string_view left_;
};

}  // namespace outpost
