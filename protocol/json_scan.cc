#include "protocol/json_scan.h"

#include <array>
#include <cstdint>

#include "base/utf8.h"

namespace outpost {
namespace {

constexpr int kDepthMax = 16;
constexpr std::size_t kMembersMax = 48;  // each name is compared with those before it
constexpr int kDigitsMax = 15;           // below 2^53

// What a byte within a string is to the scanner.
enum class Kind : std::uint8_t { kPlain, kQuote, kEscape, kMultibyte, kForbidden };

constexpr std::array<Kind, 256> MakeKinds() {
  std::array<Kind, 256> kinds{};
  for (std::size_t byte = 0; byte < kinds.size(); ++byte) {
    if (byte < 0x20) kinds[byte] = Kind::kForbidden;
    if (byte >= 0x80) kinds[byte] = Kind::kMultibyte;
  }
  kinds['"'] = Kind::kQuote;
  kinds['\\'] = Kind::kEscape;
  return kinds;
}
constexpr std::array<Kind, 256> kKinds = MakeKinds();

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Advances over what it is asked for; false as soon as it is not sure.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  bool Object(int depth, std::vector<PlainMember>* members) {
    Name names[kMembersMax];  // not initialised: there are many objects
    std::size_t count = 0;
    if (depth > kDepthMax || !Take('{')) return false;
    if (Take('}')) return true;
    do {
      PlainMember member;
      if (count == kMembersMax || !TakeName(member.name)) return false;
      for (std::size_t i = 0; i < count; ++i) {
        if (member.name == std::string_view(names[i].at, names[i].size)) return false;
      }
      names[count++] = {member.name.data(), member.name.size()};
      if (!Take(':') || !Value(depth, member.value)) return false;
      if (members != nullptr) members->push_back(member);
    } while (Take(','));
    return Take('}');
  }

  bool AtEnd() {
    Space();
    return at_ == end_;
  }

 private:
  struct Name {
    const char* at;
    std::size_t size;
  };

  bool Value(int depth, std::string_view& text) {
    Space();
    const char* from = at_;
    const bool plain = OfAnyKind(depth);
    text = {from, static_cast<std::size_t>(at_ - from)};
    return plain;
  }

  bool OfAnyKind(int depth) {
    switch (at_ == end_ ? '\0' : *at_) {
      case '"':
        return String() != Strings::kUnsure;
      case '{':
        return Object(depth + 1, nullptr);
      case '[':
        return Array(depth + 1);
      case 't':
        return Word("true");
      case 'f':
        return Word("false");
      case 'n':
        return Word("null");
      default:
        return Integer();
    }
  }

  bool Array(int depth) {
    if (depth > kDepthMax || !Take('[')) return false;
    if (Take(']')) return true;
    std::string_view element;
    do {
      if (!Value(depth, element)) return false;
    } while (Take(','));
    return Take(']');
  }

  bool TakeName(std::string_view& name) {
    Space();
    const char* from = at_;
    if (String() != Strings::kAsItStands) return false;
    name = {from + 1, static_cast<std::size_t>(at_ - from - 2)};
    return true;
  }

  enum class Strings { kUnsure, kAsItStands, kWithEscapes };

  Strings String() {
    if (at_ == end_ || *at_ != '"') return Strings::kUnsure;
    Strings found = Strings::kAsItStands;
    for (++at_; at_ != end_;) {
      switch (kKinds[static_cast<unsigned char>(*at_)]) {
        case Kind::kPlain:
          ++at_;
          break;
        case Kind::kQuote:
          ++at_;
          return found;
        case Kind::kEscape:
          if (!Escape()) return Strings::kUnsure;
          found = Strings::kWithEscapes;
          break;
        case Kind::kMultibyte:
          if (!CodePoint()) return Strings::kUnsure;
          break;
        case Kind::kForbidden:
          return Strings::kUnsure;
      }
    }
    return Strings::kUnsure;
  }

  bool Escape() {
    constexpr std::string_view kShort = "\"\\/bfnrt";
    if (end_ - at_ < 2 || kShort.find(at_[1]) == std::string_view::npos) return false;
    at_ += 2;
    return true;
  }

  bool CodePoint() {
    const std::size_t size = CodePointBytes({at_, static_cast<std::size_t>(end_ - at_)});
    at_ += size;
    return size > 0;
  }

  bool Integer() {
    if (at_ != end_ && *at_ == '-') ++at_;
    const char* digits = at_;
    while (at_ != end_ && IsDigit(*at_)) ++at_;
    const auto count = at_ - digits;
    if (count == 0 || count > kDigitsMax || (*digits == '0' && (count > 1 || digits[-1] == '-'))) return false;
    return at_ == end_ || (*at_ != '.' && *at_ != 'e' && *at_ != 'E');
  }

  bool Word(std::string_view word) {
    const std::string_view left(at_, static_cast<std::size_t>(end_ - at_));
    if (!left.starts_with(word)) return false;
    at_ += word.size();
    return true;
  }

  void Space() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\t')) ++at_;
  }

  bool Take(char wanted) {
    Space();
    if (at_ == end_ || *at_ != wanted) return false;
    ++at_;
    return true;
  }

  const char* at_;
  const char* end_;
};

}  // namespace

bool ScanPlainObject(std::string_view text, std::vector<PlainMember>& members) {
  members.clear();
  Scanner scanner(text);
  return scanner.Object(1, &members) && scanner.AtEnd();
}

}  // namespace outpost
