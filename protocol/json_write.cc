#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <vector>

#include "protocol/json.h"

namespace outpost {
namespace {

constexpr std::size_t kMembersInline = 32;  // objects up to here are sorted without an allocation
constexpr char kHexDigits[] = "0123456789abcdef";

// A bit pattern with the high bit set in each of eight bytes that JSON escapes: below 0x20, '"' or '\'.
std::uint64_t EscapedBytes(std::uint64_t bytes) {
  constexpr std::uint64_t kOnes = 0x0101010101010101u;
  constexpr std::uint64_t kHigh = 0x8080808080808080u;
  const std::uint64_t quote = bytes ^ (kOnes * '"');
  const std::uint64_t backslash = bytes ^ (kOnes * '\\');
  return (((bytes - kOnes * 0x20) & ~bytes) | ((quote - kOnes) & ~quote) | ((backslash - kOnes) & ~backslash)) & kHigh;
}

bool IsEscaped(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

// Length of the prefix that needs no escape.
std::size_t PlainPrefix(std::string_view text) {
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t bytes;
    std::memcpy(&bytes, text.data() + at, 8);
    if (EscapedBytes(bytes) != 0) break;
  }
  while (at < text.size() && !IsEscaped(text[at])) ++at;
  return at;
}

void AppendEscape(std::string& out, char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\r':
      out += "\\r";
      return;
    default:
      out += "\\u00";
      out.push_back(kHexDigits[static_cast<unsigned char>(c) >> 4]);
      out.push_back(kHexDigits[c & 15]);
  }
}

template <class Integer>
void AppendInteger(std::string& out, Integer number) {
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

struct Decimal {
  std::string_view digits;  // without leading or trailing zeros
  int point = 0;            // value = 0.digits × 10^point
};

// The shortest digits that read back as the same number. No standard library that we build with everywhere has
// floating to_chars; the JSON library's serializer writes exactly those digits, as [-]d[.ddd]E[-]x.
Decimal ShortestDecimal(double positive, std::array<char, 40>& buffer) {
  const json::value value(positive);
  json::serializer serializer;
  serializer.reset(&value);
  const json::string_view text = serializer.read(buffer.data(), buffer.size());
  const std::size_t exponent_at = text.find('E');
  OUTPOST_ASSERT(exponent_at != json::string_view::npos);
  int exponent = 0;
  std::from_chars(text.data() + exponent_at + 1, text.data() + text.size(), exponent);
  std::size_t length = 1;
  if (exponent_at > 2) {  // close the gap of the point
    std::memmove(buffer.data() + 1, buffer.data() + 2, exponent_at - 2);
    length = exponent_at - 1;
  }
  while (length > 1 && buffer[length - 1] == '0') --length;
  return {std::string_view(buffer.data(), length), exponent + 1};
}

void AppendExponent(std::string& out, const Decimal& decimal) {
  out.push_back(decimal.digits[0]);
  if (decimal.digits.size() > 1) {
    out.push_back('.');
    out += decimal.digits.substr(1);
  }
  out.push_back('e');
  out.push_back(decimal.point > 0 ? '+' : '-');
  AppendInteger(out, std::abs(decimal.point - 1));
}

// ECMAScript's Number::toString, radix 10.
void AppendDouble(std::string& out, double number) {
  OUTPOST_ASSERT(std::isfinite(number));  // no parser of ours lets one in
  if (number == 0) {
    out.push_back('0');
    return;
  }
  if (number < 0) {
    out.push_back('-');
    number = -number;
  }
  if (number <= static_cast<double>(kIntegerMax) && number == std::floor(number)) {
    return AppendInteger(out, static_cast<std::int64_t>(number));
  }
  std::array<char, 40> buffer;
  const Decimal decimal = ShortestDecimal(number, buffer);
  const auto size = static_cast<int>(decimal.digits.size());
  if (decimal.point > 21 || decimal.point < -5) return AppendExponent(out, decimal);
  if (decimal.point <= 0) {
    out += "0.";
    out.append(static_cast<std::size_t>(-decimal.point), '0');
    out += decimal.digits;
  } else if (decimal.point >= size) {
    out += decimal.digits;
    out.append(static_cast<std::size_t>(decimal.point - size), '0');
  } else {
    out += decimal.digits.substr(0, static_cast<std::size_t>(decimal.point));
    out.push_back('.');
    out += decimal.digits.substr(static_cast<std::size_t>(decimal.point));
  }
}

// Whether `a` comes before `b` in UTF-16 code units. UTF-8 bytes have that order too, but for one case: what UTF-16
// writes as surrogate pairs (lead bytes from 0xF0) comes before U+E000–U+FFFF (lead bytes 0xEE and 0xEF).
bool Utf16Less(std::string_view a, std::string_view b) {
  const std::size_t common = std::min(a.size(), b.size());
  for (std::size_t i = 0; i < common; ++i) {
    const auto left = static_cast<unsigned char>(a[i]);
    const auto right = static_cast<unsigned char>(b[i]);
    if (left == right) continue;
    if (left >= 0xEE && right >= 0xEE && (left >= 0xF0) != (right >= 0xF0)) return left >= 0xF0;
    return left < right;
  }
  return a.size() < b.size();
}

using Member = const json::key_value_pair*;

void AppendMembers(std::string& out, Member* members, std::size_t count);
void AppendAsIs(std::string& out, const json::object& object);

void AppendSorted(std::string& out, const json::object& object) {
  std::array<Member, kMembersInline> inline_members;
  std::vector<Member> heap_members;
  Member* members = inline_members.data();
  if (object.size() > kMembersInline) {
    heap_members.resize(object.size());
    members = heap_members.data();
  }
  std::size_t count = 0;
  for (const json::key_value_pair& member : object) members[count++] = &member;
  const auto less = [](Member a, Member b) { return Utf16Less(a->key(), b->key()); };
  if (!std::is_sorted(members, members + count, less)) std::sort(members, members + count, less);
  AppendMembers(out, members, count);
}

enum class KeyOrder { kSorted, kAsIs };

template <KeyOrder kOrder>
void AppendValue(std::string& out, const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      out += "null";
      return;
    case json::kind::bool_:
      out += value.get_bool() ? "true" : "false";
      return;
    case json::kind::int64:
      return AppendInteger(out, value.get_int64());
    case json::kind::uint64:
      return AppendInteger(out, value.get_uint64());
    case json::kind::double_:
      return AppendDouble(out, value.get_double());
    case json::kind::string:
      return AppendJsonString(out, {value.get_string().data(), value.get_string().size()});
    case json::kind::array: {
      char separator = '[';
      for (const json::value& element : value.get_array()) {
        out.push_back(separator);
        separator = ',';
        AppendValue<kOrder>(out, element);
      }
      out += separator == '[' ? "[]" : "]";
      return;
    }
    case json::kind::object:
      if (kOrder == KeyOrder::kSorted) return AppendSorted(out, value.get_object());
      return AppendAsIs(out, value.get_object());
  }
}

void AppendAsIs(std::string& out, const json::object& object) {
  char separator = '{';
  for (const json::key_value_pair& member : object) {
    out.push_back(separator);
    separator = ',';
    AppendJsonString(out, member.key());
    out.push_back(':');
    AppendValue<KeyOrder::kAsIs>(out, member.value());
  }
  out += separator == '{' ? "{}" : "}";
}

void AppendMembers(std::string& out, Member* members, std::size_t count) {
  out.push_back('{');
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) out.push_back(',');
    AppendJsonString(out, members[i]->key());
    out.push_back(':');
    AppendValue<KeyOrder::kSorted>(out, members[i]->value());
  }
  out.push_back('}');
}

}  // namespace

void AppendJsonString(std::string& out, std::string_view text) {
  out.push_back('"');
  for (;;) {
    const std::size_t plain = PlainPrefix(text);
    out.append(text.data(), plain);
    if (plain == text.size()) break;
    AppendEscape(out, text[plain]);
    text.remove_prefix(plain + 1);
  }
  out.push_back('"');
}

void AppendCanonicalJson(std::string& out, const json::value& value) { AppendValue<KeyOrder::kSorted>(out, value); }

void AppendCanonicalJson(std::string& out, const json::object& object) { AppendSorted(out, object); }

std::string CanonicalJson(const json::value& value) {
  std::string out;
  AppendCanonicalJson(out, value);
  return out;
}

void AppendJson(std::string& out, const json::value& value) { AppendValue<KeyOrder::kAsIs>(out, value); }

std::string ToJson(const json::value& value) {
  std::string out;
  AppendJson(out, value);
  return out;
}

std::string ToJson(const json::object& object) {
  std::string out;
  AppendAsIs(out, object);
  return out;
}

}  // namespace outpost
