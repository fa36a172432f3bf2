#include "protocol/json_span.h"

#include <cstdint>
#include <cstring>

namespace outpost {
namespace {

bool IsSpace(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

std::string_view SkipSpace(std::string_view text) {
  while (!text.empty() && IsSpace(text.front())) text.remove_prefix(1);
  return text;
}

// Where the next quote stands from `at` on, or the text's size. Most strings are short: eight bytes at a time.
std::size_t FindQuote(std::string_view text, std::size_t at) {
  constexpr std::uint64_t kOnes = 0x0101010101010101u;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t bytes;
    std::memcpy(&bytes, text.data() + at, 8);
    const std::uint64_t differing = bytes ^ (kOnes * '"');
    if (((differing - kOnes) & ~differing & (kOnes * 0x80)) != 0) break;
  }
  while (at < text.size() && text[at] != '"') ++at;
  return at;
}

// Length of the string that begins at `at`, quotes included. A quote ends it unless an odd number of backslashes
// stands before.
std::size_t StringLength(std::string_view text, std::size_t at) {
  std::size_t from = at + 1;
  for (;;) {
    const std::size_t quote = FindQuote(text, from);
    if (quote == text.size()) return quote - at;
    std::size_t backslashes = 0;
    while (text[quote - 1 - backslashes] == '\\') ++backslashes;
    if (backslashes % 2 == 0) return quote + 1 - at;
    from = quote + 1;
  }
}

std::size_t StructureLength(std::string_view text) {
  int depth = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    switch (text[at]) {
      case '"':
        at += StringLength(text, at) - 1;
        break;
      case '{':
      case '[':
        ++depth;
        break;
      case '}':
      case ']':
        if (--depth == 0) return at + 1;
        break;
      default:
        break;
    }
  }
  return text.size();
}

// Length of the value that the text begins with.
std::size_t ValueLength(std::string_view text) {
  if (text.empty()) return 0;
  if (text.front() == '"') return StringLength(text, 0);
  if (text.front() == '{' || text.front() == '[') return StructureLength(text);
  std::size_t length = 0;
  while (length < text.size() && text[length] != ',' && text[length] != '}' && text[length] != ']' &&
         !IsSpace(text[length])) {
    ++length;
  }
  return length;
}

// Cuts the value off the front of `left`, and the comma after it.
std::string_view TakeValue(std::string_view& left) {
  const std::string_view value = left.substr(0, ValueLength(left));
  left = SkipSpace(left.substr(value.size()));
  if (!left.empty() && left.front() == ',') left = SkipSpace(left.substr(1));
  return value;
}

// What follows the opening bracket or brace.
std::string_view Inside(std::string_view structure) {
  structure = SkipSpace(structure);
  return structure.empty() ? structure : SkipSpace(structure.substr(1));
}

}  // namespace

std::optional<std::string_view> MemberTail(std::string_view object, std::string_view name) {
  std::string_view left = Inside(object);
  while (!left.empty() && left.front() == '"') {
    const std::size_t key_length = StringLength(left, 0);
    const std::string_view key = left.substr(1, key_length - 2);
    left = SkipSpace(left.substr(key_length));
    if (!left.empty()) left = SkipSpace(left.substr(1));  // the colon
    if (key == name) return left;
    TakeValue(left);
  }
  return std::nullopt;
}

std::optional<std::string_view> MemberText(std::string_view object, std::string_view name) {
  std::optional<std::string_view> tail = MemberTail(object, name);
  if (tail.has_value()) tail = tail->substr(0, ValueLength(*tail));
  return tail;
}

ElementTexts::ElementTexts(std::string_view array) : left_(Inside(array)) {}

std::optional<std::string_view> ElementTexts::Next() {
  if (left_.empty() || left_.front() == ']') return std::nullopt;
  return TakeValue(left_);
}

}  // namespace outpost
