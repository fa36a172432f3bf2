#include "scenarios/names.h"

#include "rules/derived_id.h"
#include "rules/rule.h"

namespace outpost::scenarios {
namespace {

constexpr std::size_t kLineIdLength = 10;

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

std::string Derived(const std::string& command, const std::string& role) {
  if (role.starts_with("line/")) return rules::DerivedCode(CommandId(command), role, kLineIdLength);
  return rules::DerivedId(CommandId(command), role).value;
}

std::size_t EndOf(std::string_view text, std::size_t from, bool slash) {
  while (from < text.size() && (IsNameCharacter(text[from]) || (slash && text[from] == '/'))) ++from;
  return from;
}

}  // namespace

std::string_view Names::Find(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::string_view() : std::string_view(found->second);
}

std::string Names::Fill(std::string_view text) const {
  std::string filled;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text[at] == '$' ? EndOf(text, at + 1, false) : at;
    const auto found = end > at + 1 ? values_.find(text.substr(at + 1, end - at - 1)) : values_.end();
    if (found == values_.end()) {
      filled += text[at++];
      continue;
    }
    if (end < text.size() && text[end] == ':') {
      const std::size_t role_end = EndOf(text, end + 1, true);
      filled += Derived(found->second, std::string(text.substr(end + 1, role_end - end - 1)));
      at = role_end;
    } else {
      filled += found->second;
      at = end;
    }
  }
  return filled;
}

json::value Names::Fill(const json::value& value) const {
  if (value.is_string()) return json::value(Fill(std::string_view(value.get_string())));
  if (value.is_array()) {
    json::array filled;
    for (const json::value& element : value.get_array()) filled.push_back(Fill(element));
    return filled;
  }
  if (!value.is_object()) return value;
  json::object filled;
  for (const auto& member : value.get_object()) filled[Fill(std::string_view(member.key()))] = Fill(member.value());
  return filled;
}

std::string Mismatch(const json::value& expected, const json::value& actual, const std::string& where) {
  const auto differs = [&] { return where + " must be " + ToJson(expected) + ", it is " + ToJson(actual); };
  if (expected.is_object()) {
    if (!actual.is_object()) return differs();
    for (const auto& member : expected.get_object()) {
      const json::value* found = Find(actual.get_object(), member.key());
      const json::value nothing;
      std::string what = Mismatch(member.value(), found ? *found : nothing, where + "." + std::string(member.key()));
      if (!what.empty()) return what;
    }
    return {};
  }
  if (expected.is_array()) {
    if (!actual.is_array() || actual.get_array().size() != expected.get_array().size()) return differs();
    for (std::size_t i = 0; i < expected.get_array().size(); ++i) {
      std::string what =
          Mismatch(expected.get_array()[i], actual.get_array()[i], where + "[" + std::to_string(i) + "]");
      if (!what.empty()) return what;
    }
    return {};
  }
  return CanonicalJson(expected) == CanonicalJson(actual) ? std::string() : differs();
}

}  // namespace outpost::scenarios
