#include "protocol/ids.h"

#include <algorithm>

#include "base/ulid.h"

namespace outpost {
namespace {

constexpr std::string_view kLocalPrefix = "local_";

bool IsIdCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= ':') || c == '_' || c == '-' || c == '.';
}

bool IsVisibleAscii(char c) { return c >= '!' && c <= '~'; }

}  // namespace

bool IsValidId(std::string_view text) {
  return !text.empty() && text.size() <= kIdLengthMax && std::all_of(text.begin(), text.end(), IsIdCharacter);
}

bool IsValidKey(std::string_view text) {
  return !text.empty() && text.size() <= kKeyLengthMax && std::all_of(text.begin(), text.end(), IsVisibleAscii);
}

bool IsLocalId(std::string_view text) {
  return text.substr(0, kLocalPrefix.size()) == kLocalPrefix && IsUlid(text.substr(kLocalPrefix.size()));
}

}  // namespace outpost
